import Audit
import Policy
import TestSupport
import Testing
import Wire

/// CONTRACT 1, direction: the first answer wins.
@Suite struct DirectionTests {
  private let peer = "198.51.100.7:443"
  private let own = "203.0.113.5:5000"

  private func isIngress(_ packet: [UInt8], _ policy: TunnelPolicy = policy()) -> Bool {
    verdict(packet, policy) == "ingress"
  }

  // Rule 1: the audited side.

  private var audited: TunnelPolicy { policy { $0.audited = [stated(prefix("203.0.113.0/24"))] } }

  @Test func `goes out from an audited prefix`() {
    #expect(!isIngress(tcpPacket("203.0.113.255:1", peer), audited))
    #expect(!isIngress(tcpPacket("203.0.113.0:1", "10.0.0.1:2"), audited))
  }

  @Test func `goes out between audited addresses`() {
    #expect(!isIngress(tcpPacket("203.0.113.1:1", "203.0.113.2:2"), audited))
  }

  @Test func `comes in when only the destination is audited`() {
    #expect(isIngress(tcpPacket(peer, "203.0.113.5:1"), audited))
    #expect(isIngress(tcpPacket("10.0.0.1:1", "203.0.113.5:1"), audited))
  }

  @Test func `goes out from the audited side when it claims an Endpoint's address`() {
    let policy = policy { $0.audited = [stated(prefix("89.44.10.0/24"))] }
    #expect(verdict(udpPacket(Sample.endpoint, "198.51.100.7:1"), policy) == "leak other")
    #expect(verdict(udpPacket(Sample.endpoint, "198.51.100.7:1")) == "ingress")
  }

  @Test func `goes on to the other rules when neither address is audited`() {
    #expect(verdict(tcpPacket("10.0.0.1:1", peer), audited) == "leak other")
    #expect(verdict(tcpPacket(peer, "10.0.0.1:1"), audited) == "ingress")
    #expect(verdict(tcpPacket(peer, "198.18.0.1:1"), audited) == "leak other")
  }

  @Test func `under audited-only, traffic without an audited address is ingress`() {
    var policy = audited
    policy.auditedOnly = true
    #expect(isIngress(tcpPacket("10.0.0.1:1", peer), policy))
    #expect(!isIngress(tcpPacket("203.0.113.5:1", peer), policy))
  }

  @Test func `audited-only does not ignore frames without an IP header`() {
    var policy = audited
    policy.auditedOnly = true
    #expect(audit([SampleFrame(ethernet(filler(46), .arp), .ethernet)], policy) == ["local link-layer"])
    #expect(audit([SampleFrame(filler(5), .ethernet)], policy) == ["leak undecodable"])
  }

  @Test func `the interface's role comes before audited addresses, which can be forged`() {
    for role in [InterfaceRole.nic, .bridge] {
      for direction in [RecordDirection.incoming, .outgoing] {
        let frames = [
          SampleFrame(tcpPacket("203.0.113.5:1", peer), direction: direction),
          SampleFrame(tcpPacket(peer, "203.0.113.5:1"), direction: direction),
        ]
        let goesOut = (role == .nic) == (direction == .outgoing)
        #expect(audit(frames, audited, roles: [role]) == Array(repeating: goesOut ? "leak other" : "ingress", count: 2))
      }
    }
  }

  @Test func `packets from an audited MAC go out, packets to one come in`() {
    let mac = MACAddress(0x02_42_AC_12_00_02)
    let other = MACAddress(0x02_00_00_00_00_99)
    let policy = policy { $0.auditedMACs = [stated(mac)] }
    let packet = tcpPacket(peer, own)
    let private4 = tcpPacket("10.0.0.1:1", peer)
    let frames = [
      SampleFrame(ethernet(packet, from: mac, to: other), .ethernet),
      SampleFrame(ethernet(private4, from: other, to: mac), .ethernet),
      SampleFrame(ethernet(private4, from: mac, to: mac), .ethernet),
      SampleFrame(ethernet(private4, from: other, to: other), .ethernet),
      SampleFrame(ethernet(tcpPacket(peer, "10.0.0.1:1"), from: mac, to: other), .ethernet),
    ]
    #expect(audit(frames, policy) == ["leak other", "ingress", "leak other", "leak other", "local undeclared"])
  }

