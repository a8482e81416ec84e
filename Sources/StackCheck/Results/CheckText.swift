package import Policy
package import Text
import TextFiles

/// What a static audit found, for people: the conclusion first, then every finding with its place as compilers write it.
package struct CheckText {
  private let document: CheckDocument
  private let lines: SourceLines
  private var page: TextPage

  /// Findings at or above `failOn` fail the check.
  package static func text(_ shown: ShownReport, failOn: Severity, _ layout: TextLayout) -> String {
    var text = Self(
      document: CheckDocument(shown, failOn: failOn), lines: shown.lines, page: TextPage(layout))
    text.page.paragraph(layout.concluding(text.headline), rest: "  ")
    for problem in text.document.unread { text.page.paragraph(Formatting.safe(problem), first: "  ", rest: "    ") }
    text.writeFindings()
    text.writeNotUnderstood()
    if !text.document.problems.isEmpty { text.page.heading("Beside that") }
    for problem in text.document.problems { text.page.paragraph(Formatting.safe(problem), first: "  ", rest: "    ") }
    let files = text.document.files.map { Formatting.safe($0) }
    if !files.isEmpty {
      text.page.line()
      text.page.paragraph("Read: " + files.joined(separator: ", "), rest: "  ")
    }
    return text.page.text
  }

  private var headline: String {
    let findings = document.findings
    let word =
      switch document.conclusion {
      case "clean": findings.isEmpty ? "CLEAN" : "CLEAN at \(document.failOn) and above"
      case "incomplete": "INCOMPLETE"
      default: "FAULTS"
      }
    let counts = Severity.allCases.reversed().compactMap { severity -> String? in
      let count = findings.count { $0.severity == severity.rawValue }
      return count == 0 ? nil : "\(count) \(severity.rawValue)"
    }
    var line =
      findings.isEmpty
      ? "\(word): no known fault in the \(Formatting.count(document.files.count, "file")) that were read"
      : "\(word): \(Formatting.count(findings.count, "finding")) (\(counts.joined(separator: ", ")))"
    line += document.unread.isEmpty ? "." : ", but not all of the stack could be read:"
    let count = document.notUnderstood.count
    guard count > 0 else { return line }
    return line
      + " \(Formatting.count(count, "line")) not understood, listed below: what \(count == 1 ? "it does" : "they do") is not in this result."
  }

  private mutating func writeFindings() {
    var told: Set<String> = []
    for finding in document.findings {
      page.line()
      let place = SourcePlace(finding.file, line: finding.line)
      let style = Self.style(finding.severity)
      let excerpt = lines[place].flatMap { line in
        finding.line.flatMap { SourceExcerpt(line, number: $0, message: finding.message) }
      }
      let column = excerpt.map { ":\($0.meant.lowerBound + 1)" } ?? ""
      page.paragraph(
        "\(bold("\(place)\(column):")) \(page.layout.styled(finding.severity + ":", style)) \(finding.title) [\(finding.id)]",
        rest: "  ")
      excerpt?.write(to: &page, style)
      write(finding.message)
      let isNew = told.insert(finding.id).inserted
      if isNew { write("On the wire: \(finding.consequence)") }
      let isOtherFix = told.insert(finding.mending).inserted
      if isNew || isOtherFix { write("Fix: \(finding.mending)") }
      if isNew { write("See: \(finding.reference)") }
    }
  }

  private mutating func writeNotUnderstood() {
    guard !document.notUnderstood.isEmpty else { return }
    page.heading("Not understood")
    for line in document.notUnderstood {
      let place = SourcePlace(line.file, line: line.line)
      page.paragraph("\(bold("\(place):")) \(Formatting.safe(line.text))", first: "  ", rest: "    ")
      page.paragraph(Formatting.safe(line.reason), first: "      ", rest: "      ")
    }
  }

  private mutating func write(_ words: String) { page.paragraph(Formatting.safe(words), first: "    ", rest: "    ") }

  private func bold(_ text: String) -> String { page.layout.styled(Formatting.safe(text), .bold) }

  private static func style(_ severity: String) -> TextStyle {
    switch Severity(rawValue: severity) {
    case .critical?, .high?, nil: .red
    case .medium?: .yellow
    case .low?, .info?: .cyan
    }
  }
}
