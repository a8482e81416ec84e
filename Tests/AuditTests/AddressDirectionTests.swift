import Audit
import Policy
import TestSupport
import Testing
import Wire

/// CONTRACT 1, rules 4 and 5: direction by addresses, and by flows between public addresses.
@Suite struct AddressDirectionTests {
  private let own = "203.0.113.5"
  private let peer = "198.51.100.7"

  // Rule 4.

  @Test func `packets from an Endpoint's address and port come in, whatever the destination`() {
    for to in ["10.0.0.1:1", "203.0.113.5:1", "224.0.0.251:5353", "255.255.255.255:1"] {
      #expect(verdict(udpPacket(Sample.endpoint, to)) == "ingress", "to \(to)")
    }
    #expect(verdict(udpPacket(Sample.endpoint6, "[fd00::1]:1")) == "ingress")
  }

  @Test func `an Endpoint's address without its port proves nothing`() {
    #expect(verdict(udpPacket("89.44.10.178:9999", "203.0.113.5:1")) == "leak other")
    #expect(verdict(tcpPacket(Sample.endpoint, "203.0.113.5:1")) == "leak other")
    #expect(verdict(udpPacket("89.44.10.178:9999", "10.0.0.1:1")) == "ingress")
  }

  /// Private: RFC 1918, RFC 4193, link-local, loopback, unspecified, tunnel addresses, and what is declared.
  @Test(arguments: [
    "10.0.0.1", "172.31.0.1", "192.168.1.1", "169.254.1.1", "127.0.0.1", "0.0.0.0", Sample.tunnelAddress, "100.64.0.1",
    "198.18.0.1",
  ])
  func `goes out from private to public and comes in the other way`(side: String) {
    let policy = policy { $0.local = [stated(prefix("100.64.0.0/10")), stated(prefix("198.18.0.1/32"))] }
    #expect(verdict(udpPacket("\(side):1", "\(peer):2"), policy).hasPrefix("leak"))
    #expect(verdict(udpPacket("\(peer):2", "\(side):1"), policy) == "ingress")
  }

  @Test(arguments: ["fd00::1", "fe80::1", "::1", "::", Sample.tunnelAddress6])
  func `goes out from private to public in IPv6 too`(side: String) {
    #expect(verdict(udpPacket("[\(side)]:1", "[2001:db8::9]:2")).hasPrefix("leak"))
    #expect(verdict(udpPacket("[2001:db8::9]:2", "[\(side)]:1")) == "ingress")
  }

  @Test func `RFC 6598 addresses are public unless the policy lists them`() {
    #expect(verdict(udpPacket("\(peer):2", "100.64.0.1:1")) == "leak other")
    #expect(verdict(udpPacket("10.0.0.1:2", "100.64.0.1:1")) == "leak other")
  }

  @Test func `a tunnel address outside private space counts as private`() {
    let policy = policy { $0.tunnelAddresses = [stated(address("100.70.1.2"))] }
    #expect(verdict(udpPacket("\(peer):2", "100.70.1.2:1"), policy) == "ingress")
    #expect(verdict(udpPacket("100.70.1.2:1", "\(peer):2"), policy) == "leak tunnel-address")
  }

  @Test func `goes out between private addresses`() {
    #expect(verdict(udpPacket("10.0.0.1:1", "192.168.1.1:2")) == "local undeclared")
  }

  @Test(arguments: [
    ("224.0.0.1", "local multicast"), ("239.1.1.1", "local multicast"), ("224.0.1.1", "leak multicast"),
    ("255.255.255.255", "local broadcast"),
  ])
  func `packets to a group or broadcast address go out, even from a public address`(group: String, expected: String) {
    #expect(verdict(udpPacket("\(peer):1", "\(group):2")) == expected)
  }

  // Rule 4. Each list is a conversation; the last packet is the one to judge.

  private func last(_ packets: [[UInt8]]) -> String { audit(packets.map { SampleFrame($0) }).last ?? "nothing" }

  @Test func `goes out between public addresses`() {
    #expect(verdict(tcpPacket("\(own):1", "\(peer):443")) == "leak other")
  }

