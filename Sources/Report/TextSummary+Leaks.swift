import Audit
import Policy
import Wire

/// The leaks, grouped by what they are and then by where they went.
extension TextSummary {
  private struct Group {
    let reason: LeakReason
    let severity: Severity
    let title: String
    var findings: [Finding] = []
    var count: Count { findings.reduce(Count()) { $0 + $1.count } }
  }

  /// Destinations shown of one group; the rest is counted, and listed by the JSON summary.
  private static let shown = 10

  mutating func writeLeaks() {
    guard !summary.findings.isEmpty else { return }
    let told = groups.filter(isOnlyTold)
    let leaks = groups.filter { !isOnlyTold($0) }
    if !leaks.isEmpty {
      page.heading("Leaks")
      writeWindows()
      write(leaks)
    }
    if !told.isEmpty {
      page.heading("Told, not counted against you")
      if leaks.isEmpty { writeWindows() }
      write(told)
    }
  }

  /// What is harmless by its circumstances, unless the operator wants to hear of it.
  private func isOnlyTold(_ group: Group) -> Bool { group.severity == .info && summary.failOn > .info }

  private mutating func write(_ groups: [Group]) {
    for group in groups {
      page.row("  \(group.severity.rawValue)  \(group.reason.rawValue)", total(group.count))
      page.paragraph(Formatting.safe(group.title), first: "    ", rest: "    ")
      for finding in group.findings.prefix(Self.shown) { write(finding) }
      let rest = group.findings.dropFirst(Self.shown)
      if !rest.isEmpty {
        let count = rest.reduce(Count()) { $0 + $1.count }
        page.row("    and \(Formatting.count(rest.count, "more destination")) (--format json lists all)", total(count))
      }
    }
  }

  /// When the leaks were, by the tunnel's own packets.
  private mutating func writeWindows() {
    let windows = summary.windows
    let start =
      summary.tunnels.contains { $0.tally.firstHandshake != nil }
      ? "before the tunnel's first handshake" : "without any handshake of a tunnel"
    for (name, window) in [
      (start, windows.beforeHandshake), ("while the tunnel was up", windows.whileUp),
      ("after the tunnel's last packet", windows.afterLast),
    ] where window.count.frames > 0 {
      page.row("  \(name), over \(Formatting.duration(nanoseconds: window.duration))", total(window.count))
    }
  }

  private var groups: [Group] {
    var groups: [Group] = []
    for finding in summary.findings {
      if let index = groups.firstIndex(where: {
        $0.reason == finding.key.reason && $0.severity == finding.severity && $0.title == finding.title
      }) {
        groups[index].findings.append(finding)
      } else {
        groups.append(
          Group(
            reason: finding.key.reason, severity: finding.severity, title: finding.title, findings: [finding]))
      }
    }
    return groups
  }

  private mutating func write(_ finding: Finding) {
    let interface =
      summary.interfaces.count > 1 ? " on \(Formatting.safe(summary.interfaces[finding.key.interface].name))" : ""
    page.row("    \(Self.destination(finding))\(interface)", total(finding.count))
    if let whose = Self.whose(finding) { page.paragraph(whose, first: "      ", rest: "        ") }
    if !finding.sources.elements.isEmpty {
      page.paragraph(
        "from " + finding.sources.elements.map(\.description).joined(separator: ", ")
          + (finding.sources.isIncomplete ? " and others" : ""), first: "      ", rest: "        ")
    }
    if !finding.questions.elements.isEmpty {
      page.paragraph(
        "asked for " + finding.questions.elements.map(Formatting.safe).joined(separator: ", ")
          + (finding.questions.isIncomplete ? " and others" : ""), first: "      ", rest: "        ")
    }
    if !finding.details.elements.isEmpty {
      page.paragraph(
        finding.details.elements.map { Formatting.safe(LeakDetailEntry($0).sentence) }.joined(separator: ", ")
          + (finding.details.isIncomplete ? " and others" : ""), first: "      ", rest: "        ")
    }
    if let error = finding.decodingError {
      page.paragraph("decoding stopped: \(error)", first: "      ", rest: "        ")
    }
    let first = Formatting.time(finding.time.first)
    if finding.time.first == finding.time.last {
      page.line("      at \(first)")
    } else {
      page.line("      first \(first), last \(Formatting.time(finding.time.last))")
    }
  }

  /// `wireguard+qbittorrent's, escaped`.
  static func whose(_ finding: Finding) -> String? {
    let origin: String? =
      switch finding.key.origin {
      case .containers: finding.key.origin.name.map { "by \(Formatting.safe($0))" }
      case .host: "by the host itself"
      case .bridge, .address: nil
      }
    let fate: String? =
      switch finding.fate {
      case .attempted: "attempted: not seen on the NIC"
      case .escaped: "escaped: it left through the NIC"
      case nil: nil
      }
    let parts = [origin, fate].compactMap(\.self)
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  /// `to 192.0.2.1 udp 53`.
  static func destination(_ finding: Finding) -> String {
    guard let destination = finding.key.destination else {
      return finding.key.reason == .undecodable ? "no IP header" : "to further destinations"
    }
    let protocolName = finding.key.protocolNumber.map { " \($0)" } ?? ""
    let port = finding.key.port.map { " \($0)" } ?? ""
    return "to \(destination)\(protocolName)\(port)"
  }
}
