import Audit
import Policy
import PolicyFiles
import Summaries
import Text

/// The leaks as a table: what, where to, whose, when, and, on a click, why it matters.
struct LeakTable {
  /// Rows shown before a click; report.css has the same number.
  private static let first = 50
  /// The most leaks shown; the rest are counted.
  private static let shown = 500

  let summary: Summary
  private let frames: LeakFrames?
  private let explanations: [String: RuleDocument]

  init(_ summary: Summary, frames: LeakFrames? = nil) {
    self.summary = summary
    self.frames = frames
    explanations = Dictionary(RuleDocument.all(.shipped).map { ($0.id, $0) }) { first, _ in first }
  }

  /// The explanation of a leak's rule, or of its reason if no rule is known.
  func explanation(_ leak: Summary.LeakEntry) -> RuleDocument? {
    leak.rule.flatMap { explanations[$0] } ?? explanations[leak.reason.rawValue]
  }

  /// The leaks that are judged.
  var html: String {
    let leaks = summary.countedLeaks.filter { !$0.isApart }
    guard !leaks.isEmpty else { return "<p>None.</p>" }
    let amount = summary.amount(leaks)
    return "<p class=\"total quiet\">\(Self.count(leaks.count)), \(amount.text).</p>\n"
      + table(leaks, isSortable: true)
  }

  var apart: String {
    let leaks = summary.apartEntries
    return
      "<p class=\"total quiet\">\(Self.count(leaks.count)), \(summary.amount(leaks).text). It left outside the VPN, and is no leak of "
      + "\(summary.scope == .host ? "the host" : "the containers"): it does not fail the audit.</p>\n"
      + table(leaks, isSortable: false)
  }

  /// Hidden until the script shows them. The columns of `group` are those of `LeakRow`.
  private static let tools = """
    <p class="tools"><label for="filter">Filter</label> <input type="search" id="filter" autocomplete="off" spellcheck="false"> \
    <label for="group">Group by</label> <select id="group"><option value="">nothing</option><option value="3">whose</option>\
    <option value="1">reason</option><option value="2">where to</option></select> <output id="matches" for="filter group"></output></p>

    """

  private static func count(_ rows: Int) -> String { Formatting.count(rows, "row") }

  /// All rows are in one table, so that sorting covers them all. The style hides those after the first ones until the
  /// box is checked.
  private func table(_ leaks: [Summary.LeakEntry], isSortable: Bool) -> String {
    let row = LeakRow(summary)
    let (told, hidden) = (leaks.prefix(Self.shown), leaks.dropFirst(Self.shown))
    let heads = row.columns.map { name in
      "<th scope=\"col\"\(name == row.unit ? " class=\"number\"" : "")>"
        + (isSortable ? "<button type=\"button\">\(name)</button>" : name) + "</th>"
    }
    var html = isSortable && told.count > 1 ? Self.tools : ""
    if told.count > Self.first {
      let id = isSortable ? "all-leaks" : "all-not-judged"
      html +=
        "<input type=\"checkbox\" class=\"all\" id=\"\(id)\"><label for=\"\(id)\"> Show all \(told.count) rows; the first "
        + "\(Self.first) are shown</label>\n"
    }
    html +=
      "<table class=\"\(isSortable ? "sortable cards" : "cards apart")\">\n<thead><tr>\(heads.joined())</tr></thead>\n<tbody>\n"
      + told.map { row.html($0, explanation($0), frames?.frame(of: $0)) }.joined() + "</tbody>\n</table>\n"
    if !hidden.isEmpty {
      html +=
        "<p class=\"quiet\">and \(Formatting.count(hidden.count, "more row")), \(summary.amount(hidden).text), on no page; "
        + "the JSON summary lists all.</p>\n"
    }
    return html
  }
}
