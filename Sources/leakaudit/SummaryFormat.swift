import ArgumentParser
import Audit
import Report
import Summaries
import Text

/// How a summary is written to standard output.
enum SummaryFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, ndjson, html, markdown, junit, csv, prometheus

  /// Whether a person is to read it who may cite it.
  var isDocument: Bool { self == .html || self == .markdown }

  /// Redacted where a redactor is given.
  func text(_ summary: AuditSummary, _ redactor: Redactor? = nil, captures: [String] = []) throws -> String {
    var plain = Summary(summary)
    if isDocument { plain.captures = CaptureHash.of(captures) }
    return try text([("audit", redactor?.summary(plain) ?? plain)])
  }

  /// Of several scenarios, which JUnit's format tells apart and the others see as one. Throws where they cannot be
  /// merged.
  func text(_ scenarios: [(name: String, summary: Summary)]) throws -> String {
    if self == .junit { return JUnitReport.text(scenarios) }
    let summary = try Summary.merged(scenarios.map(\.summary))
    switch self {
    case .text, .junit: return TextSummary.text(summary, StandardOutput.layout)
    case .json: return try JSON.pretty(summary)
    case .ndjson: return try summary.leakLines() + JSON.line(summary)
    case .html: return HTMLReport.text(summary, version: LeakAudit.configuration.version)
    case .prometheus: return PrometheusReport.text(summary, version: LeakAudit.configuration.version)
    case .markdown: return MarkdownReport.text(summary, version: LeakAudit.configuration.version)
    case .csv: return CSVReport.text(summary)
    }
  }
}