  @Test func `comes in as the reverse of a flow that went out`() {
    #expect(last([udpPacket("\(own):1", "\(peer):2"), udpPacket("\(peer):2", "\(own):1")]) == "ingress")
    #expect(last([tcpPacket("\(own):1", "\(peer):2"), tcpPacket("\(peer):2", "\(own):1")]) == "ingress")
    #expect(
      last([udpPacket("[2001:db8::1]:1", "[2001:db8::2]:2"), udpPacket("[2001:db8::2]:2", "[2001:db8::1]:1")])
        == "ingress")
  }

  @Test func `packets go out if any part of the reversed five-tuple differs`() {
    let out = udpPacket("\(own):1", "\(peer):2")
    for other in [
      udpPacket("\(peer):3", "\(own):1"), udpPacket("\(peer):2", "\(own):3"), udpPacket("198.51.100.8:2", "\(own):1"),
      udpPacket("\(peer):2", "203.0.113.6:1"), tcpPacket("\(peer):2", "\(own):1"), udpPacket("\(peer):1", "\(own):2"),
    ] {
      #expect(last([out, other]) == "leak other")
    }
  }

  @Test func `remembers flows that went out to the Endpoint, to resolvers and by rule 1 or 2`() {
    #expect(
      last([udpPacket("\(own):1", "9.9.9.9:53", dnsQuery("a.example")), udpPacket("9.9.9.9:53", "\(own):1")])
        == "ingress")
    let frames = [
      SampleFrame(udpPacket("\(own):1", "\(peer):2"), direction: .outgoing),
      SampleFrame(udpPacket("\(peer):2", "\(own):1")),
    ]
    #expect(audit(frames, roles: [.nic]) == ["leak other", "ingress"])
  }

  @Test func `incoming flows are not remembered as outgoing`() {
    let frames = [
      SampleFrame(udpPacket("\(peer):2", "\(own):1"), direction: .incoming),
      SampleFrame(udpPacket("\(own):1", "\(peer):2")),
    ]
    #expect(audit(frames, roles: [.nic]) == ["ingress", "leak other"])
  }

  @Test func `matches ICMP echoes by addresses and identifier`() {
    let request = icmpPacket(own, peer, icmpEcho(8, identifier: 7))
    #expect(last([request, icmpPacket(peer, own, icmpEcho(0, identifier: 7))]) == "ingress")
    #expect(last([request, icmpPacket(peer, own, icmpEcho(0, identifier: 8))]) == "leak other")
    #expect(last([request, icmpPacket("198.51.100.8", own, icmpEcho(0, identifier: 7))]) == "leak other")
    let request6 = icmpPacket("2001:db8::1", "2001:db8::2", icmpEcho(128, identifier: 7))
    #expect(last([request6, icmpPacket("2001:db8::2", "2001:db8::1", icmpEcho(129, identifier: 7))]) == "ingress")
  }

  @Test func `distinguishes an echo with identifier zero from other ICMP`() {
    #expect(last([icmpPacket(own, peer, icmpEcho(8, identifier: 0)), icmpPacket(peer, own, icmp(13))]) == "leak other")
  }

  @Test func `matches ICMP errors by the flow that they quote`() {
    let out = udpPacket("\(own):1000", "\(peer):53001", filler(40))
    let quote = Array(out.prefix(28))
    // A router on the way answers, not the peer.
    #expect(last([out, icmpPacket("192.0.2.254", own, icmp(11, quote))]) == "ingress")
    #expect(last([out, icmpPacket(peer, own, icmp(3, code: 3, quote))]) == "ingress")
    #expect(last([icmpPacket("192.0.2.254", own, icmp(11, quote))]) == "leak other")
    let other = Array(udpPacket("\(own):1001", "\(peer):53001", filler(40)).prefix(28))
    #expect(last([out, icmpPacket("192.0.2.254", own, icmp(11, other))]) == "leak other")
    // An error that quotes our packet to a third party is outgoing.
    #expect(last([out, icmpPacket("192.0.2.254", "203.0.113.6", icmp(11, quote))]) == "leak other")
  }

  @Test func `matches ICMPv6 errors by the flow that they quote`() {
    let out = tcpPacket("[2001:db8::1]:1000", "[2001:db8::2]:443")
    #expect(last([out, icmpPacket("2001:db8::ff", "2001:db8::1", icmp(2, rest: 1280, out))]) == "ingress")
    #expect(last([out, icmpPacket("2001:db8::ff", "2001:db8::1", icmp(5, out))]) == "leak other")
  }

  @Test func `an ICMP error is not an answer to another ICMP error`() {
    // An error belongs to the flow that it quotes; two errors between two hosts are not a flow.
    let theirs = udpPacket("\(peer):9", "\(own):1", filler(8))
    let mine = udpPacket("\(own):2", "\(peer):8", filler(8))
    #expect(last([icmpPacket(own, peer, icmp(3, theirs)), icmpPacket(peer, own, icmp(3, mine))]) == "leak other")
    #expect(last([icmpPacket(own, peer, icmp(3, theirs)), icmpPacket(peer, own, icmp(13))]) == "leak other")
  }

  @Test func `matches other protocols by protocol and addresses`() {
    func packet(_ from: String, _ to: String, _ number: IPProtocol) -> [UInt8] {
      ip(from: address(from), to: address(to), number, filler(20))
    }
    #expect(last([packet(own, peer, .gre), packet(peer, own, .gre)]) == "ingress")
    #expect(last([packet(own, peer, .esp), packet(peer, own, .esp)]) == "ingress")
    #expect(last([packet(own, peer, .gre), packet(peer, own, .esp)]) == "leak other")
  }

  @Test func `finds no flow if the ports are cut off`() {
    func cut(_ from: String, _ to: String) -> SampleFrame {
      let whole = tcpPacket(from, to)
      return SampleFrame(Array(whole.prefix(22)), originalLength: whole.count)
    }
    #expect(
      audit([cut("\(own):1", "\(peer):2"), cut("\(peer):3", "\(own):4")]) == ["leak undecodable", "leak undecodable"])
  }

  @Test func `finds no flow if the chain of headers is cut off`() {
    func cut(_ from: String, _ to: String) -> SampleFrame {
      let whole = ipv6(from: address(from), to: address(to), .hopByHop, extensionHeader(.gre) + filler(20))
      return SampleFrame(Array(whole.prefix(44)), originalLength: whole.count)
    }
    #expect(
      audit([cut("2001:db8::1", "2001:db8::2"), cut("2001:db8::2", "2001:db8::1")])
        == ["leak undecodable", "leak undecodable"])
  }
}
