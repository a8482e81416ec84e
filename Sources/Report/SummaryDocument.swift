package import Audit
import Policy
import Text
import Wire

/// The summary as other programs read it: `"schema": "leakaudit.summary/1"` (semantics 7).
///
/// Times are RFC 3339 in UTC with microseconds, counts are of frames, `bytes` of original lengths.
package struct SummaryDocument: Codable, Equatable, Sendable {
  struct Classes: Codable, Equatable, Sendable {
    var frames, tunnel, local, leak, allowed, ingress: Int
  }
  struct Amount: Codable, Equatable, Sendable { var frames, bytes: Int }
  struct Interface: Codable, Equatable, Sendable {
    var name, linkType: String
    var role: String?
    var frames, tunnel, local, leak, allowed, ingress: Int
    var bytes: Classes
    var drops: UInt64
    /// Messages of the tunnel that the capture missed, by their counters.
    var missedMessages: UInt64
    var first, last: String?
  }
  struct LeakEntry: Codable, Equatable, Sendable {
    var reason, severity, title, interface: String
    /// `wireguard+qbittorrent`, `bridge`, `host`; absent where only addresses are known.
    var origin: String?
    /// Of the host where the stack is audited, or the other way round: it fails no audit.
    var isApart: Bool
    /// attempted or escaped; absent where the audited interfaces do not show it.
    var fate: String?
    var escapedFrames: Int
    var rule, family, `protocol`, destination: String?
    var port: UInt16?
    var sources, questions: [String]
    var details: [LeakDetailEntry]
    /// Which of `sources`, `questions` and `details` name only the first of them, or those that could be read.
    var abridged: [String]
    var decodingError: String?
    var frames, bytes: Int
    /// Of `frames`, those that no other entry tells: a packet that was seen on bridge and NIC is told once. Absent where
    /// interfaces were audited apart, so that nobody knows.
    var packets: Int?
    /// On a bridge: the addresses that NAT gave its packets on the NIC.
    var sourcesOnNIC: [String]?
    var first, last: String
  }
  struct TunnelState: Codable, Equatable, Sendable {
    var endpoint, origin, shape, state: String
    var sent: [String: Int]
    var sentFrames, sentBytes, receivedFrames, receivedBytes, responses: Int
    /// Of `sentFrames`, those tied to the configured peer's public key.
    var verifiedFrames: Int
    /// peer-verified, shaped or address-only (semantics 5); absent where nothing was sent.
    var grade: String?
    var foreignInitiations: Int
    var firstHandshake: String?
    var first, last: String?
  }
  struct Window: Codable, Equatable, Sendable {
    var frames, bytes: Int
    var first, last: String?
    var milliseconds: Double
  }
  /// Frames of each class in steps of equal length from `start` on; the last steps may lie behind the last frame's.
  struct Traffic: Codable, Equatable, Sendable {
    var start: String
    /// The length of a step.
    var seconds: Int64
    var tunnel, local, leak, allowed, ingress: [Int]
  }
  struct Event: Codable, Equatable, Sendable { var time, kind, text: String }
  struct Capture: Codable, Equatable, Sendable { var received, droppedByKernel: UInt64 }
  struct Control: Codable, Equatable, Sendable {
    var interface: String
    /// The class that the frame would have counted in; absent where it was not seen.
    var verdict: String?
  }
  struct Windows: Codable, Equatable, Sendable {
    var beforeHandshake, whileUp, afterLast: Window
    /// Between a packet of the tunnel and the next handshake; in older summaries part of `whileUp`.
    var beforeNewHandshake: Window?
  }
  struct Remedy: Codable, Hashable, Sendable {
    var reason, action: String
  }
  struct Named: Codable, Equatable, Sendable {
    var name: String
    var reason, origin: String?
    var frames, bytes: Int
  }
  struct Notice: Codable, Equatable, Sendable {
    var kind, text: String
    /// How often, and when first, where the notice is of frames.
    var count: Int?
    var first: String?
  }

  var schema = Self.schemaName
  static let schemaName = "leakaudit.summary/1"

  /// How many audits are in it: more than one where summaries were merged.
  var audits = 1
  var conclusion: String
  var frames, tunnel, local, leak, allowed, ingress: Int
  package var failingLeaks: Int
  /// All leaks in packets, as their entries count them.
  var leakPackets: Int?
  var failOn, scope: String
  var bytes: Classes
  var first, last: String?
  var leaks: [LeakEntry]
  var leakWindows: Windows
  /// Absent without frames.
  var traffic: Traffic?
  var timeline: [Event]
  /// Events that came after the list was full.
  var timelineOthers: Int
  /// Of a live capture as a whole.
  var capture: Capture?
  var controlFrames: [Control]
  var interfaces: [Interface]
  var tunnelStates: [TunnelState]
  var served: Amount
  var localKinds: [Named]
  var undeclared: [Named]
  var allowedBy: [Named]
  var notices: [Notice]
  package var incomplete: [String]
  /// What to do about each of them; absent in older summaries.
  var remedies: [Remedy]?
  var policy: PolicyDocument
}