  @Test func `recognizes an audited MAC as the source of cooked frames`() {
    let mac = MACAddress(0x02_42_AC_12_00_02)
    let policy = policy { $0.auditedMACs = [stated(mac)] }
    let toPrivate = tcpPacket(peer, "10.0.0.1:1")
    #expect(audit([SampleFrame(cooked(toPrivate, from: mac), .linuxCooked)], policy) == ["local undeclared"])
    #expect(audit([SampleFrame(cooked(toPrivate), .linuxCooked)], policy) == ["ingress"])
    #expect(audit([SampleFrame(cooked2(toPrivate, from: mac), .linuxCooked2)], policy) == ["local undeclared"])
    #expect(audit([SampleFrame(cooked2(toPrivate), .linuxCooked2)], policy) == ["ingress"])
  }

  // Rule 2: the interface's role and the record's direction.

  @Test(arguments: [
    (InterfaceRole.nic, RecordDirection.outgoing, "leak other"), (.nic, .incoming, "ingress"),
    (.bridge, .incoming, "leak other"), (.bridge, .outgoing, "ingress"),
  ])
  func `the interface's role decides what the record's direction means`(
    role: InterfaceRole, direction: RecordDirection, expected: String
  ) {
    // By addresses alone the first would go out and the second come in.
    for packet in [tcpPacket("10.0.0.1:1", peer), tcpPacket(peer, own)] {
      #expect(audit([SampleFrame(packet, direction: direction)], roles: [role]) == [expected])
    }
  }

  @Test(arguments: [
    (InterfaceRole.nic, 4, "leak other"), (.nic, 0, "ingress"), (.nic, 1, "ingress"), (.nic, 2, "ingress"),
    (.nic, 3, "ingress"), (.bridge, 0, "leak other"), (.bridge, 3, "leak other"), (.bridge, 4, "ingress"),
  ])
  func `the interface's role decides what a cooked frame's packet type means`(
    role: InterfaceRole, type: Int, expected: String
  ) {
    let packet = tcpPacket(peer, own)
    #expect(
      audit([SampleFrame(cooked(packet, packetType: UInt16(type)), .linuxCooked)], roles: [role]) == [expected])
    #expect(
      audit([SampleFrame(cooked2(packet, packetType: UInt8(type)), .linuxCooked2)], roles: [role]) == [expected])
  }

  @Test func `a recorded direction without a role counts for nothing`() {
    for direction in [RecordDirection.incoming, .outgoing] {
      #expect(audit([SampleFrame(tcpPacket("10.0.0.1:1", peer), direction: direction)]) == ["leak other"])
    }
    #expect(audit([SampleFrame(cooked(tcpPacket("10.0.0.1:1", peer), packetType: 0), .linuxCooked)]) == ["leak other"])
  }

  @Test func `a record without direction is decided by its addresses`() {
    let frames = [SampleFrame(tcpPacket("10.0.0.1:1", peer)), SampleFrame(tcpPacket(peer, "10.0.0.1:1"))]
    #expect(audit(frames, roles: [.nic]) == ["leak other", "ingress"])
    #expect(audit(frames, roles: [.bridge]) == ["leak other", "ingress"])
  }

  @Test func `only rule 2 can make a frame without an IP header ingress`() {
    let arp = ethernet(filler(46), .arp)
    let broken = ethernet(filler(46), EtherType(rawValue: 0x1234))
    for (role, direction, expected) in [
      (InterfaceRole.nic, RecordDirection.incoming, ["ingress", "ingress"]),
      (.nic, .outgoing, ["local link-layer", "leak undecodable"]),
      (.bridge, .incoming, ["local link-layer", "leak undecodable"]), (.bridge, .outgoing, ["ingress", "ingress"]),
      (.nic, .unknown, ["local link-layer", "leak undecodable"]),
    ] {
      let frames = [arp, broken].map { SampleFrame($0, .ethernet, direction: direction) }
      #expect(audit(frames, roles: [role]) == expected)
    }
    #expect(audit([arp, broken].map { SampleFrame($0, .ethernet) }) == ["local link-layer", "leak undecodable"])
  }
}
