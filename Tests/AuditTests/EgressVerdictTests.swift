import Policy
import TestSupport
import Testing
import Wire

@testable import Audit

/// CONTRACT 2, steps 4 to 9.
@Suite struct EgressVerdictTests {
  private let from = "172.18.0.2:40000"

  // Step 4.

  @Test(arguments: [
    "198.51.100.7:443", "192.168.1.1:80", "192.168.1.1:53", "9.9.9.9:53", "10.64.0.1:53", "127.0.0.1:1",
    "224.0.0.251:5353",
    "255.255.255.255:67",
  ])
  func `an inner packet in clear is a leak, wherever it goes and whatever is allowed`(to: String) {
    let lenient = policy {
      $0.allowRules = [allow("ip")]
      $0.local = [stated(prefix("0.0.0.0/0"))]
    }
    #expect(verdict(udpPacket("\(Sample.tunnelAddress):1", to), lenient) == "leak tunnel-address")
    #expect(verdict(tcpPacket("\(Sample.tunnelAddress):1", to)) == "leak tunnel-address")
  }

  @Test func `an inner packet in clear is a leak even if its transport header is cut`() {
    let whole = tcpPacket("\(Sample.tunnelAddress):1", "198.51.100.7:443")
    for count in 20..<whole.count {
      #expect(verdict(Array(whole.prefix(count)), original: whole.count) == "leak tunnel-address")
    }
    #expect(verdict(tcpPacket("[\(Sample.tunnelAddress6)]:1", "[2001:db8::9]:443")) == "leak tunnel-address")
  }

  // Step 6.

  @Test(arguments: [
    "198.51.100.7", "192.168.1.1", "172.18.0.1", "169.254.1.1", "100.64.0.1", "224.0.0.251", "255.255.255.255",
    "0.0.0.0", "10.64.0.1",
  ])
  func `DNS is a leak, even to private addresses`(resolver: String) {
    let declared = policy { $0.local = [stated(prefix("172.18.0.0/16")), stated(prefix("100.64.0.0/10"))] }
    for policy in [policy(), declared] {
      #expect(verdict(udpPacket(from, "\(resolver):53", dnsQuery("a.example")), policy) == "leak dns")
      #expect(verdict(tcpPacket(from, "\(resolver):53"), policy) == "leak dns")
      #expect(verdict(tcpPacket(from, "\(resolver):853"), policy) == "leak dot")
      #expect(verdict(udpPacket(from, "\(resolver):853"), policy) == "leak doq")
    }
  }

  @Test func `DNS over IPv6 is a leak too`() {
    for resolver in ["2001:db8::53", "fd00::53", "fe80::1", "ff02::fb"] {
      #expect(verdict(udpPacket("[fd00:18::2]:1", "[\(resolver)]:53")) == "leak dns")
    }
  }

  @Test func `allows the policy's resolvers by port 53 and 853 and nothing else there`() {
    #expect(verdict(udpPacket(from, "9.9.9.9:53")) == "allowed resolver 0")
    #expect(verdict(tcpPacket(from, "9.9.9.9:53")) == "allowed resolver 0")
    #expect(verdict(tcpPacket(from, "9.9.9.9:853")) == "allowed resolver 0")
    #expect(verdict(udpPacket(from, "9.9.9.9:853")) == "allowed resolver 0")
    #expect(verdict(udpPacket(from, "9.9.9.9:443")) == "leak other")
    #expect(verdict(icmpPacket("172.18.0.2", "9.9.9.9", icmpEcho(8, identifier: 53))) == "leak other")
    let sctp = ip(from: address("172.18.0.2"), to: address("9.9.9.9"), .sctp, udp(1, 53, filler(8)))
    #expect(verdict(sctp) == "leak other")
  }

  @Test func `counts resolvers one by one`() {
    let two = policy { $0.resolvers = [stated(address("9.9.9.9")), stated(address("192.168.1.1"))] }
    #expect(verdict(udpPacket(from, "192.168.1.1:53"), two) == "allowed resolver 1")
  }

