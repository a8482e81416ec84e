package import Policy
import PolicyFiles
import Text

/// What a static audit found, for programs: `"schema": "leakaudit.check/1"`.
package struct CheckDocument: Codable, Equatable, Sendable {
  struct Finding: Codable, Equatable, Sendable {
    var id, severity, title, file: String
    var line: Int?
    var message, consequence, mending, reference: String
  }
  struct Passed: Codable, Equatable, Sendable {
    var file: String
    var line: Int?
    var text, reason: String
  }

  var schema = "leakaudit.check/1"
  /// `faults` if a finding is at or above the limit; `incomplete` if none is, but a file of the stack could not be read
  /// or a line was not understood; else `clean`.
  var conclusion: String
  var failOn: String
  var findings: [Finding]
  /// Lines whose effect is not in the findings.
  var notUnderstood: [Passed]
  var unread: [String]
  var problems: [String]
  var files: [String]

  package init(_ report: StackReport, failOn: Severity) {
    conclusion = report.fails(failOn) ? "faults" : report.isComplete ? "clean" : "incomplete"
    self.failOn = failOn.rawValue
    findings = report.findings.map { finding in
      Finding(
        id: finding.fault.id, severity: finding.severity.rawValue, title: finding.fault.title,
        file: finding.place.file, line: finding.place.line, message: finding.message,
        consequence: finding.fault.consequence, mending: finding.mending, reference: finding.fault.reference)
    }
    notUnderstood = report.passedOver.map {
      Passed(file: $0.place.file, line: $0.place.line, text: $0.text, reason: $0.reason)
    }
    unread = report.unread.map(\.description)
    problems = report.problems.map(\.description)
    files = report.files
  }

  /// The text for people: the conclusion first, then every finding with its place as compilers write it.
  package var text: String {
    var text = headline + "\n"
    for problem in unread { text += "  \(Formatting.safe(problem))\n" }
    var told: Set<String> = []
    for finding in findings {
      text += "\n\(place(finding.file, finding.line)): \(finding.severity): \(finding.title) [\(finding.id)]\n"
      text += paragraph("", finding.message)
      let isNew = told.insert(finding.id).inserted
      if isNew { text += paragraph("On the wire: ", finding.consequence) }
      let isOtherMending = told.insert(finding.mending).inserted
      if isNew || isOtherMending { text += paragraph("Fix: ", finding.mending) }
      if isNew { text += paragraph("See: ", finding.reference) }
    }
    if !notUnderstood.isEmpty { text += "\nNot understood\n" }
    for line in notUnderstood {
      text += "  \(place(line.file, line.line)): \(Formatting.safe(line.text))\n      \(Formatting.safe(line.reason))\n"
    }
    if !problems.isEmpty { text += "\nBeside that\n" }
    for problem in problems { text += "  \(Formatting.safe(problem))\n" }
    if !files.isEmpty { text += "\nRead: \(files.map { Formatting.safe($0) }.joined(separator: ", "))\n" }
    return text
  }

  private var headline: String {
    let word =
      switch conclusion {
      case "clean": findings.isEmpty ? "CLEAN" : "CLEAN at \(failOn) and above"
      case "incomplete": "INCOMPLETE"
      default: "FAULTS"
      }
    let counts = Severity.allCases.reversed().compactMap { severity -> String? in
      let count = findings.count { $0.severity == severity.rawValue }
      return count == 0 ? nil : "\(count) \(severity.rawValue)"
    }
    var line =
      findings.isEmpty
      ? "\(word): no known fault in the \(Formatting.count(files.count, "file")) that were read"
      : "\(word): \(Formatting.count(findings.count, "finding")) (\(counts.joined(separator: ", ")))"
    line += unread.isEmpty ? "." : ", but not all of the stack could be read:"
    guard !notUnderstood.isEmpty else { return line }
    return line
      + " \(Formatting.count(notUnderstood.count, "line")) not understood, listed below: what they do is not in this result."
  }

  private func place(_ file: String, _ line: Int?) -> String {
    Formatting.safe(line.map { "\(file):\($0)" } ?? file)
  }

  /// Indented, and broken into lines that fit a terminal.
  private func paragraph(_ label: String, _ text: String) -> String {
    var lines: [String] = []
    var line = label
    for word in Formatting.safe(text).split(separator: " ") {
      if !line.isEmpty, line.count + word.count > 110 {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty || line.hasSuffix(" ") ? "" : " ") + word
    }
    lines.append(line)
    return lines.map { "    \($0)\n" }.joined()
  }
}

extension StackReport {
  /// Whether there is a finding at or above the limit.
  package func fails(_ limit: Severity) -> Bool { findings.contains { $0.severity >= limit } }

  /// Whether everything that belongs to the stack was read and understood. What was not may open the kill switch.
  package var isComplete: Bool { unread.isEmpty && passedOver.isEmpty }
}
