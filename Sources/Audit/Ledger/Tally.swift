public import Policy
public import Wire

/// Frames and their original lengths in bytes.
public struct Count: Hashable, Sendable, BitwiseCopyable {
  public var frames = 0
  public var bytes = 0

  public init(frames: Int = 0, bytes: Int = 0) {
    self.frames = frames
    self.bytes = bytes
  }

  mutating func add(_ length: Int) {
    frames += 1
    bytes &+= length
  }

  public static func + (left: Self, right: Self) -> Self {
    Self(frames: left.frames + right.frames, bytes: left.bytes &+ right.bytes)
  }
}

/// A count for each class of verdict.
public struct ClassCounts: Sendable, BitwiseCopyable {
  private var counts = [5 of Count](repeating: Count())

  public init() {}

  public subscript(verdictClass: VerdictClass) -> Count {
    get { counts[verdictClass.rawValue] }
    set { counts[verdictClass.rawValue] = newValue }
  }

  public var total: Count { VerdictClass.allCases.reduce(Count()) { $0 + self[$1] } }

  mutating func add(_ verdictClass: VerdictClass, _ length: Int) { counts[verdictClass.rawValue].add(length) }

  public static func + (left: Self, right: Self) -> Self {
    var sum = Self()
    for verdictClass in VerdictClass.allCases { sum[verdictClass] = left[verdictClass] + right[verdictClass] }
    return sum
  }
}

/// The first and the last moment at which something was seen, in the capture's own time.
public struct Span: Hashable, Sendable, BitwiseCopyable {
  public var first: Timestamp
  public var last: Timestamp

  public init(_ moment: Timestamp) {
    first = moment
    last = moment
  }

  mutating func extend(to moment: Timestamp) {
    if moment < first { first = moment }
    if moment > last { last = moment }
  }

  mutating func extend(over span: Self) {
    extend(to: span.first)
    extend(to: span.last)
  }
}

/// What was counted on one interface.
public struct InterfaceTally: Sendable {
  public var name: String
  public var linkType: LinkType
  public var role: InterfaceRole?
  public internal(set) var counts = ClassCounts()
  public internal(set) var time: Span?
  /// Frames that the capture itself reports as lost.
  public var drops: UInt64 = 0
  /// When a watch captured it; nil if only frames show that.
  public internal(set) var sight: Sight?

  public init(name: String, linkType: LinkType, role: InterfaceRole?) {
    self.name = name
    self.linkType = linkType
    self.role = role
  }

  mutating func count(_ verdictClass: VerdictClass, _ length: Int, at moment: Timestamp) {
    counts.add(verdictClass, length)
    if time == nil { time = Span(moment) } else { time?.extend(to: moment) }
  }

  /// Adds what was counted elsewhere.
  mutating func add(_ verdictClass: VerdictClass, _ count: Count, over span: Span) {
    counts[verdictClass] = counts[verdictClass] + count
    if time == nil { time = span } else { time?.extend(over: span) }
  }
}

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