  @Test func `loopback is local, even port 53`() {
    for port in [53, 853, 80] {
      #expect(verdict(udpPacket("127.0.0.1:1", "127.0.0.11:\(port)")) == "local loopback")
      #expect(verdict(tcpPacket("[::1]:1", "[::1]:\(port)")) == "local loopback")
    }
    #expect(verdict(udpPacket("[fd00:18::2]:1", "[::ffff:127.0.0.1]:53")) == "leak dns")
  }

  // Step 7.

  @Test func `a tunnel resolver's port 53 is DNS, its other ports are tunnel-destination`() {
    #expect(verdict(udpPacket(from, "10.64.0.1:53")) == "leak dns")
    #expect(verdict(tcpPacket(from, "10.64.0.1:853")) == "leak dot")
    #expect(verdict(tcpPacket(from, "10.64.0.1:443")) == "leak tunnel-destination")
    #expect(verdict(icmpPacket("172.18.0.2", "10.64.0.1", icmpEcho(8, identifier: 1))) == "leak tunnel-destination")
    let allowed = policy { $0.allowRules = [allow("tcp dst port 443")] }
    #expect(verdict(tcpPacket(from, "10.64.0.1:443"), allowed) == "allowed rule 0")
    let both = policy { $0.resolvers.append(stated(address(Sample.tunnelResolver))) }
    #expect(verdict(udpPacket(from, "10.64.0.1:53"), both) == "allowed resolver 1")
    #expect(verdict(udpPacket(from, "10.64.0.1:54"), both) == "leak tunnel-destination")
  }

  // Step 8.

  @Test(arguments: [
    ("192.168.1.1:80", "local undeclared"), ("10.9.9.9:80", "local undeclared"), ("169.254.1.1:80", "local link-local"),
    ("224.0.0.1:80", "local multicast"), ("224.0.0.255:80", "local multicast"), ("224.0.1.0:80", "leak multicast"),
    ("239.255.255.250:1900", "local multicast"), ("238.1.1.1:80", "leak multicast"),
    ("255.255.255.255:67", "local broadcast"), ("0.0.0.0:80", "leak other"), ("100.64.0.1:80", "leak other"),
    ("224.0.0.251:5353", "local name-discovery"), ("224.0.0.252:5355", "local name-discovery"),
    ("255.255.255.255:137", "local name-discovery"), ("255.255.255.255:138", "local name-discovery"),
    ("239.1.2.3:5353", "local multicast"), ("224.0.1.251:5353", "leak multicast"),
    ("192.168.1.255:137", "local undeclared"),
    ("198.51.100.7:5353", "leak other"), ("240.0.0.1:80", "leak other"), ("255.255.255.254:80", "leak other"),
  ])
  func `recognizes local destinations in IPv4`(to: String, expected: String) {
    #expect(verdict(udpPacket(from, to)) == expected)
  }

  @Test(arguments: [
    ("[fd12::1]:80", "local undeclared"), ("[fe80::1]:80", "local link-local"), ("[::]:80", "leak other"),
    ("[ff01::1]:80", "local multicast"), ("[ff02::1]:80", "local multicast"), ("[ff05::2]:80", "local multicast"),
    ("[ff08::2]:80", "local multicast"), ("[ff12::1]:80", "local multicast"), ("[ff1e::1]:80", "leak multicast"),
    ("[ff0e::fb]:5353", "leak multicast"), ("[ff06::1]:80", "leak multicast"), ("[ff00::1]:80", "leak multicast"),
    ("[ff02::fb]:5353", "local name-discovery"), ("[ff02::1:3]:5355", "local name-discovery"),
    ("[ff02::1:2]:547", "local multicast"), ("[2001:db8::9]:80", "leak other"), ("[fec0::1]:80", "leak other"),
  ])
  func `recognizes local destinations in IPv6`(to: String, expected: String) {
    #expect(verdict(udpPacket("[fd00:18::2]:1", to)) == expected)
  }

  @Test func `IGMP and similar protocols are judged by their addresses`() {
    let igmp = ipv4(from: address("172.18.0.2"), to: address("224.0.0.22"), .igmp, filler(8), options: [0x94, 4, 0, 0])
    #expect(verdict(igmp) == "local multicast")
  }

