public import Policy
public import Wire

/// A message to the operator while the audit runs: one leak, or how often known ones came again.
public struct Alert: Sendable {
  public enum Kind: String, Sendable {
    /// The first leak of this origin, reason and destination.
    case leak
    /// A leak that was seen on the bridge before is now seen on the NIC.
    case escaped
    /// Further leaks like one that was reported before, since the last summary.
    case repeated
    /// Leaks of more kinds than are told apart, or beyond the rate at which new kinds are reported.
    case suppressed
  }

  public var kind: Kind
  public var reason: LeakReason
  public var severity: Severity
  public var title: String
  public var rule: Int
  public var origin: Origin
  public var fate: Fate?
  public var phase: LeakPhase
  public var interface: Int
  public var source: Endpoint?
  public var destination: IPAddress?
  public var destinationPort: UInt16?
  public var protocolNumber: IPProtocol?
  public var questions: [String]
  public var details: [LeakDetail]
  /// Who sent it, as far as the kernel said; several if it is not clear which of them.
  public var senders: [LeakSender] = []
  /// The frame of the first leak in this alert, counted from 1 over the whole audit.
  public var frame: Int
  public var time: Span
  /// Frames, as each interface showed them.
  public var count: Count
  /// How many of these are packets that no other alert reports: one that the bridge showed first and the NIC later
  /// counts once. Nil if nobody knows.
  public var packets: Int?

  init(_ leak: Leak, frame: Int, at moment: Timestamp) {
    kind = .leak
    reason = leak.key.reason
    severity = leak.severity
    title = leak.title
    rule = leak.key.rule
    origin = leak.key.origin
    fate = leak.fate
    phase = leak.phase
    interface = leak.key.interface
    source = leak.source.map { Endpoint(address: $0, port: leak.sourcePort ?? 0) }
    destination = leak.key.destination
    destinationPort = leak.key.port
    protocolNumber = leak.key.protocolNumber
    questions = leak.questions.map(\.text)
    details = leak.details
    self.frame = frame
    time = Span(moment)
    count = Count(frames: 1, bytes: leak.length)
    packets = leak.isOwnPacket.map { $0 ? 1 : 0 }
  }
}

extension Alert {
  /// Whether the other alert reports that this leak escaped.
  public func isContinued(by other: Alert) -> Bool {
    kind == .leak && fate != .escaped && origin == other.origin && reason == other.reason
      && destination == other.destination && severity == other.severity
  }

  /// Notes that the leak was also seen on the NIC.
  public mutating func escape(as other: Alert) {
    fate = .escaped
    interface = other.interface
    if senders.isEmpty { senders = other.senders }
    count = count + other.count
    packets = packets.flatMap { own in other.packets.map { own + $0 } }
    time.extend(over: other.time)
  }
}
