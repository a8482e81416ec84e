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

  /// A query, an answer and a WireGuard message to the answer; only the last verdict matters.
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

  @Test func `learns an Endpoint from the answer to a query that was seen`() {
    #expect(lastVerdict([question(), answer()]) == "tunnel initiation")
    #expect(lastVerdict([question("VPN.example"), answer("vpn.EXAMPLE")]) == "tunnel initiation")
  }

  @Test func `learns nothing from an unrequested answer`() {
    #expect(lastVerdict([]) == "leak other")
    #expect(lastVerdict([answer()]) == "leak other")
    #expect(lastVerdict([answer(), question()]) == "leak other")
  }

  @Test func `learns only if identifier and flow match the query`() {
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

  // MARK: Other askers

  private static let gateway = MACAddress(0x02_42_AC_12_00_02)
  private static let router = MACAddress(0x02_42_00_00_00_01)
  private static let other = MACAddress(0x02_42_AC_12_00_09)

  /// A query and its answer, from the router or another station.
  private func exchange(
    _ asker: String, _ addresses: [String], type: UInt16 = 1, station: MACAddress = gateway,
    answeredBy: MACAddress = router
  ) -> [SampleFrame] {
    let question = udpPacket(asker, resolver, dnsQuery("vpn.example", type: type, id: 5))
    let answer = udpPacket(resolver, asker, dnsResponse("vpn.example", addresses.map(address), id: 5))
    return [
      SampleFrame(ethernet(question, .ipv4, from: station, to: Self.router), .ethernet),
      SampleFrame(ethernet(answer, .ipv4, from: answeredBy, to: station), .ethernet),
    ]
  }

  private func gaps(_ frames: [SampleFrame], _ policy: TunnelPolicy, _ roles: [InterfaceRole?] = [nil]) -> [String] {
    var gaps: [String] = []
    _ = audit(frames, policy, roles: roles) { gaps = $0.summary(ConclusionRules()).incomplete }
    return gaps
  }

  @Test func `conflicting answers to another container make the audit incomplete`() {
    let own = exchange(container, ["192.0.2.77"])
    let stranger = "172.18.0.9:4000"
    for (addresses, type) in [(["192.0.2.77", "192.0.2.66"], 1), (["2001:db8::6"], 28), (["192.0.2.66"], 1)] {
      let others = exchange(stranger, addresses, type: UInt16(type), station: Self.other)
      for frames in [own + others, others + own] {
        #expect(gaps(frames, named).contains { $0.contains("contradict") }, "\(addresses)")
      }
    }
    #expect(
      !gaps(own + exchange(stranger, ["192.0.2.77"], station: Self.other), named).contains { $0.contains("contradict") }
    )
    let both = own + exchange(container, ["2001:db8::77"], type: 28)
    #expect(!gaps(both, named).contains { $0.contains("contradict") })
  }

  @Test func `with a known gateway, only its own queries teach`() {
    var policy = named
    policy.containers = [
      stated(
        StatedContainer(
          names: ["wireguard"], addresses: [address("172.18.0.2")], macAddresses: [Self.gateway], holdsTunnel: true))
    ]
    let own = exchange(container, ["192.0.2.77"])
    let others = exchange("172.18.0.9:4000", ["192.0.2.66"], station: Self.other)
    _ = audit(own + others, policy, roles: [.bridge]) { auditor in
      #expect(auditor.policy.endpoints.map(\.value.endpoint) == [endpoint("192.0.2.77:51820")])
    }
    #expect(!gaps(own + others, policy, [.bridge]).contains { $0.contains("contradict") })
  }

  @Test func `an answer from another station than the query went to is reported`() {
    #expect(!gaps(exchange(container, ["192.0.2.77"]), named).contains { $0.contains("forged") })
    #expect(
      gaps(exchange(container, ["192.0.2.77"], answeredBy: Self.other), named).contains { $0.contains("forged") })
  }

  @Test func `a learned Endpoint names its origin`() {
    _ = audit([question(), answer()].map { SampleFrame($0) }, named) { auditor in
      #expect(auditor.policy.endpoints.map(\.value.endpoint) == [endpoint("192.0.2.77:51820")])
      #expect(auditor.policy.endpoints.first?.origin.contains("frame 2") == true)
    }
  }

  // No policy at all.

  @Test func `without a policy or a handshake nothing counts as tunnel`() {
    #expect(
      audit([SampleFrame(udpPacket(container, "192.0.2.1:51820", WireGuardSample.initiation))], TunnelPolicy())
        == ["leak other"])
  }

  @Test func `an Endpoint on port 53 comes before DNS`() {
    let frame = SampleFrame(udpPacket(container, "192.0.2.1:53", WireGuardSample.initiation))
    #expect(audit([frame], TunnelPolicy(), infersEndpoints: true) == ["tunnel initiation"])
  }
}
