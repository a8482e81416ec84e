import Policy
import Wire

/// Who answers at an endpoint, from the handshakes seen (WireGuard whitepaper section 5.4; no secret is needed).
///
/// An initiation names its receiver by `mac1`. The response that answers it carries the initiation's sender index,
/// and transport data carries the responder's: so a session is tied to the configured peer, message by message.
struct TunnelSession: Sendable {
  private struct Initiation: Sendable, BitwiseCopyable {
    var sender: UInt32
    var isForPeer: Bool
  }

  struct Session: Sendable, BitwiseCopyable {
    /// The responder's index: what transport data to it carries.
    var receiver: UInt32
    var isVerified: Bool
    /// Bit i: interface i saw the response (the first 64 are told apart).
    var interfaces: UInt64
  }

  /// A handshake takes at most 90 s of tries, 5 s apart (whitepaper 6.4), and the last two sessions are in use.
  private static var limit: Int { 24 }

  private var initiations: [Initiation] = []
  private var sessions: [Session] = []

  mutating func noteInitiation(sender: UInt32, isForPeer: Bool) {
    if initiations.last?.sender == sender { return }
    if initiations.count >= Self.limit { initiations.removeFirst() }
    initiations.append(Initiation(sender: sender, isForPeer: isForPeer))
  }

  enum Answer { case newSession, knownSession, unasked }

  /// Says whether the response answers an initiation that was seen.
  mutating func noteResponse(sender: UInt32, receiver: UInt32, interface: Int) -> Answer {
    guard let initiation = initiations.last(where: { $0.sender == receiver }) else { return .unasked }
    let seen: UInt64 = interface < 64 ? 1 << UInt64(interface) : 0
    if let index = sessions.firstIndex(where: { $0.receiver == sender }) {
      sessions[index].interfaces |= seen
      sessions[index].isVerified = sessions[index].isVerified || initiation.isForPeer
      return .knownSession
    }
    if sessions.count >= Self.limit { sessions.removeFirst() }
    sessions.append(Session(receiver: sender, isVerified: initiation.isForPeer, interfaces: seen))
    return .newSession
  }

  func isVerified(receiver: UInt32) -> Bool { sessions.contains { $0.receiver == receiver && $0.isVerified } }

  /// Whether the interface saw the handshake of the session.
  func wasSeen(receiver: UInt32, on interface: Int) -> Bool {
    interface < 64 && sessions.contains { $0.receiver == receiver && $0.interfaces >> UInt64(interface) & 1 == 1 }
  }
}
