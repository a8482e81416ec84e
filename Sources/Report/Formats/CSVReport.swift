import Audit
import Policy
package import Summaries
import Text

/// The leaks as comma-separated values (RFC 4180): a heading, then one line for each leak.
package enum CSVReport {
  package static func text(_ summary: Summary) -> String {
    let header = [
      "severity", "reason", "title", "fails", "interface", "origin", "fate", "rule", "family", "protocol",
      "destination",
      "port", "sources", "questions", "details", "frames", "bytes", "first", "last", "packets", "firstFrame",
    ]
    return ([header] + summary.leaks.map { row($0, summary) }).map { $0.map(cell).joined(separator: ",") + "\r\n" }
      .joined()
  }

  private static func row(_ leak: Summary.LeakEntry, _ summary: Summary) -> [String] {
    [
      leak.severity.rawValue, leak.reason.rawValue, leak.title, summary.isFailing(leak) ? "yes" : "no", leak.interface,
      leak.origin?.coded ?? "", leak.fate?.rawValue ?? "", leak.rule ?? "", leak.family?.rawValue ?? "",
      leak.protocol?.coded ?? "", leak.destination?.coded ?? "", leak.port.map(String.init) ?? "",
      list(leak.sources.map(\.coded), .sources, leak), list(leak.questions.map(\.coded), .questions, leak),
      list(leak.details.map(\.sentence), .details, leak), String(leak.frames), String(leak.bytes), leak.first.coded,
      leak.last.coded, leak.packets.map(String.init) ?? "", leak.firstFrame.map(String.init) ?? "",
    ]
  }

  private static func list(_ values: [String], _ name: Summary.Names, _ leak: Summary.LeakEntry) -> String {
    (values + (leak.abridged.contains(name) ? [values.isEmpty ? "what was not captured" : "and others"] : [])).joined(
      separator: "; ")
  }

  /// Quotes where needed. A spreadsheet would run text that begins like a formula; an apostrophe makes it plain text
  /// (OWASP, CSV Injection).
  private static func cell(_ text: String) -> String {
    var text = Formatting.safe(text)
    if let first = text.first, "=+-@".contains(first) { text = "'" + text }
    guard text.contains(where: { "\",;".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