extension SummaryDocument {
  /// Private space that nobody declared (semantics 2, step 8).
  static let undeclaredName = "private, undeclared"
  /// A capture may claim any number of losses, and counters may be forged: more than this none has lost, and `report` must
  /// read the summary beside others.
  private static var mostLost: UInt64 { 1 << 40 }
  /// Prefixes of it beyond those that are told apart.
  static let furtherName = "further prefixes"

  package init(_ summary: AuditSummary) {
    let counts = summary.counts
    conclusion = summary.conclusion.rawValue
    frames = counts.total.frames
    tunnel = counts[.tunnel].frames
    local = counts[.local].frames
    leak = counts[.leak].frames
    allowed = counts[.allowed].frames
    ingress = counts[.ingress].frames
    failingLeaks = summary.failingLeaks
    leakPackets = summary.leakPackets
    failOn = summary.failOn.rawValue
    scope = summary.scope.rawValue
    bytes = Self.bytes(counts)
    first = summary.time.map { Formatting.time($0.first) }
    last = summary.time.map { Formatting.time($0.last) }
    leaks = summary.findings.map { Self.leak($0, summary) }
    leakWindows = Windows(
      beforeHandshake: Self.window(summary.windows.beforeHandshake), whileUp: Self.window(summary.windows.whileUp),
      afterLast: Self.window(summary.windows.afterLast),
      beforeNewHandshake: Self.window(summary.windows.beforeNewHandshake))
    traffic = Traffic(summary.traffic)
    timeline = summary.timeline.events.map {
      Event(time: Formatting.time($0.time), kind: $0.kind.rawValue, text: $0.text)
    }
    timelineOthers = summary.timeline.others
    capture = summary.capture.map { Capture(received: $0.received, droppedByKernel: $0.dropped) }
    controlFrames = summary.controls.map {
      Control(interface: summary.interfaces[$0.interface].name, verdict: $0.verdict?.verdictClass.name)
    }
    interfaces = zip(summary.interfaces, summary.missedMessages).map(Self.interface)
    tunnelStates = summary.tunnels.map(Self.tunnel)
    served = Amount(frames: summary.served.frames, bytes: summary.served.bytes)
    localKinds = summary.local.map { kind, count in
      Named(name: kind == .undeclared ? Self.undeclaredName : kind.name, frames: count.frames, bytes: count.bytes)
    }
    undeclared = summary.undeclared.map {
      Named(name: "\($0.prefix)", frames: $0.count.frames, bytes: $0.count.bytes)
    }
    if summary.undeclaredOthers.frames > 0 {
      undeclared.append(
        Named(
          name: Self.furtherName, frames: summary.undeclaredOthers.frames, bytes: summary.undeclaredOthers.bytes))
    }
    allowedBy = summary.allowed.map {
      Named(name: $0.name, reason: $0.reason, origin: $0.origin, frames: $0.count.frames, bytes: $0.count.bytes)
    }
    notices = summary.notices.map {
      Notice(kind: $0.kind.rawValue, text: $0.text, count: $0.count, first: $0.first.map(Formatting.time))
    }
    incomplete = summary.incomplete
    remedies = summary.gaps.isEmpty ? nil : summary.gaps.map { Remedy(reason: $0.text, action: $0.action) }
    policy = PolicyDocument(summary.policy, isInferred: summary.isPolicyInferred)
  }