  @Test func `counts declared and undeclared private space separately`() {
    let declared = policy {
      $0.local = [stated(prefix("192.168.1.0/24")), stated(prefix("100.64.0.0/10"))]
      $0.audited = [stated(prefix("172.18.0.0/16"))]
    }
    #expect(verdict(udpPacket(from, "192.168.1.1:80"), declared) == "local private")
    #expect(verdict(udpPacket(from, "172.18.0.1:80"), declared) == "local private")
    #expect(verdict(udpPacket(from, "192.168.2.1:80"), declared) == "local undeclared")
    #expect(verdict(udpPacket(from, "100.64.0.1:80"), declared) == "local private")
    #expect(verdict(udpPacket(from, "0.0.0.0:80"), declared) == "leak other")
  }

  @Test func `lists undeclared private space by prefix`() {
    let frames = ["192.168.7.1:1", "192.168.7.9:1", "10.0.0.1:1"].map { SampleFrame(udpPacket(from, $0)) }
    _ = audit(frames) { auditor in
      let listed = auditor.undeclaredText
      #expect(listed == ["192.168.7.0/24 2", "10.0.0.0/24 1"])
    }
  }

  @Test func `under strict-local, undeclared private space is a leak`() {
    let strict = policy {
      $0.strictLocal = true
      $0.local = [stated(prefix("192.168.1.0/24"))]
    }
    #expect(verdict(udpPacket(from, "192.168.1.1:80"), strict) == "local private")
    #expect(verdict(udpPacket(from, "192.168.2.1:80"), strict) == "leak other")
    #expect(verdict(udpPacket("[fd00:18::2]:1", "[fd12::1]:80"), strict) == "leak other")
    #expect(verdict(udpPacket(from, "169.254.1.1:80"), strict) == "local link-local")
    #expect(verdict(udpPacket(from, "224.0.0.1:80"), strict) == "local multicast")
  }

  /// TunnelCrack's LocalNet: a network that hands out public addresses must not make them local.
  @Test func `the audited side's public neighbours are not local`() {
    let audited = policy { $0.audited = [stated(prefix("203.0.113.0/24")), stated(prefix("2001:db8:5::/64"))] }
    #expect(verdict(tcpPacket("203.0.113.5:1", "203.0.113.77:443"), audited) == "leak other")
    #expect(verdict(tcpPacket("[2001:db8:5::5]:1", "[2001:db8:5::77]:443"), audited) == "leak other")
    let everything = policy { $0.audited = [stated(prefix("0.0.0.0/0"))] }
    #expect(verdict(tcpPacket(from, "198.51.100.7:443"), everything) == "leak other")
    #expect(verdict(udpPacket(from, "224.0.1.1:443"), everything) == "leak multicast")
  }

  // Cut headers whose ports would have decided.

  @Test func `cannot decide TCP or UDP without ports, not even to private addresses`() {
    for to in ["198.51.100.7:443", "192.168.1.1:443", "224.0.0.251:443"] {
      for whole in [tcpPacket(from, to), udpPacket(from, to)] {
        for count in 20..<24 {
          #expect(verdict(Array(whole.prefix(count)), original: whole.count) == "leak undecodable", "to \(to)")
        }
      }
    }
  }

  @Test func `TCP cut after its ports is decided by them`() {
    for (to, expected) in [
      ("198.51.100.7:53", "leak dns"), ("198.51.100.7:80", "leak other"), ("192.168.1.1:80", "local undeclared"),
    ] {
      let whole = tcpPacket(from, to)
      for count in 24..<whole.count {
        #expect(verdict(Array(whole.prefix(count)), original: whole.count) == expected)
      }
    }
  }

  @Test func `packets to loopback need no complete headers`() {
    let whole = udpPacket("127.0.0.1:1", "127.0.0.1:53")
    #expect(verdict(Array(whole.prefix(21)), original: whole.count) == "local loopback")
  }

  @Test func `cannot decide a chain of headers that is cut or endless`() {
    let cut = Array(
      ipv6(from: address("fd00::1"), to: address("fd00::2"), .hopByHop, extensionHeader(.icmpv6) + filler(8)).prefix(43)
    )
    #expect(verdict(cut, original: 56) == "leak undecodable")
  }
}

extension Auditor {
  /// Undeclared prefixes with their frames.
  fileprivate var undeclaredText: [String] { ledger.undeclared.list.map { "\($0.prefix) \($0.count.frames)" } }
}
