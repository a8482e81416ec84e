import Audit
import Policy
package import Summaries
package import Text
import Wire

/// The summary that an operator reads: first the conclusion in one sentence, then the leaks, the facts and the limits.
/// The last line repeats the conclusion: a terminal shows the end of a long page.
package struct TextSummary {
  let summary: Summary
  var page: TextPage

  package static func text(_ summary: Summary, _ layout: TextLayout = TextLayout()) -> String {
    var text = Self(summary: summary, page: TextPage(layout))
    text.page.paragraph(layout.concluding(summary.sentence))
    text.writeSpan()
    text.writeLeaks()
    text.writeInterfaces()
    text.writeTunnels()
    text.writeLocal()
    text.writeAllowed()
    text.writeTimeline()
    text.writeNotices()
    text.writeLimits()
    text.page.heading(summary.ending)
    return text.page.text
  }

  /// `From 2026-11-23 23:59:37 to 23:59:47 UTC.`
  private mutating func writeSpan() {
    guard let first = summary.first, let last = summary.last else { return }
    let (start, end) = (Self.seconds(first), Self.seconds(last))
    let place = summary.host.map { " on \(Formatting.safe($0))" } ?? ""
    if start == end { return page.paragraph("At \(start) UTC\(place).") }
    let isOneDay = start.prefix(10) == end.prefix(10)
    page.paragraph("From \(start) to \(isOneDay ? String(end.dropFirst(11)) : end) UTC\(place).")
  }

  private static func seconds(_ time: Timestamp) -> String {
    String(time.coded.prefix(19)).replacing("T", with: " ")
  }

  private mutating func writeInterfaces() {
    guard !summary.interfaces.isEmpty else { return }
    let classes = VerdictClass.allCases.filter { $0 != .allowed || summary.allowed > 0 }
    page.line()
    page.table(
      ["Seen, in frames", "all"] + classes.map(\.name) + ["lost"],
      summary.interfaces.map { interface in
        [Formatting.safe(interface.name) + (interface.role.map { " (\($0.rawValue))" } ?? "")]
          + ([interface.frames] + classes.map { interface[$0].frames } + [Int(clamping: interface.drops)])
          .map(Formatting.number)
      } + (summary.packetsRow(classes).map { [[$0.name, ""] + $0.counts + [""]] } ?? []))
    let seen = summary.controlFrames.filter { $0.verdict != nil }.map { Formatting.safe($0.interface) }
    if !seen.isEmpty {
      page.paragraph("control frame seen on \(seen.joined(separator: ", "))", first: "  ", rest: "    ")
    }
    if let capture = summary.capture {
      page.paragraph(
        "the kernel's capture dropped \(Formatting.number(Int(clamping: capture.droppedByKernel))) frames", first: "  ",
        rest: "    ")
    }
  }

  private mutating func writeTunnels() {
    guard !summary.tunnelStates.isEmpty || summary.served.frames > 0 else { return }
    page.heading("Tunnel")
    for tunnel in summary.tunnelStates {
      page.row(
        "  \(tunnel.endpoint.coded)  \(tunnel.state.rawValue)" + (tunnel.grade.map { ", \($0.rawValue)" } ?? ""),
        "(\(Formatting.safe(tunnel.origin)))")
      guard tunnel.sentFrames + tunnel.receivedFrames > 0 else { continue }
      let kinds = TunnelKind.allCases.compactMap { kind in tunnel.sent[kind].map { (kind.name, $0) } }
        .map { "\(Formatting.number($0.1)) \($0.0)" }.joined(separator: ", ")
      page.paragraph(
        "sent \(total(tunnel.sentFrames, tunnel.sentBytes))" + (kinds.isEmpty ? "" : ": \(kinds)"), first: "    ",
        rest: "      ")
      if tunnel.verifiedFrames > 0, tunnel.grade == .shaped {
        page.paragraph(
          "\(Formatting.number(tunnel.verifiedFrames)) of them tied to the peer's public key", first: "    ",
          rest: "      ")
      }
      page.paragraph(
        "received \(total(tunnel.receivedFrames, tunnel.receivedBytes)), "
          + Formatting.count(tunnel.responses, "handshake response"), first: "    ", rest: "      ")
      if let first = tunnel.first, let last = tunnel.last {
        page.paragraph("first \(first.coded), last \(last.coded)", first: "    ", rest: "      ")
      }
    }
    if summary.served.frames > 0 {
      page.paragraph(
        "served to peers: \(total(summary.served.frames, summary.served.bytes))", first: "  ", rest: "    ")
    }
  }

  private mutating func writeLocal() {
    guard !summary.localKinds.isEmpty else { return }
    page.heading("Local")
    for kind in summary.localKinds {
      let isUndeclared = kind.name.kind == .undeclared
      page.row(
        "  " + kind.name.coded + (isUndeclared ? " (name it with --local if it is yours)" : ""),
        total(kind.frames, kind.bytes))
      guard isUndeclared else { continue }
      let named = summary.undeclared.filter { $0.name != .further }
      for prefix in named.prefix(10) {
        page.row("    \(prefix.name.coded)", total(prefix.frames, prefix.bytes))
      }
      let rest = summary.undeclared.filter { $0.name == .further } + named.dropFirst(10)
      let frames = rest.reduce(0) { $0 + $1.frames }
      if frames > 0 { page.row("    further prefixes", total(frames, rest.reduce(0) { $0 + $1.bytes })) }
    }
  }

  private mutating func writeAllowed() {
    guard !summary.allowedBy.isEmpty else { return }
    page.heading("Allowed by the policy")
    for allowed in summary.allowedBy {
      page.row(
        "  \(Formatting.safe(allowed.name)) (\(Formatting.safe(allowed.origin ?? "")))",
        total(allowed.frames, allowed.bytes))
      page.paragraph(Formatting.safe(allowed.reason ?? ""), first: "    ", rest: "    ")
    }
  }

  /// Events shown; the rest is counted, and the JSON summary lists them.
  private static let shownEvents = 20

  private mutating func writeTimeline() {
    let events = summary.timeline
    guard !events.isEmpty else { return }
    page.heading("Timeline")
    for event in events.prefix(Self.shownEvents) {
      page.paragraph(
        "\(event.time.coded)  \(Formatting.safe(event.text))", first: "  ", rest: "    ")
    }
    let more = events.count - Self.shownEvents + summary.timelineOthers
    if more > 0 { page.line("  and \(Formatting.count(more, "more event"))") }
  }

  /// Facts on the wire that are not verdicts (CONTRACT 5).
  private mutating func writeNotices() {
    let notices = summary.notices.filter { $0.count != nil }
    guard !notices.isEmpty else { return }
    page.heading("Noticed")
    for notice in notices {
      page.paragraph(Formatting.safe(notice.text), first: "  - ", rest: "    ")
      if let first = notice.first { page.line("    first \(first.coded)") }
    }
  }

  private mutating func writeLimits() {
    let notices = summary.notices.filter { $0.count == nil }
    guard !summary.incomplete.isEmpty || !notices.isEmpty else { return }
    page.heading("What limits this statement")
    for limit in summary.limits {
      for reason in limit.reasons {
        page.paragraph("incomplete: \(Formatting.safe(reason))", first: "  - ", rest: "    ")
      }
      if let action = limit.action { page.paragraph("Do: \(Formatting.safe(action))", first: "    ", rest: "        ") }
    }
    for notice in notices { page.paragraph(Formatting.safe(notice.text), first: "  - ", rest: "    ") }
  }

  func total(_ frames: Int, _ bytes: Int) -> String {
    "\(Formatting.count(frames, "frame")), \(Formatting.bytes(bytes))"
  }
}
