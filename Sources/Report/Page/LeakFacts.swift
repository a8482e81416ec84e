import Audit
import Summaries
import Text

/// What left, whose it was, when, why, and what it gives away: what somebody who was not there can read in ten seconds.
struct LeakFacts {
  private static let shown = 4

  let summary: Summary
  let table: LeakTable

  init(_ summary: Summary, _ table: LeakTable) {
    self.summary = summary
    self.table = table
  }

  var html: String {
    let failing = summary.failingEntries
    guard let worst = failing.first else { return "" }
    let names = failing.flatMap(\.names)
    let owners = failing.map { $0.senders.joined(separator: ", ") }
    let rows = [
      row("What", failing.map(\.title)), row("Names", names, Markup.name), row("Whose", owners),
      row("When", windows) { $0 },
      row("Why", causes), row("Gives away", [table.explanation(worst)?.why].compactMap(\.self)),
    ]
    return "<dl id=\"facts\">\(rows.joined())</dl>\n"
  }

  private func row(_ name: String, _ texts: [String], _ form: (String) -> String = Markup.escaped) -> String {
    var seen: Set<String> = []
    let different = texts.filter { !$0.isEmpty && seen.insert($0).inserted }
    guard !different.isEmpty else { return "" }
    let more = different.count > Self.shown ? "; and \(different.count - Self.shown) more" : ""
    return "<dt>\(name)</dt><dd>\(different.prefix(Self.shown).map(form).joined(separator: "; "))\(more)</dd>"
  }

  /// Whether the window holds leaks that fail the audit. Other windows hold only leaks that are not judged.
  private func fails(_ window: Summary.Window) -> Bool {
    guard let first = window.first, let last = window.last else { return false }
    return summary.leaks.contains { summary.isFailing($0) && $0.first <= last && first <= $0.last }
  }

  /// Without numbers if the windows also count leaks that are not judged.
  private var windows: [String] {
    let named = summary.namedWindows
    let isWhole = summary.leaks.allSatisfy(summary.isFailing)
    return named.filter { fails($0.window) }.map { name, window in
      let amount =
        !isWhole ? "" : ": \(summary.amount(of: window).text)"
      return Markup.escaped(name + amount) + ", over \(Formatting.duration(nanoseconds: window.nanoseconds))"
        + (window.first.map { " from \(PageTime.second($0))" } ?? "")
    }
  }

  /// What the tunnel's packets show about the cause, and what is wrong in the files.
  private var causes: [String] {
    let windows = summary.leakWindows
    var causes: [String] = []
    if fails(windows.beforeHandshake) {
      let isUp = summary.tunnelStates.contains { $0.firstHandshake != nil }
      causes.append(
        isUp
          ? "the tunnel was not up yet, and nothing stopped what was sent before it"
          : "the tunnel never came up, and nothing stopped what was sent without it")
    }
    if fails(windows.whileUp) {
      causes.append(
        "the tunnel's session went on before and after: a route, a rule or a socket led around it, or its interface was down "
          + "for a moment")
    }
    if let window = windows.beforeNewHandshake, fails(window) {
      causes.append(
        "a new handshake followed: the tunnel may have been down, and nothing stopped what was sent meanwhile")
    }
    if fails(windows.afterLast) {
      causes.append("the tunnel had sent its last packet, and nothing stopped what was sent after it")
    }
    return causes + summary.notices.filter { $0.kind == .policyProblem }.map(\.text)
  }
}
