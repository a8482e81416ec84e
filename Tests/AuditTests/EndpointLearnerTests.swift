import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Endpoints that the policy leaves open: given by host name, or not at all.
@Suite struct EndpointLearnerTests {
  private let container = "172.18.0.2:40000"
  private let resolver = "9.9.9.9:53"

  private var named: TunnelPolicy {
    var policy = TunnelPolicy()
    policy.resolvers = [stated(address("9.9.9.9"))]
    policy.namedEndpoints = [stated(NamedEndpoint(name: "vpn.example", port: 51820))]
    return policy
  }

  /// A question, an answer and a WireGuard message to the answer; only the last verdict is wanted.
  private func lastVerdict(_ packets: [[UInt8]], _ policy: TunnelPolicy? = nil) -> String {
    let toAnswer = udpPacket(container, "192.0.2.77:51820", WireGuardSample.initiation)
    return audit((packets + [toAnswer]).map { SampleFrame($0) }, policy ?? named).last ?? "nothing"
  }

  private func question(_ name: String = "vpn.example", id: UInt16 = 5, to: String = "9.9.9.9:53") -> [UInt8] {
    udpPacket(container, to, dnsQuery(name, id: id))
  }

  private func answer(
    _ name: String = "vpn.example", id: UInt16 = 5, from: String = "9.9.9.9:53", to: String = "172.18.0.2:40000",
    flags: UInt16 = 0x8180
  ) -> [UInt8] {
    udpPacket(from, to, dnsResponse(name, [address("192.0.2.77")], id: id, flags: flags))
  }

  @Test func `learns an Endpoint from the answer to a question that was seen`() {
    #expect(lastVerdict([question(), answer()]) == "tunnel initiation")
    #expect(lastVerdict([question("VPN.example"), answer("vpn.EXAMPLE")]) == "tunnel initiation")
  }

  @Test func `learns nothing from an answer that nobody asked for`() {
    #expect(lastVerdict([]) == "leak other")
    #expect(lastVerdict([answer()]) == "leak other")
    #expect(lastVerdict([answer(), question()]) == "leak other")
  }

  @Test func `learns only where identifier and flow match the question`() {
    #expect(lastVerdict([question(), answer(id: 6)]) == "leak other")
    #expect(lastVerdict([question(), answer(from: "9.9.9.8:53")]) == "leak other")
    #expect(lastVerdict([question(), answer(from: "9.9.9.9:54")]) == "leak other")
    #expect(lastVerdict([question(), answer(to: "172.18.0.2:40001")]) == "leak other")
    #expect(lastVerdict([question(), answer(to: "172.18.0.3:40000")]) == "leak other")
  }

  @Test func `learns nothing from another name, an error or a query`() {
    #expect(lastVerdict([question("other.example"), answer("other.example")]) == "leak other")
    #expect(lastVerdict([question(), answer("other.example")]) == "leak other")
    #expect(lastVerdict([question(), answer(flags: 0x8183)]) == "leak other")
    #expect(lastVerdict([question(), answer(flags: 0x0180)]) == "leak other")
  }

  @Test func `learns the port and shape that the policy gives the name`() {
    let packets = [question(), answer(), udpPacket(container, "192.0.2.77:1", WireGuardSample.data)]
    #expect(audit(packets.map { SampleFrame($0) }, named).last == "leak endpoint-bypass")
    var wide = named
    wide.namedEndpoints = [stated(NamedEndpoint(name: "vpn.example", port: 51820, shape: .any))]
    #expect(lastVerdict([question(), answer()], wide) == "tunnel unchecked")
  }

  @Test func `says where a learned Endpoint comes from`() {
    _ = audit([question(), answer()].map { SampleFrame($0) }, named) { auditor in
      #expect(auditor.policy.endpoints.map(\.value.endpoint) == [endpoint("192.0.2.77:51820")])
      #expect(auditor.policy.endpoints.first?.origin.contains("frame 2") == true)
    }
  }

  // No policy at all.

  @Test func `without a policy or a handshake nothing is a tunnel`() {
    #expect(
      audit([SampleFrame(udpPacket(container, "192.0.2.1:51820", WireGuardSample.initiation))], TunnelPolicy())
        == ["leak other"])
  }

  @Test func `asks for an Endpoint on port 53 before DNS is thought of`() {
    let frame = SampleFrame(udpPacket(container, "192.0.2.1:53", WireGuardSample.initiation))
    #expect(audit([frame], TunnelPolicy(), infersEndpoints: true) == ["tunnel initiation"])
  }
}
