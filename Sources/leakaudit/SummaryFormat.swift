import ArgumentParser
import Audit
import Report
import Summaries
import Text
import Wire

/// How a summary is written to standard output.
enum SummaryFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, ndjson, html, markdown, junit, csv, prometheus, ecs

  /// Whether it is a document that people read and cite.
  var isDocument: Bool { self == .html || self == .markdown }

  /// Redacted if a redactor is given. `evidence` is a file that was written before, redacted in the same way.
  func text(
    _ summary: AuditSummary, _ redactor: Redactor? = nil, captures: [String] = [], evidence: String? = nil
  ) throws -> String {
    var plain = Summary(summary)
    if isDocument { plain.captures = CaptureHash.of(captures) }
    let shown = redactor?.summary(plain) ?? plain
    let frames = try self == .html ? evidence.map { try EvidenceReading.frames([$0], of: [shown]) } : nil
    return try text([("audit", shown)], frames: frames)
  }

  /// Several scenarios: JUnit lists them one by one, all other formats merge them. Throws if they cannot be merged.
  func text(_ scenarios: [(name: String, summary: Summary)], frames: LeakFrames? = nil) throws -> String {
    if self == .junit { return JUnitReport.text(scenarios) }
    let summary = try Summary.merged(scenarios.map(\.summary))
    switch self {
    case .text, .junit: return TextSummary.text(summary, StandardOutput.layout)
    case .json: return try JSON.pretty(summary)
    case .ndjson: return try summary.leakLines() + JSON.line(summary)
    case .html: return HTMLReport.text(summary, version: ProgramVersion.number, frames: frames)
    case .prometheus: return PrometheusReport.text(summary, version: ProgramVersion.number)
    case .markdown: return MarkdownReport.text(summary, version: ProgramVersion.number)
    case .csv: return CSVReport.text(summary)
    case .ecs: return try ECSReport.text(summary, version: LeakAudit.configuration.version, now: .now)
    }
  }
}
