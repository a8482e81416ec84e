import Audit
import Policy
import TestSupport
import Testing
import Wire

/// What the packets show of the tunnel (CONTRACT 5): only a session means up.
@Suite struct TunnelStateTests {
  private static let own = "172.18.0.2:40000"

  private static func state(_ packets: [[UInt8]], seconds: Double = 1) -> TunnelTally.State? {
    var state: TunnelTally.State?
    let frames = packets.enumerated().map { SampleFrame($0.element).after(seconds: Double($0.offset) * seconds) }
    _ = audit(frames) { state = $0.summary(ConclusionRules()).tunnels.first?.tally.state }
    return state
  }

  private static func sent(_ message: [UInt8]) -> [UInt8] { udpPacket(own, Sample.endpoint, message) }
  private static func received(_ message: [UInt8]) -> [UInt8] { udpPacket(Sample.endpoint, own, message) }

  @Test func `a response to our initiation means up`() {
    let handshake = [sent(1), received(1)]
    func sent(_ index: UInt32) -> [UInt8] { Self.sent(wireGuardInitiation(sender: index)) }
    func received(_ index: UInt32) -> [UInt8] { Self.received(wireGuardResponse(sender: 9, receiver: index)) }
    #expect(Self.state(handshake) == .up)
    #expect(Self.state([sent(1)]) == .handshaking)
    #expect(Self.state([sent(1), received(2)]) == .handshaking)
    #expect(Self.state([received(1)]) == .unseen)
  }

  @Test func `only an answered initiation is a handshake`() {
    func handshake(_ packets: [[UInt8]]) -> Timestamp? {
      summary(packets.map { SampleFrame($0) }, roles: [nil]).tunnels.first?.tally.firstHandshake
    }
    let (asked, other) = ([Self.sent(wireGuardInitiation(sender: 1))], [Self.sent(wireGuardInitiation(sender: 2))])
    let answer = [Self.received(wireGuardResponse(sender: 9, receiver: 1))]
    #expect(handshake(asked + answer) != nil)
    #expect(handshake(answer) == nil)
    #expect(handshake(other + answer) == nil)
  }

  @Test func `a cookie, other data and the peer's own initiation do not mean up`() {
    let initiation = Self.sent(wireGuardInitiation(sender: 1))
    for message in [
      [3, 0, 0, 0, 1, 0, 0, 0] + filler(56), Array("hello".utf8), wireGuardInitiation(sender: 3), filler(92),
      wireGuardData(receiver: 77),
    ] {
      #expect(Self.state([initiation, Self.received(message)]) == .handshaking)
      #expect(Self.state([Self.received(message)]) == .unseen)
    }
  }

  @Test func `our response to the peer's initiation means up once the peer sends data`() {
    let call = Self.received(wireGuardInitiation(sender: 3))
    let answer = Self.sent(wireGuardResponse(sender: 4, receiver: 3))
    #expect(Self.state([call, answer, Self.received(wireGuardData(receiver: 4))]) == .up)
    #expect(Self.state([call, answer, Self.received(wireGuardData(receiver: 5))]) == .unseen)
    // A response that nobody asked for opens no session.
    #expect(Self.state([answer, Self.received(wireGuardData(receiver: 4))]) == .unseen)
  }

  @Test func `data both ways means up once its indices repeat`() {
    let out = Self.sent(wireGuardData(receiver: 8))
    let back = Self.received(wireGuardData(receiver: 9))
    #expect(Self.state([out]) == .presumed)
    #expect(Self.state([out, out, back]) == .presumed)
    #expect(Self.state([out, out, back, back]) == .up)
    #expect(Self.state([out, out, back, Self.received(wireGuardData(receiver: 10))]) == .presumed)
  }

  @Test func `a tunnel that sends for 180 s without an answer is stale`() {
    let out = Self.sent(wireGuardData(receiver: 8))
    let back = Self.received(wireGuardData(receiver: 9))
    #expect(Self.state([out, out, back, back, out], seconds: 200) == .stale)
    #expect(Self.state([out, out], seconds: 200) == .stale)
    #expect(Self.state([out, out, back, back, out], seconds: 100) == .up)
  }
}
