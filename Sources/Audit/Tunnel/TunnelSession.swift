import Wire

/// Finds out who answers at an endpoint, from the handshakes seen (WireGuard whitepaper section 5.4; no secret is
/// needed).
///
/// An initiation names its receiver by `mac1`. The response that answers it carries the initiation's sender index, and
/// transport data carries its receiver's index: so a session is tied to the configured peer, message by message. Either
/// side may begin; a session that the peer began counts once its data shows that it has our response.
struct TunnelSession: Sendable {
  private struct Initiation: Sendable, BitwiseCopyable {
    var sender: UInt32
    var isForPeer: Bool
    /// The source address of its packet.
    var from: IPAddress
  }

  struct Session: Sendable, BitwiseCopyable {
    /// The index that our data carries, and the one that the peer's data carries.
    var peerIndex: UInt32
    var ownIndex: UInt32
    var isVerified: Bool
    /// Bit i: interface i saw the response (the first 64 are told apart).
    var interfaces: UInt64
  }

  /// An index that data carries, without a handshake that explains it.
  private struct Unexplained: Sendable, BitwiseCopyable {
    var index: UInt32?
    var isRepeated = false

    mutating func note(_ index: UInt32) {
      isRepeated = isRepeated || self.index == index
      self.index = index
    }
  }

  /// A handshake is tried for at most 90 s, every 5 s (whitepaper 6.4), and the last two sessions are in use. The other
  /// places are room for what somebody else makes up.
  private static var limit: Int { 64 }

  private var initiations: [Initiation] = []
  private var peerInitiations: [UInt32] = []
  private var sessions: [Session] = []
  private var sent = Unexplained()
  private var received = Unexplained()
  /// Whether the peer has answered in a way that only a session explains (CONTRACT 5, `up`).
  private(set) var isUp = false
  /// When the peer last answered in such a way.
  private(set) var heard: Timestamp?
  /// Our initiations and responses.
  private(set) var handshakes = SeenMessages()

  /// Whether further data from us can show nothing new: the tunnel is up, or only the peer's data is missing.
  var needsNoMoreSent: Bool { isUp || sent.isRepeated }

  mutating func noteHeard(at moment: Timestamp) {
    if heard.map({ moment > $0 }) ?? true { heard = moment }
  }

  /// Notes our initiation to the peer.
  mutating func noteInitiation(sender: UInt32, isForPeer: Bool, from: IPAddress) {
    handshakes.seen += 1
    if initiations.last?.sender == sender { return }
    if !initiations.contains(where: { $0.sender == sender }) { handshakes.distinct += 1 }
    if initiations.count >= Self.limit {
      initiations.remove(at: leastNeeded(for: from))
      handshakes.isWhole = false
    }
    initiations.append(Initiation(sender: sender, isForPeer: isForPeer, from: from))
  }

  /// The initiation to drop: one for another key, else the oldest of the sender with the most. A sender that makes them
  /// up loses its own.
  private func leastNeeded(for sender: IPAddress) -> Int {
    if let foreign = initiations.firstIndex(where: { !$0.isForPeer }) { return foreign }
    var counts = [sender: 1]
    for initiation in initiations { counts[initiation.from, default: 0] += 1 }
    let most = counts.values.max() ?? 0
    return initiations.firstIndex { counts[$0.from] == most } ?? 0
  }

  /// Notes the peer's initiation.
  mutating func notePeerInitiation(sender: UInt32) {
    if peerInitiations.last == sender { return }
    if peerInitiations.count >= Self.limit { peerInitiations.removeFirst() }
    peerInitiations.append(sender)
  }

  enum Answer { case newSession, knownSession, unasked }

  /// Notes a response from the peer. Says whether it answers an initiation that was seen.
  mutating func noteResponse(sender: UInt32, receiver: UInt32, interface: Int) -> Answer {
    guard let initiation = initiations.last(where: { $0.sender == receiver }) else { return .unasked }
    isUp = true
    return keep(
      Session(
        peerIndex: sender, ownIndex: receiver, isVerified: initiation.isForPeer, interfaces: Self.bit(interface)))
  }

  /// Notes our response. Says whether it answers an initiation from the peer that was seen.
  mutating func noteOwnResponse(sender: UInt32, receiver: UInt32, isForPeer: Bool, interface: Int) -> Answer {
    handshakes.seen += 1
    guard peerInitiations.contains(receiver) else {
      handshakes.isWhole = false
      return .unasked
    }
    let answer = keep(
      Session(peerIndex: receiver, ownIndex: sender, isVerified: isForPeer, interfaces: Self.bit(interface)))
    if answer == .newSession { handshakes.distinct += 1 }
    return answer
  }

  private static func bit(_ interface: Int) -> UInt64 { interface < 64 ? 1 << UInt64(interface) : 0 }

  private mutating func keep(_ session: Session) -> Answer {
    if let index = sessions.firstIndex(where: {
      $0.peerIndex == session.peerIndex && $0.ownIndex == session.ownIndex
    }) {
      sessions[index].interfaces |= session.interfaces
      sessions[index].isVerified = sessions[index].isVerified || session.isVerified
      return .knownSession
    }
    if sessions.count >= Self.limit { sessions.remove(at: sessions.firstIndex { !$0.isVerified } ?? 0) }
    sessions.append(session)
    return .newSession
  }

  /// Notes data that we sent. Without a handshake, two messages with the same index in each direction show a session
  /// that is older than the audit.
  mutating func noteSentData(receiver: UInt32) {
    guard !isUp else { return }
    sent.note(receiver)
    isUp = sent.isRepeated && received.isRepeated
  }

  /// Notes data from the peer. True if a session explains it, or if its index was seen before.
  mutating func noteReceivedData(receiver: UInt32) -> Bool {
    if sessions.contains(where: { $0.ownIndex == receiver }) {
      isUp = true
      return true
    }
    received.note(receiver)
    isUp = isUp || sent.isRepeated && received.isRepeated
    return received.isRepeated
  }

  /// Whether data from the peer belongs to a session whose handshake was seen.
  func confirms(receiver: UInt32) -> Bool { sessions.contains { $0.ownIndex == receiver } }

  /// Whether the peer has sent an initiation with that index.
  func wasCalled(by index: UInt32) -> Bool { peerInitiations.contains(index) }

  func isVerified(receiver: UInt32) -> Bool { sessions.contains { $0.peerIndex == receiver && $0.isVerified } }

  /// Whether the interface saw the handshake of the session.
  func wasSeen(receiver: UInt32, on interface: Int) -> Bool {
    interface < 64 && sessions.contains { $0.peerIndex == receiver && $0.interfaces >> UInt64(interface) & 1 == 1 }
  }
}
