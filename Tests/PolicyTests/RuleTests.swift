import PacketFilter
import Policy
import TestSupport
import Testing
import Wire

@Suite struct RuleTests {
  @Test func `orders severities from info to critical`() {
    #expect([Severity.critical, .low, .info, .high, .medium].sorted() == [.info, .low, .medium, .high, .critical])
  }

  /// CONTRACT 3: the structural reasons, and the labels of the pack.
  @Test func `names every reason as the contract does`() {
    let structural = [
      "undecodable", "fragment", "not-wireguard", "endpoint-bypass", "tunnel-address", "dns", "tunnel-destination",
    ]
    let labels = [
      "dot", "doq", "doh", "ntp", "stun", "bittorrent", "http", "tls", "quic", "icmp", "openvpn", "ipsec",
      "wireguard-other", "tunnel-other", "dhcp", "name-discovery", "multicast", "other",
    ]
    #expect(LeakReason.labels.map(\.rawValue) == labels)
    #expect(Set(LeakReason.allCases.map(\.rawValue)) == Set(structural + labels))
    #expect(LeakReason.allCases.allSatisfy { !$0.explanation.isEmpty })
  }

  @Test func `gives an inner packet in clear the worst severity and a name a high one`() {
    #expect(LeakReason.tunnelAddress.severity == .critical)
    #expect(LeakReason.dns.severity == .high)
    #expect(LeakReason.tunnelDestination.severity == .high)
    #expect(LeakReason.allCases.allSatisfy { $0.severity >= .medium })
  }

  @Test func `matches an allow rule by its filter against raw IP`() throws {
    let filter = try PacketFilter("udp and dst host 192.0.2.1 and dst port 123")
    let rule = AllowRule(id: "ntp", reason: "test", filter: filter, origin: "test")
    #expect(matches(rule, udpPacket("10.0.0.2:1000", "192.0.2.1:123")))
    #expect(!matches(rule, udpPacket("10.0.0.2:1000", "192.0.2.1:124")))
    #expect(!matches(rule, udpPacket("10.0.0.2:1000", "192.0.2.2:123")))
    #expect(!matches(rule, []))
  }

  @Test func `matches nothing with an allow rule without conditions`() {
    let rule = AllowRule(id: "empty", reason: "test", filter: nil, origin: "test")
    #expect(!matches(rule, udpPacket("10.0.0.2:1000", "192.0.2.1:123")))
  }

  @Test func `a filter sees the packet's own length`() throws {
    let rule = AllowRule(id: "long", reason: "test", filter: try PacketFilter("greater 1000"), origin: "test")
    let packet = udpPacket("10.0.0.2:1000", "192.0.2.1:123")
    #expect(matches(rule, packet, length: 1000))
    #expect(!matches(rule, packet, length: 999))
  }

  private func matches(_ rule: AllowRule, _ packet: [UInt8], length: Int? = nil) -> Bool {
    rule.filterMatches(packet.rawSpan, originalLength: length ?? packet.count)
  }
}
