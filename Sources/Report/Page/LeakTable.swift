import Policy
import PolicyFiles
import Text

/// The leaks as a table: what, where to, whose, when, and behind a click why it matters.
struct LeakTable {
  /// Leaks shown; the rest is counted.
  private static let shown = 500

  let summary: SummaryDocument
  private let explanations: [String: RuleDocument]

  init(_ summary: SummaryDocument) {
    self.summary = summary
    explanations = Dictionary(RuleDocument.all(.shipped).map { ($0.id, $0) }) { first, _ in first }
  }

  /// Of a leak's rule, or of its reason where none is known.
  func explanation(_ leak: SummaryDocument.LeakEntry) -> RuleDocument? {
    leak.rule.flatMap { explanations[$0] } ?? explanations[leak.reason]
  }

  var html: String {
    let leaks = summary.toldLeaks
    guard !leaks.isEmpty else { return "<p>None.</p>" }
    let columns = [
      ("severity", ""), ("what", ""), ("to", ""), ("whose", ""), ("names", ""), ("when", ""),
      ("tunnel", ""), (unit, "number"),
    ]
    let heads = columns.map { name, kind in
      "<th scope=\"col\"\(kind.isEmpty ? "" : " class=\"\(kind)\"")><button type=\"button\">\(name)</button></th>"
    }
    var html = "<table class=\"sortable cards\">\n<thead><tr>\(heads.joined())</tr></thead>\n<tbody>\n"
    for leak in leaks.prefix(Self.shown) { html += row(leak) }
    html += "</tbody>\n</table>\n"
    let rest = leaks.dropFirst(Self.shown)
    if !rest.isEmpty {
      html +=
        "<p class=\"quiet\">and \(Formatting.count(rest.count, "more leak")), "
        + "\(summary.amount(rest).text); the JSON summary lists all.</p>\n"
    }
    return html
  }

  private var unit: String { summary.leakPackets == nil ? "frames" : "packets" }

  private func row(_ leak: SummaryDocument.LeakEntry) -> String {
    let names = leak.questions + leak.details.map(\.sentence)
    let note = leak.isApart ? "apart: fails nothing" : summary.isOnlyTold(leak) ? "told, not counted against you" : ""
    let level = Markup.escaped(leak.severity)
    var what = "<strong>\(Markup.escaped(leak.reason))</strong> \(Markup.escaped(leak.title))"
    if let explanation = explanation(leak) {
      what +=
        "<details><summary>Why it matters</summary><p>\(Markup.escaped(explanation.why))</p>"
        + "<p class=\"quiet\">\(Markup.escaped(explanation.reference))</p></details>"
    }
    if !note.isEmpty { what += "<div class=\"quiet\">\(note)</div>" }
    var whose = leak.whose.map(Markup.escaped) ?? ""
    if !leak.sources.isEmpty {
      whose +=
        "<div class=\"quiet\">from \(Markup.escaped(leak.sources.joined(separator: ", "))) on "
        + "\(Markup.escaped(leak.interface))"
        + (leak.sourcesOnNIC.map { "; on the NIC as \(Markup.escaped($0.joined(separator: ", ")))" } ?? "") + "</div>"
    }
    let cells: [(String, String, String?)] = [
      (
        "severity", "<span class=\"severity severity-\(level)\">\(level)</span>",
        String(Severity.allCases.firstIndex(of: leak.level) ?? 0)
      ),
      ("what", what, leak.reason), ("to", Markup.name(leak.target), leak.target), ("whose", whose, leak.origin ?? ""),
      (
        "names",
        leak.naming(names.map(Markup.name), of: ["questions", "details"]),
        names.first ?? ""
      ),
      ("when", time(leak.first) + (leak.last == leak.first ? "" : "<br>to " + time(leak.last)), leak.first),
      ("tunnel", Markup.escaped(phase(leak)), nil),
      (unit, Formatting.number(leak.packets ?? leak.frames), String(leak.packets ?? leak.frames)),
    ]
    let written = cells.map { label, content, value in
      let number = label == unit ? " class=\"number\"" : ""
      let sorted = value.map { " data-value=\"\(Markup.escaped($0))\"" } ?? ""
      return "<td data-label=\"\(label)\"\(number)\(sorted)>\(content.isEmpty ? "" : "<div>\(content)</div>")</td>"
    }
    return "<tr>\(written.joined())</tr>\n"
  }

  private func time(_ text: String) -> String {
    "<time datetime=\"\(Markup.escaped(text))\">\(Markup.escaped(String(text.prefix(23)).replacing("T", with: " ")))</time>"
  }

  /// In which of the summary's windows it began.
  private func phase(_ leak: SummaryDocument.LeakEntry) -> String {
    let windows = summary.namedWindows.filter { _, window in
      guard let first = window.first, let last = window.last else { return false }
      return first <= leak.first && leak.first <= last
    }
    return windows.map(\.name).joined(separator: ", or ")
  }
}
