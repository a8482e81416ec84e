import Policy
public import Wire

/// What was seen of the tunnel to one endpoint, from outside.
public struct TunnelTally: Sendable {
  public internal(set) var kinds = [10 of Count](repeating: Count())
  public internal(set) var received = Count()
  /// Handshake responses received.
  public internal(set) var responses = 0
  public internal(set) var sentTime: Span?
  public internal(set) var receivedTime: Span?
  /// When something was received that a session explains.
  public internal(set) var heardTime: Span?
  /// Whether the peer answered in a way that only a session explains.
  public internal(set) var isUp = false
  public internal(set) var firstInitiation: Timestamp?
  /// When the first response came that answers an initiation seen before it.
  public internal(set) var firstHandshake: Timestamp?
  /// When the latest such response came.
  public internal(set) var lastHandshake: Timestamp?
  /// How much of what was sent is tied to the configured peer's public key (`TunnelSession`).
  public internal(set) var verified = Count()
  /// Initiations that are meant for another public key than the policy's.
  public internal(set) var foreignInitiations = 0
  var openVPN = OpenVPNForm()

  public subscript(kind: TunnelKind) -> Count { kinds[Int(kind.rawValue)] }

  public var sent: Count { TunnelKind.allCases.reduce(Count()) { $0 + self[$1] } }

  mutating func countSent(_ kind: TunnelKind, _ length: Int, at moment: Timestamp) {
    kinds[Int(kind.rawValue)].add(length)
    if sentTime == nil { sentTime = Span(moment) } else { sentTime?.extend(to: moment) }
  }

  mutating func addSent(_ kind: TunnelKind, _ count: Count, over span: Span) {
    kinds[Int(kind.rawValue)] = kinds[Int(kind.rawValue)] + count
    if sentTime == nil { sentTime = span } else { sentTime?.extend(over: span) }
  }

  mutating func addVerified(_ count: Count) { verified = verified + count }

  /// Adds what the peer sent in a session that is up.
  mutating func addReceived(_ count: Count, over span: Span) {
    received = received + count
    Self.extend(&receivedTime, over: span)
    Self.extend(&heardTime, over: span)
  }

  mutating func countReceived(isResponse: Bool, isHeard: Bool, _ length: Int, at moment: Timestamp) {
    received.add(length)
    if isResponse { responses += 1 }
    Self.extend(&receivedTime, over: Span(moment))
    if isHeard { Self.extend(&heardTime, over: Span(moment)) }
  }

  mutating func noteHandshake(at moment: Timestamp) {
    if firstHandshake == nil { firstHandshake = moment }
    lastHandshake = moment
  }

  private static func extend(_ time: inout Span?, over span: Span) {
    if time == nil { time = span } else { time?.extend(over: span) }
  }

  /// Whether a handshake was answered, or data was sent in a session that is older than the capture.
  var isEstablished: Bool { firstHandshake != nil || self[.data].frames + self[.keepalive].frames > 0 }

  /// What the packets show about the tunnel at the end of the capture (CONTRACT 5). Silence proves nothing, so "down"
  /// is not among the answers.
  public var state: State {
    guard let sentTime else { return isUp ? .up : .unseen }
    let sendsData = self[.data].frames + self[.keepalive].frames + self[.unchecked].frames + self[.openVPN].frames > 0
    guard isUp || sendsData else { return self[.initiation].frames > 0 ? .handshaking : .unseen }
    let silentSince = heardTime?.last ?? sentTime.first
    if sentTime.last - silentSince > Self.rejectAfterTime { return .stale }
    return isUp ? .up : .presumed
  }

  public enum State: String, Sendable { case unseen, handshaking, presumed, up, stale }

  /// WireGuard whitepaper section 6.1: a session is not used longer than 180 s.
  static var rejectAfterTime: Elapsed { .seconds(180) }
}
