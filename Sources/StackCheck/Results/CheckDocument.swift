package import Policy
import TextFiles

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

  package init(_ shown: ShownReport, failOn: Severity) {
    let report = shown.report
    conclusion = report.fails(failOn) ? "faults" : report.isComplete ? "clean" : "incomplete"
    self.failOn = failOn.rawValue
    findings = report.findings.map { finding in
      Finding(
        id: finding.fault.id, severity: finding.severity.rawValue, title: finding.fault.title,
        file: finding.place.file, line: finding.place.line, message: finding.message,
        consequence: finding.fault.consequence, mending: finding.fix, reference: finding.fault.reference)
    }
    notUnderstood = report.skipped.map {
      Passed(file: $0.place.file, line: $0.place.line, text: $0.text, reason: $0.reason)
    }
    unread = report.unread.map(\.description)
    problems = report.problems.map(\.description)
    files = report.files
  }
}

extension StackReport {
  /// Whether there is a finding at or above the limit.
  package func fails(_ limit: Severity) -> Bool { findings.contains { $0.severity >= limit } }

  /// Whether everything that belongs to the stack was read and understood. What was not may open the kill switch.
  package var isComplete: Bool { unread.isEmpty && skipped.isEmpty }
}
