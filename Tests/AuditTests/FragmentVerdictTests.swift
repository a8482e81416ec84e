import Policy
import TestSupport
import Testing
import Wire

@testable import Audit

/// CONTRACT 2, fragments.
@Suite struct FragmentVerdictTests {
  private let from = "172.18.0.2"
  private let large = udp(40000, 53, filler(72), length: 3000)

  private func first(
    _ to: String, from source: String? = nil, as number: IPProtocol = .udp, id: UInt32 = 7, _ payload: [UInt8]
  ) -> SampleFrame {
    let part = Fragmentation(offset: 0, more: true, identification: id)
    return SampleFrame(ip(from: address(source ?? from), to: address(to), number, payload, fragment: part))
  }

  private func later(
    _ to: String, from source: String? = nil, as number: IPProtocol = .udp, id: UInt32 = 7, more: Bool = false
  ) -> SampleFrame {
    let part = Fragmentation(offset: 80, more: more, identification: id)
    return SampleFrame(ip(from: address(source ?? from), to: address(to), number, filler(40), fragment: part))
  }

  @Test(arguments: [
    ("89.44.10.178", udp(1, 51820, wireGuard(4, length: 64), length: 1460), "tunnel data", "tunnel fragment"),
    ("89.44.10.178", udp(1, 51820, filler(64), length: 1460), "leak not-wireguard", "leak not-wireguard"),
    ("89.44.10.178", udp(1, 53, filler(64), length: 1460), "leak endpoint-bypass", "leak endpoint-bypass"),
    ("198.51.100.7", udp(1, 53, filler(64), length: 1460), "leak dns", "leak dns"),
    ("192.168.1.1", udp(1, 53, filler(64), length: 1460), "leak dns", "leak dns"),
    ("9.9.9.9", udp(1, 53, filler(64), length: 1460), "allowed resolver 0", "allowed resolver 0"),
    ("192.168.1.1", udp(1, 80, filler(64), length: 1460), "local undeclared", "local undeclared"),
    ("198.51.100.7", udp(1, 80, filler(64), length: 1460), "leak other", "leak other"),
  ])
  func `gives later fragments the verdict of their first`(to: String, datagram: [UInt8], head: String, tail: String) {
    #expect(audit([first(to, datagram), later(to, more: true), later(to)]) == [head, tail, tail])
  }

  @Test func `gives later fragments of an incoming datagram their first's direction`() {
    let (peer, own) = ("198.51.100.7", "203.0.113.5")
    let out = SampleFrame(udpPacket("\(own):1", "\(peer):2"))
    let frames = [out, first(own, from: peer, udp(2, 1, filler(64), length: 1460)), later(own, from: peer)]
    #expect(audit(frames) == ["leak other", "ingress", "ingress"])
  }

  @Test func `joins IPv6 fragments whatever their protocol says`() {
    let to = "2001:db8::7"
    let source = "fd00:18::2"
    let frames = [first(to, from: source, large), later(to, from: source, as: .tcp)]
    #expect(audit(frames) == ["leak dns", "leak dns"])
  }

