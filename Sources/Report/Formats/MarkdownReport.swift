import Audit
import Policy
package import Summaries
import Text

/// A summary for a ticket: GitHub Flavored Markdown.
package enum MarkdownReport {
  /// The number of leaks shown; the rest is counted.
  private static let shown = 50

  package static func text(_ summary: Summary, version: String) -> String {
    var text = "# leakaudit: \(summary.conclusion.rawValue)\n\n\(plain(summary.sentence))\n"
    text += "\n\(plain(source(summary, version)))\n"
    text += interfaces(summary)
    text += leaks(summary)
    text += tunnels(summary)
    text += table(
      "Captures", ["file", "bytes", "SHA-256"],
      (summary.captures ?? []).map { [code($0.name), Formatting.number($0.bytes), code($0.sha256)] }, numbersFrom: 3)
    // No line of the policy begins with the marker that ends the block.
    text += "\n## Policy\n\n```\n\(summary.policy.text)```\n"
    text += list(
      "Noticed", summary.notices.filter { $0.count != nil }.map { plain($0.text) })
    text += list(
      "What limits this statement",
      summary.limits.map { limit in
        limit.reasons.map { "**incomplete:** \(plain($0))" }.joined(separator: "\n- ")
          + (limit.action.map { "<br>Do: \(plain($0))" } ?? "")
      }
        + summary.notices.filter { $0.count == nil }.map { plain($0.text) })
    return text
  }

  /// `By leakaudit 0.1.0, from … to … UTC on nas.`
  private static func source(_ summary: Summary, _ version: String) -> String {
    let span = summary.first.flatMap { first in summary.last.map { ", from \(first.coded) to \($0.coded)" } } ?? ""
    return "By leakaudit \(version)\(span)\(summary.host.map { ", on \($0)" } ?? "")."
  }

  private static func interfaces(_ summary: Summary) -> String {
    table(
      "Seen", ["interface", "frames", "tunnel", "local", "leak", "allowed", "ingress", "lost"],
      summary.interfaces.map { interface in
        [code(interface.name + (interface.role.map { " (\($0.rawValue))" } ?? ""))]
          + [
            interface.frames, interface.tunnel, interface.local, interface.leak, interface.allowed, interface.ingress,
            Int(clamping: interface.drops),
          ].map(Formatting.number)
      }
        + (summary.packetsRow([.tunnel, .local, .leak, .allowed, .ingress]).map { [[$0.name, ""] + $0.counts + [""]] }
          ?? []),
      numbersFrom: 1)
  }

  private static func leaks(_ summary: Summary) -> String {
    var text = table(
      "Leaks",
      [
        "severity", "reason", "what", "where", "whose", "names", "first",
        summary.leakPackets == nil ? "frames" : "packets",
      ],
      summary.countedLeaks.prefix(shown).map { leak in
        [
          plain(leak.severity.rawValue)
            + (leak.isApart ? ", not judged" : summary.isInformational(leak) ? ", harmless" : ""),
          code(leak.reason.rawValue),
          plain(leak.title), code(leak.target), leak.whose.map(plain) ?? "",
          leak.naming(leak.names.map(code), of: [.questions, .details]), plain(leak.first.coded + leak.frameWords),
          Formatting.number(leak.packets ?? leak.frames),
        ]
      }, numbersFrom: 7)
    let more = summary.countedLeaks.count - shown
    if more > 0 { text += "\nand \(Formatting.count(more, "more leak")).\n" }
    return text
      + list(
        "When",
        summary.namedWindows.map { name, window in
          "\(summary.amount(of: window).text) \(name), over "
            + Formatting.duration(nanoseconds: window.nanoseconds)
        })
  }

  private static func tunnels(_ summary: Summary) -> String {
    table(
      "Tunnel", ["endpoint", "state", "sure", "sent", "received"],
      summary.tunnelStates.map { tunnel in
        [
          code(tunnel.endpoint.coded), plain(tunnel.state.rawValue), plain(tunnel.grade?.rawValue ?? ""),
          Formatting.number(tunnel.sentFrames),
          Formatting.number(tunnel.receivedFrames),
        ]
      }, numbersFrom: 3)
  }

  private static func table(
    _ title: String, _ columns: [String], _ rows: [[String]], numbersFrom: Int
  ) -> String {
    guard !rows.isEmpty else { return "" }
    func line(_ cells: [String]) -> String { "| \(cells.joined(separator: " | ")) |\n" }
    let rule = columns.indices.map { $0 < numbersFrom ? "---" : "---:" }
    return "\n## \(title)\n\n" + line(columns) + line(rule) + rows.map(line).joined()
  }

  private static func list(_ title: String, _ items: [String]) -> String {
    items.isEmpty ? "" : "\n## \(title)\n\n" + items.map { "- \($0)\n" }.joined()
  }

  /// Escapes text from outside, so that nothing in it is a link, a mention, HTML or the end of a table cell.
  private static func plain(_ text: String) -> String {
    Formatting.safe(text).reduce(into: "") { escaped, character in
      if "\\`*_{}[]()<>#+!|~@&".contains(character) { escaped += "\\" }
      escaped.append(character)
    }
  }

  /// Text as code, between more backticks than it contains in a row (CommonMark 6.1).
  private static func code(_ text: String) -> String {
    let text = Formatting.safe(text).replacing("|", with: "\\|")
    var longest = 0
    var run = 0
    for character in text {
      run = character == "`" ? run + 1 : 0
      longest = max(longest, run)
    }
    if longest == 0 { return "`\(text)`" }
    let fence = String(repeating: "`", count: longest + 1)
    return "\(fence) \(text) \(fence)"
  }
}
