package import Audit
import Policy
import Wire

/// The summary that an operator reads: the conclusion first, in one sentence; then what it rests on; last
/// what limits it.
package struct TextSummary {
  let summary: AuditSummary
  var page = TextPage()

  package init(_ summary: AuditSummary) { self.summary = summary }

  package static func text(_ summary: AuditSummary) -> String {
    var text = Self(summary)
    text.page.paragraph(conclusion(summary))
    text.writeInterfaces()
    text.writeLeaks()
    text.writeTunnels()
    text.writeLocal()
    text.writeAllowed()
    text.writeTimeline()
    text.writeNotices()
    text.writeLimits()
    return text.page.text
  }

  /// The first sentence.
  package static func conclusion(_ summary: AuditSummary) -> String {
    let egress = Formatting.count(summary.egress.frames, "egress frame")
    let inferred = summary.isPolicyInferred ? " (policy inferred: \(inference(summary)))" : ""
    let span = summary.time.map {
      " in " + Formatting.duration(nanoseconds: $0.last.nanoseconds.subtractingClamped($0.first.nanoseconds))
    }
    let apart = summary.findings.reduce(0) { $0 + (summary.isInScope($1) ? 0 : $1.count.frames) }
    let below = summary.counts[.leak].frames - summary.failingLeaks - apart
    let told = summary.findings.reduce(0) {
      $0 + ($1.severity == .info && summary.failOn > .info && summary.isInScope($1) ? $1.count.frames : 0)
    }
    let mild =
      (below > told ? "; \(Formatting.count(below - told, "leak")) below severity \(summary.failOn.rawValue)" : "")
      + (told > 0 ? "; \(Formatting.count(told, "frame")) told, not counted against you" : "")
      + (apart > 0
        ? "; \(Formatting.count(apart, "leak")) of \(summary.scope == .host ? "the stack" : "the host") apart" : "")
    switch summary.conclusion {
    case .clean:
      return "CLEAN\(inferred): no leak among \(egress)\(span ?? ""); "
        + "\(Formatting.number(summary.counts[.tunnel].frames)) of them went through the tunnel\(mild)."
    case .leaks:
      return "LEAKS\(inferred): \(Formatting.number(summary.failingLeaks)) of \(egress)\(span ?? "") left outside the "
        + "tunnel: \(reasons(summary))\(mild)."
    case .incomplete:
      let more = summary.incomplete.count > 1 ? " (and \(summary.incomplete.count - 1) more)" : ""
      return "INCOMPLETE\(inferred): no leak seen among \(egress)\(span ?? ""), but this audit saw less than "
        + "happened: \(Formatting.safe(summary.incomplete.first ?? ""))\(more)\(mild)."
    }
  }

  private static func inference(_ summary: AuditSummary) -> String {
    if summary.policy.endpoints.isEmpty { return "no handshake seen, so no Endpoint known" }
    let shown = summary.policy.endpoints.prefix(3).map { "\($0.value.endpoint)" }
    let more = summary.policy.endpoints.count - shown.count
    return "Endpoint " + shown.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "") + " by its handshakes"
  }

  /// `2 icmp, 1 dns`, the most frequent first.
  private static func reasons(_ summary: AuditSummary) -> String {
    var frames: [LeakReason: Int] = [:]
    for finding in summary.findings where finding.severity >= summary.failOn && summary.isInScope(finding) {
      frames[finding.key.reason, default: 0] += finding.count.frames
    }
    return frames.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
      .map { "\(Formatting.number($0.value)) \($0.key.rawValue)" }.joined(separator: ", ")
  }

  private mutating func writeInterfaces() {
    guard !summary.interfaces.isEmpty else { return }
    page.heading("Seen".left(44) + "frames".right(14) + "bytes".right(11) + "share".right(11))
    for interface in summary.interfaces {
      let role = interface.role.map { ", \($0.rawValue)" } ?? ""
      page.line("  \(Formatting.safe(interface.name)) [\(interface.linkType)\(role)]")
      for verdictClass in VerdictClass.allCases {
        let count = interface.counts[verdictClass]
        if count.frames == 0, verdictClass == .allowed { continue }
        page.line(
          "    " + verdictClass.name.left(40) + Formatting.number(count.frames).right(14)
            + Formatting.bytes(count.bytes).right(11)
            + Formatting.share(count.frames, of: interface.counts.total.frames).right(11))
      }
    }
    let seen = summary.controls.filter { $0.verdict != nil }.map {
      Formatting.safe(summary.interfaces[$0.interface].name)
    }
    if !seen.isEmpty {
      page.paragraph("control frame seen on \(seen.joined(separator: ", "))", first: "  ", rest: "    ")
    }
    if let capture = summary.capture {
      page.line("  the kernel's capture dropped \(Formatting.number(Int(clamping: capture.dropped))) frames")
    }
  }

  private mutating func writeTunnels() {
    guard !summary.tunnels.isEmpty || summary.served.frames > 0 else { return }
    page.heading("Tunnel")
    for tunnel in summary.tunnels {
      let tally = tunnel.tally
      page.row(
        "  \(tunnel.endpoint.value.endpoint)  \(tally.state.rawValue)"
          + (tunnel.grade.map { ", \($0.rawValue)" } ?? ""),
        "(\(Formatting.safe(tunnel.endpoint.origin)))")
      guard tally.sent.frames + tally.received.frames > 0 else { continue }
      let kinds = TunnelKind.allCases.filter { tally[$0].frames > 0 }
        .map { "\(Formatting.number(tally[$0].frames)) \($0.name)" }.joined(separator: ", ")
      page.paragraph(
        "sent \(total(tally.sent))" + (kinds.isEmpty ? "" : ": \(kinds)"), first: "    ", rest: "      ")
      if tally.verified.frames > 0, tunnel.grade == .shaped {
        page.line("    \(Formatting.number(tally.verified.frames)) of them tied to the peer's public key")
      }
      page.paragraph(
        "received \(total(tally.received)), \(Formatting.count(tally.responses, "handshake response"))",
        first: "    ", rest: "      ")
      if let sent = tally.sentTime {
        page.line("    first \(Formatting.time(sent.first)), last \(Formatting.time(sent.last))")
      }
    }
    if summary.served.frames > 0 { page.line("  served to peers: \(total(summary.served))") }
  }

  private mutating func writeLocal() {
    guard !summary.local.isEmpty else { return }
    page.heading("Local")
    for (kind, count) in summary.local {
      let name = kind == .undeclared ? "private, undeclared (name it with --local if it is yours)" : kind.name
      page.row("  \(name)", total(count))
      guard kind == .undeclared else { continue }
      for (prefix, count) in summary.undeclared.prefix(10) { page.row("    \(prefix)", total(count)) }
      let rest = summary.undeclared.dropFirst(10).reduce(summary.undeclaredOthers) { $0 + $1.count }
      if rest.frames > 0 { page.row("    further prefixes", total(rest)) }
    }
  }

  private mutating func writeAllowed() {
    guard !summary.allowed.isEmpty else { return }
    page.heading("Allowed by the policy")
    for allowed in summary.allowed {
      page.row("  \(Formatting.safe(allowed.name)) (\(Formatting.safe(allowed.origin)))", total(allowed.count))
      page.paragraph(Formatting.safe(allowed.reason), first: "    ", rest: "    ")
    }
  }

  /// Events shown; the rest is counted, and listed by the JSON summary.
  private static let shownEvents = 20

  private mutating func writeTimeline() {
    let events = summary.timeline.events
    guard !events.isEmpty else { return }
    page.heading("Timeline")
    for event in events.prefix(Self.shownEvents) {
      page.paragraph(
        "\(Formatting.time(event.time))  \(Formatting.safe(event.text))", first: "  ", rest: "    ")
    }
    let more = events.count - Self.shownEvents + summary.timeline.others
    if more > 0 { page.line("  and \(Formatting.count(more, "more event"))") }
  }

  /// Facts on the wire that are no verdict (semantics 5).
  private mutating func writeNotices() {
    let notices = summary.notices.filter { $0.count != nil }
    guard !notices.isEmpty else { return }
    page.heading("Noticed")
    for notice in notices {
      page.paragraph(Formatting.safe(notice.text), first: "  - ", rest: "    ")
      if let first = notice.first { page.line("    first \(Formatting.time(first))") }
    }
  }

  private mutating func writeLimits() {
    let notices = summary.notices.filter { $0.count == nil }
    guard !summary.incomplete.isEmpty || !notices.isEmpty else { return }
    page.heading("What limits this statement")
    for reason in summary.incomplete {
      page.paragraph("incomplete: \(Formatting.safe(reason))", first: "  - ", rest: "    ")
    }
    for notice in notices { page.paragraph(Formatting.safe(notice.text), first: "  - ", rest: "    ") }
  }

  func total(_ count: Count) -> String {
    "\(Formatting.count(count.frames, "frame")), \(Formatting.bytes(count.bytes))"
  }
}

extension Int64 {
  func subtractingClamped(_ other: Self) -> Self {
    let (difference, overflow) = subtractingReportingOverflow(other)
    return overflow ? .max : difference
  }
}
