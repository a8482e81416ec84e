import Audit
import Policy
import Summaries
import Text

/// The leaks, grouped by kind and then by destination.
extension TextSummary {
  private struct Group {
    let reason: LeakReason
    let severity: Severity
    let title: String
    var leaks: [Summary.LeakEntry] = []
  }

  /// Destinations shown in one group; the rest is counted, and the JSON summary lists them.
  private static let shown = 10

  mutating func writeLeaks() {
    let leaks = summary.countedLeaks
    var hasWindows = false
    for (title, leaks) in [
      ("Leaks", leaks.filter { !$0.isApart && !summary.isInformational($0) }),
      ("Harmless: does not fail the audit", leaks.filter { !$0.isApart && summary.isInformational($0) }),
      ("Not judged: \(summary.apartOwner)'s own traffic", leaks.filter(\.isApart)),
    ] where !leaks.isEmpty {
      page.heading(title)
      if !hasWindows { writeWindows() }
      hasWindows = true
      write(Self.groups(leaks))
    }
  }

  private mutating func write(_ groups: [Group]) {
    for group in groups {
      page.row(
        "  \(group.severity.rawValue)  \(group.reason.rawValue)", total(group.leaks))
      page.paragraph(Formatting.safe(group.title), first: "    ", rest: "    ")
      for leak in group.leaks.prefix(Self.shown) { write(leak) }
      let rest = group.leaks.dropFirst(Self.shown)
      if !rest.isEmpty {
        page.row(
          "    and \(Formatting.count(rest.count, "more destination")) (--format json lists all)",
          total(rest))
      }
    }
  }

  /// When the leaks happened, relative to the tunnel's own packets.
  private mutating func writeWindows() {
    for (name, window) in summary.namedWindows {
      page.row(
        "  \(name), over \(Formatting.duration(nanoseconds: window.nanoseconds))", summary.amount(of: window).text)
    }
  }

  private static func groups(_ leaks: [Summary.LeakEntry]) -> [Group] {
    var groups: [Group] = []
    for leak in leaks {
      if let index = groups.firstIndex(where: {
        $0.reason == leak.reason && $0.severity == leak.severity && $0.title == leak.title
      }) {
        groups[index].leaks.append(leak)
      } else {
        groups.append(Group(reason: leak.reason, severity: leak.severity, title: leak.title, leaks: [leak]))
      }
    }
    return groups
  }

  private mutating func write(_ leak: Summary.LeakEntry) {
    let interface = summary.interfaces.count > 1 ? " on \(Formatting.safe(leak.interface))" : ""
    page.row("    \(leak.target)\(interface)", total([leak]))
    func tell(_ words: String) { page.paragraph(words, first: "      ", rest: "        ") }
    if let whose = leak.whose { tell(whose) }
    for (words, name, list) in [
      ("from ", .sources, leak.sources.map(\.coded)), ("asked for ", .questions, leak.questions.map(\.coded)),
      ("", .details, leak.details.map(\.sentence)),
    ] as [(String, Summary.Names, [String])] where !list.isEmpty || leak.abridged.contains(name) {
      let onNIC =
        name == .sources
        ? leak.sourcesOnNIC.map { "; on the NIC as " + $0.map(\.coded).joined(separator: ", ") } ?? "" : ""
      tell(words + leak.naming(list.map(Formatting.safe), of: [name]) + onNIC)
    }
    if let error = leak.decodingError { tell("decoding stopped: \(Formatting.safe(error))") }
    if leak.first == leak.last {
      tell("at \(leak.first.coded)\(leak.frameWords)")
    } else {
      tell("first \(leak.first.coded)\(leak.frameWords), last \(leak.last.coded)")
    }
  }

  /// Packets and their bytes, as the interface showed them.
  private func total(_ leaks: some Collection<Summary.LeakEntry>) -> String {
    "\(summary.amount(leaks).text), \(Formatting.bytes(leaks.reduce(0) { $0 + $1.bytes }))"
  }
}
