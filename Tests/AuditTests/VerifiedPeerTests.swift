import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Which of the tunnel's messages are shown to be for the configured peer (CONTRACT 5), decided one by one or counted
/// in bulk.
@Suite struct VerifiedPeerTests {
  private static let gateway = MACAddress(0x02_42_AC_12_00_02)
  private static let bridge = MACAddress(0x02_42_00_00_00_01)
  private static let key = filler(32, 7)
  private static let keyed = policy {
    $0.endpoints = [stated(TunnelEndpoint(endpoint(Sample.endpoint), publicKey: key))]
  }
  private static let demanding = policy {
    $0.endpoints = keyed.endpoints
    $0.requiresVerifiedPeer = true
  }

  private static func sent(_ message: [UInt8], from source: String = "172.18.0.2:4000") -> SampleFrame {
    SampleFrame(
      ethernet(udpPacket(source, Sample.endpoint, message), .ipv4, from: gateway, to: bridge), .ethernet)
  }

  private static func received(_ message: [UInt8]) -> SampleFrame {
    SampleFrame(
      ethernet(udpPacket(Sample.endpoint, "172.18.0.2:4000", message), .ipv4, from: bridge, to: gateway), .ethernet)
  }

  private static func data(_ counters: Range<UInt64>) -> [SampleFrame] {
    counters.map { sent(wireGuardData(receiver: 9, counter: $0)) }
  }

  private static let own = sent(initiation(sender: 1, to: key))
  private static let foreign = sent(initiation(sender: 1, to: filler(32, 8)))
  private static let answer = received(wireGuardResponse(sender: 9, receiver: 1))

  /// How many messages are verified; the audit counts in bulk what it can.
  private static func verified(_ frames: [SampleFrame]) -> Int? {
    summary(frames, keyed, roles: [.bridge], linkType: .ethernet).tunnels.first?.tally.verified.frames
  }

  @Test func `each message of a session with the peer is verified, and none of a session with somebody else`() {
    #expect(Self.verified([Self.own, Self.answer] + Self.data(0..<10)) == 11)
    #expect(Self.verified([Self.foreign, Self.answer] + Self.data(0..<10)) == 0)
    #expect(Self.verified(Self.data(0..<10)) == 0)
  }

  @Test func `data is verified from the response on, also where earlier data was not`() {
    let early = Self.data(0..<6)
    #expect(Self.verified(early + [Self.own, Self.answer] + Self.data(6..<12)) == 7)
    #expect(Self.verified(early + [Self.foreign, Self.answer] + Self.data(6..<12)) == 0)
  }

  /// More sessions than are followed at once: the peer's loses its place to the last of them.
  @Test func `a session that takes the place of the peer's is not verified by it`() {
    let crowd = (100..<UInt32(132)).map { Self.sent(wireGuardData(receiver: $0), from: "172.18.0.2:5000") }
    let last = (1..<UInt64(3)).map { Self.sent(wireGuardData(receiver: 131, counter: $0)) }
    #expect(Self.verified([Self.own, Self.answer] + Self.data(0..<3) + crowd + last) == 4)
  }

  @Test func `where the peer is demanded, a response needs its key and its call`() {
    let call = Self.received(wireGuardInitiation(sender: 5))
    func verdict(_ frames: [SampleFrame]) -> String? { audit(frames, Self.demanding, roles: [.bridge]).last }
    let right = Self.sent(response(sender: 6, receiver: 5, to: Self.key))
    #expect(verdict([call, right]) == "tunnel response")
    #expect(verdict([right]) == "leak not-wireguard")
    #expect(verdict([call, Self.sent(response(sender: 6, receiver: 7, to: Self.key))]) == "leak not-wireguard")
    #expect(
      verdict([call, Self.sent(response(sender: 6, receiver: 5, to: filler(32, 8)))]) == "leak not-wireguard")
  }

  @Test func `a session that ours answered is verified by our response's key`() {
    let call = Self.received(wireGuardInitiation(sender: 9))
    let confirmation = Self.received(wireGuardData(receiver: 6))
    let right = Self.sent(response(sender: 6, receiver: 9, to: Self.key))
    let wrong = Self.sent(response(sender: 6, receiver: 9, to: filler(32, 8)))
    #expect(Self.verified([call, right, confirmation] + Self.data(0..<5)) == 6)
    #expect(Self.verified([call, wrong, confirmation] + Self.data(0..<5)) == 0)
  }
}
