import ArgumentParser
import Audit
import Report

/// How a summary is written to standard output.
enum SummaryFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json, ndjson

  func text(_ summary: AuditSummary) throws -> String {
    switch self {
    case .text:
      let text = TextSummary.text(summary)
      return StandardOutput.takesColour ? Self.coloured(text, summary.conclusion) : text
    case .json: return try JSON.pretty(SummaryDocument(summary))
    case .ndjson:
      let document = SummaryDocument(summary)
      return try document.leakLines() + JSON.line(document)
    }
  }

  /// The conclusion's own word in colour: green, red or yellow, as test runners have it.
  private static func coloured(_ text: String, _ conclusion: AuditSummary.Conclusion) -> String {
    let word = text.prefix(while: \.isLetter)
    let code =
      switch conclusion {
      case .clean: 32
      case .leaks: 31
      case .incomplete: 33
      }
    return "\u{1B}[1;\(code)m\(word)\u{1B}[0m" + text.dropFirst(word.count)
  }
}