  /// Each leak as a line of its own, `"schema": "leakaudit.leak/1"`.
  package func leakLines() throws -> String {
    try leaks.map { try JSON.line(LeakLine(leak: $0)) }.joined()
  }

  struct LeakLine: Codable {
    var schema = "leakaudit.leak/1"
    var leak: LeakEntry
  }

  private static func bytes(_ counts: ClassCounts) -> Classes {
    Classes(
      frames: counts.total.bytes, tunnel: counts[.tunnel].bytes, local: counts[.local].bytes,
      leak: counts[.leak].bytes, allowed: counts[.allowed].bytes, ingress: counts[.ingress].bytes)
  }

  private static func window(_ window: LeakWindows.Window) -> Window {
    Window(
      frames: window.count.frames, bytes: window.count.bytes, first: window.time.map { Formatting.time($0.first) },
      last: window.time.map { Formatting.time($0.last) }, milliseconds: Double(window.duration) / 1_000_000)
  }

  private static func interface(_ tally: InterfaceTally, missed: UInt64) -> Interface {
    Interface(
      name: tally.name, linkType: "\(tally.linkType)", role: tally.role?.rawValue,
      frames: tally.counts.total.frames, tunnel: tally.counts[.tunnel].frames, local: tally.counts[.local].frames,
      leak: tally.counts[.leak].frames, allowed: tally.counts[.allowed].frames,
      ingress: tally.counts[.ingress].frames, bytes: bytes(tally.counts), drops: min(tally.drops, mostLost),
      missedMessages: min(missed, mostLost),
      first: tally.time.map { Formatting.time($0.first) }, last: tally.time.map { Formatting.time($0.last) })
  }

  private static func leak(_ finding: Finding, _ summary: AuditSummary) -> LeakEntry {
    LeakEntry(
      reason: finding.key.reason.rawValue, severity: finding.severity.rawValue, title: finding.title,
      interface: summary.interfaces[finding.key.interface].name, origin: finding.key.origin.name,
      isApart: !summary.isInScope(finding), fate: finding.fate?.rawValue, escapedFrames: finding.escaped.frames,
      rule: finding.key.rule >= 0 ? summary.policy.labelRules[finding.key.rule].id : nil,
      family: finding.key.destination.map { $0.isIPv4 ? "ipv4" : "ipv6" },
      protocol: finding.key.protocolNumber.map(\.description),
      destination: finding.key.destination.map(\.description), port: finding.key.port,
      sources: finding.sources.elements.map(\.description), questions: finding.questions.elements.map(\.text),
      details: finding.details.elements.map(LeakDetailEntry.init),
      abridged: [
        ("sources", finding.sources.isIncomplete), ("questions", finding.questions.isIncomplete),
        ("details", finding.details.isIncomplete),
      ].filter(\.1).map(\.0),
      decodingError: finding.decodingError.map(\.description), frames: finding.count.frames,
      bytes: finding.count.bytes, packets: summary.leakPackets == nil ? nil : finding.packets,
      sourcesOnNIC: finding.sourcesOnNIC.elements.isEmpty
        ? nil : finding.sourcesOnNIC.elements.map(\.description), first: Formatting.time(finding.time.first),
      last: Formatting.time(finding.time.last))
  }

  private static func tunnel(_ tunnel: AuditSummary.Tunnel) -> TunnelState {
    let tally = tunnel.tally
    let kinds = TunnelKind.allCases.filter { tally[$0].frames > 0 }
    let sent = Dictionary(uniqueKeysWithValues: kinds.map { ($0.name, tally[$0].frames) })
    return TunnelState(
      endpoint: tunnel.endpoint.value.name, origin: tunnel.endpoint.origin,
      shape: tunnel.endpoint.value.shape.rawValue, state: tally.state.rawValue, sent: sent,
      sentFrames: tally.sent.frames, sentBytes: tally.sent.bytes, receivedFrames: tally.received.frames,
      receivedBytes: tally.received.bytes, responses: tally.responses, verifiedFrames: tally.verified.frames,
      grade: tunnel.grade?.rawValue, foreignInitiations: tally.foreignInitiations,
      firstHandshake: tally.firstHandshake.map(Formatting.time),
      first: tally.sentTime.map { Formatting.time($0.first) }, last: tally.sentTime.map { Formatting.time($0.last) })
  }
}
