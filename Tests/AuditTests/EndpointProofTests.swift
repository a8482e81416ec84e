import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Answers that prove no Endpoint (CONTRACT 5, where an Endpoint comes from).
@Suite struct EndpointProofTests {
  private static let container = "172.18.0.2:40000"
  private static let server = "192.0.2.1:51820"
  private static let station = MACAddress(0x02_42_AC_12_00_02)
  private static let router = MACAddress(0x02_42_00_00_00_01)
  private static let beyond = MACAddress(0x02_42_00_00_00_02)

  private static func endpoints(_ frames: [SampleFrame], _ policy: TunnelPolicy = TunnelPolicy()) -> [Endpoint] {
    var found: [Endpoint] = []
    _ = audit(frames, policy, infersEndpoints: true) { found = $0.policy.endpoints.map(\.value.endpoint) }
    return found
  }

  private static func answer(to index: UInt32) -> [UInt8] {
    udpPacket(server, container, wireGuardResponse(sender: 8, receiver: index))
  }

  /// A station that others send through is not audited, so its answer comes in by its address.
  @Test func `an answer from the router that sent the question proves nothing`() {
    let (station, router, beyond) = (Self.station, Self.router, Self.beyond)
    func frame(_ packet: [UInt8], _ from: MACAddress, _ to: MACAddress) -> SampleFrame {
      SampleFrame(ethernet(packet, .ipv4, from: from, to: to), .ethernet)
    }
    let other = frame(udpPacket("172.18.0.9:4000", "198.51.100.7:9999"), station, router)
    let question = frame(udpPacket(Self.container, Self.server, wireGuardInitiation(sender: 1)), router, beyond)
    #expect(Self.endpoints([other, question, frame(Self.answer(to: 1), beyond, router)]) == [endpoint(Self.server)])
    #expect(Self.endpoints([other, question, frame(Self.answer(to: 1), router, station)]) == [])
  }

  @Test func `where a key is demanded, an answer to another initiation proves nothing`() {
    let key = filler(32, 7)
    var policy = TunnelPolicy()
    policy.inferredPeerKeys = [stated(key)]
    let own = SampleFrame(udpPacket(Self.container, Self.server, initiation(sender: 1, to: key)))
    // Captured without its mac1, so that it may be for anybody.
    let whole = udpPacket(Self.container, Self.server, initiation(sender: 2, to: filler(32, 9)))
    let cut = SampleFrame(Array(whole.prefix(60)), originalLength: whole.count)
    #expect(Self.endpoints([own, cut, SampleFrame(Self.answer(to: 1))], policy) == [endpoint(Self.server)])
    #expect(Self.endpoints([own, cut, SampleFrame(Self.answer(to: 2))], policy) == [])
  }
}