  @Test func `joins fragments whose first begins with AH`() {
    let to = "192.168.1.1"
    let head = authenticationHeader(.udp) + udp(1, 53, filler(64), length: 1460)
    #expect(audit([first(to, as: .authentication, head), later(to, as: .authentication)]) == ["leak dns", "leak dns"])
    let cut = Array(authenticationHeader(.udp, checkLength: 64).prefix(16))
    #expect(
      audit([first(to, as: .authentication, cut), later(to, as: .authentication)]) == [
        "leak undecodable", "leak undecodable",
      ])
  }

  @Test func `distinguishes fragments by source, destination, identification and, in IPv4, protocol`() {
    let head = first("192.168.1.1", large)
    #expect(audit([head, later("192.168.1.1")]) == ["leak dns", "leak dns"])
    for other in [
      later("192.168.1.1", id: 8), later("192.168.1.2"), later("192.168.1.1", from: "172.18.0.3"),
      later("192.168.1.1", as: .tcp),
    ] {
      #expect(audit([head, other]) == ["leak dns", "local undeclared"])
    }
    let source = "fd00:18::2"
    let head6 = first("fd00::1", from: source, id: 0xAAAA_0007, large)
    #expect(audit([head6, later("fd00::1", from: source, id: 0xBBBB_0007)]) == ["leak dns", "local undeclared"])
  }

  @Test func `fragments of each interface are kept apart`() {
    func shown(on interface: Int) -> [String] {
      var other = later("192.168.1.1")
      other.interface = interface
      return audit([first("192.168.1.1", large), other], roles: [nil, nil])
    }
    #expect(shown(on: 0) == ["leak dns", "leak dns"])
    #expect(shown(on: 1) == ["leak dns", "local undeclared"])
  }

  @Test func `a later fragment before its first is an orphan`() {
    let frames = [later("192.168.1.1"), first("192.168.1.1", large), later("192.168.1.1")]
    #expect(audit(frames) == ["local undeclared", "leak dns", "leak dns"])
  }

  @Test func `forgets a first fragment after sixty seconds`() {
    let frames = [
      first("192.168.1.1", large), later("192.168.1.1").after(seconds: 60), later("192.168.1.1").after(seconds: 60.1),
    ]
    #expect(audit(frames) == ["leak dns", "leak dns", "local undeclared"])
  }

  // Orphans (CONTRACT 2, fragments): steps 3 and 7, then the addresses.

  @Test(arguments: [
    ("89.44.10.178", "leak fragment"), ("198.51.100.7", "leak fragment"), ("100.64.0.1", "leak fragment"),
    ("0.0.0.0", "leak fragment"), ("224.0.1.1", "leak fragment"), ("9.9.9.9", "leak fragment"),
    ("10.64.0.1", "leak tunnel-destination"), ("192.168.1.1", "local undeclared"), ("172.18.0.1", "local private"),
    ("169.254.1.1", "local link-local"), ("127.0.0.1", "local loopback"), ("224.0.0.251", "local multicast"),
    ("255.255.255.255", "local broadcast"),
  ])
  func `decides orphans by their addresses and counts them`(to: String, expected: String) {
    let declared = policy {
      $0.local = [stated(prefix("172.18.0.0/16"))]
      $0.allowRules = [allow("ip")]
    }
    let verdicts = audit([later(to), later(to, from: Sample.tunnelAddress)], declared, roles: [.bridge]) {
      #expect($0.ledger.orphanFragments == 2)
    }
    #expect(verdicts == [expected, "leak tunnel-address"])
  }

  @Test func `an orphan to a private Endpoint is a leak`() {
    let there = policy { $0.endpoints = [stated(TunnelEndpoint(endpoint("192.168.1.9:51820")))] }
    #expect(audit([later("192.168.1.9")], there) == ["leak fragment"])
  }

  @Test func `under strict-local, an orphan to undeclared private space is a leak`() {
    #expect(audit([later("192.168.1.1")], policy { $0.strictLocal = true }) == ["leak fragment"])
  }

  @Test func `orphans come in if their addresses say so`() {
    let frames = [later("172.18.0.2", from: "198.51.100.7"), later("203.0.113.5", from: "198.51.100.7")]
    let verdicts = audit(frames) { #expect($0.ledger.orphanFragments == 1) }
    #expect(verdicts == ["ingress", "leak fragment"])
  }

  @Test func `a later ICMP fragment has no flow`() {
    let (peer, own) = ("198.51.100.7", "203.0.113.5")
    let out = SampleFrame(icmpPacket(own, peer, icmpEcho(8, identifier: 0)))
    #expect(audit([out, later(own, from: peer, as: .icmp)]) == ["leak other", "leak fragment"])
  }

  // First fragments.

  @Test(arguments: [IPProtocol.tcp, .udp]) func `a first fragment too short for its header is undecodable`(
    number: IPProtocol
  ) {
    let tiny = Array(tcp(1, 80).prefix(number == .tcp ? 16 : 7))
    for to in ["198.51.100.7", "192.168.1.1"] {
      #expect(audit([first(to, as: number, tiny), later(to, as: number)]) == ["leak undecodable", "leak undecodable"])
    }
  }

  @Test func `counts the fragments of a DNS leak with their first`() {
    let frames = [first("192.168.1.1", large), later("192.168.1.1", more: true), later("192.168.1.1")]
    _ = audit(frames) { auditor in
      #expect(auditor.leaks.findings.list.count == 1)
      #expect(auditor.leaks.findings.list.first?.count.frames == 3)
      #expect(auditor.leaks.findings.list.first?.count.bytes == frames.reduce(0) { $0 + $1.bytes.count })
      #expect(auditor.ledger.orphanFragments == 0)
    }
  }

  @Test func `of too many first fragments the oldest are forgotten, and this is reported`() {
    let count: UInt32 = 20_000
    let firsts = (0..<count).map { first("192.168.1.1", id: $0 & 0xFFFF, large) }
    let laters = (0..<count).map { later("192.168.1.1", id: $0 & 0xFFFF) }
    let verdicts = audit(firsts + laters) { auditor in
      let kept = auditor.classifier.fragments.evictions
      #expect(kept > 0 && Int(count) - kept <= 4096)
      #expect(auditor.ledger.orphanFragments == kept)
    }
    #expect(verdicts.suffix(8).allSatisfy { $0 == "leak dns" })
  }
}
