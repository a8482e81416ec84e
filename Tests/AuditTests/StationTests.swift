import Policy
import TestSupport
import Testing
import Wire

@testable import Audit

/// Direction by link-layer addresses (CONTRACT 1, rule 2): what a container cannot evade, and what ordinary links do
/// that must not look like evasion.
@Suite struct StationTests {
  private static let container = MACAddress(0x02_42_AC_12_00_02)
  private static let bridge = MACAddress(0x02_42_00_00_00_01)
  private static let other = MACAddress(0x02_42_AC_12_00_09)
  private static let query = dnsQuery("secret.example")

  private static func frame(
    _ packet: [UInt8], _ from: MACAddress = container, _ to: MACAddress = bridge
  ) -> SampleFrame {
    SampleFrame(ethernet(packet, packet[0] >> 4 == 6 ? .ipv6 : .ipv4, from: from, to: to), .ethernet)
  }

  /// What comes back the same way.
  private static func answer(_ packet: [UInt8]) -> SampleFrame { frame(packet, bridge, container) }

  private static let message = frame(udpPacket("172.18.0.2:40000", Sample.endpoint, WireGuardSample.data))

  private static func summary(_ frames: [SampleFrame], _ policy: TunnelPolicy = policy()) -> AuditSummary {
    var summary: AuditSummary?
    _ = audit(frames, policy) { summary = $0.summary(ConclusionRules()) }
    return summary!
  }

  // MARK: Claims

  @Test func `a source address does not make a container's packet come in`() {
    for claim in [Sample.endpoint, "198.51.100.9:5", "9.9.9.9:53"] {
      let frames = [Self.message, Self.frame(udpPacket(claim, "192.168.1.1:53", Self.query))]
      #expect(audit(frames) == ["tunnel data", "leak dns"], "\(claim)")
    }
    #expect(audit([Self.message, Self.answer(udpPacket(Sample.endpoint, "172.18.0.2:40000"))]).last == "ingress")
  }

  @Test
  func `frames that counted as ingress before their station proved to be audited make the audit incomplete`() {
    let frames = [Self.frame(udpPacket(Sample.endpoint, "172.18.0.9:53", Self.query)), Self.message]
    #expect(audit(frames) == ["ingress", "tunnel data"])
    #expect(Self.summary(frames).conclusion == .incomplete)
    // The same frames from another station are what they claim to be.
    let honest = [Self.answer(udpPacket(Sample.endpoint, "172.18.0.2:40000")), Self.message]
    #expect(Self.summary(honest).conclusion == .clean)
  }

  @Test func `an unknown station's frames to the next hop make the audit incomplete`() {
    let leaving = Self.frame(udpPacket(Sample.endpoint, "198.51.100.9:53", Self.query), Self.other)
    let staying = Self.frame(udpPacket("9.9.9.9:53", "192.168.1.1:53", Self.query), Self.other)
    for claim in [leaving, staying] {
      for frames in [[Self.message, claim], [claim, Self.message]] {
        #expect(audit(frames).contains("ingress"))
        #expect(Self.summary(frames).incomplete.contains { $0.contains("next hop") }, "\(audit(frames))")
      }
    }
    // Also in bulk, when the fast path counts it.
    let bulk = (0..<5).map {
      Self.frame(
        udpPacket(Sample.endpoint, "198.51.100.9:53", wireGuardData(receiver: 5, counter: UInt64($0))), Self.other)
    }
    let session = [
      Self.frame(udpPacket("172.18.0.2:40000", Sample.endpoint, wireGuardInitiation(sender: 1))),
      Self.answer(udpPacket(Sample.endpoint, "172.18.0.2:40000", wireGuardResponse(sender: 9, receiver: 1))),
    ]
    #expect(Self.summary(session + bulk).incomplete.contains { $0.contains("5 frames") && $0.contains("next hop") })
  }

  @Test func `answers to a gateway that routes for other containers come in`() {
    let consumer = Self.frame(
      udpPacket("172.18.0.9:7000", Sample.endpoint, WireGuardSample.data), Self.other, Self.container)
    let answers = (0..<4).map { _ in Self.answer(udpPacket(Sample.endpoint, "172.18.0.2:40000")) }
    let frames = [consumer, Self.message] + answers
    #expect(audit(frames).suffix(4) == ["ingress", "ingress", "ingress", "ingress"])
    #expect(Self.summary(frames).incomplete == [])
  }

  @Test func `the fast path does not count other frames as the tunnel's answer`() {
    var frames = [Self.message]
    for counter in 0..<4 {
      frames.append(
        Self.answer(
          udpPacket(Sample.endpoint, "172.18.0.2:40000", wireGuardData(receiver: 5, counter: UInt64(counter)))))
      frames.append(
        Self.frame(udpPacket("172.18.0.2:40000", Sample.endpoint, wireGuardData(receiver: 6, counter: UInt64(counter))))
      )
    }
    let forged = Self.frame(udpPacket(Sample.endpoint, "172.18.0.2:40000", wireGuardData(receiver: 5, counter: 9)))
    #expect(Self.summary(frames + [forged]).counts[.local].frames == 1)
  }

  @Test func `under audited-only, a known audited station is judged whatever address it uses`() {
    let only = policy {
      $0.audited = [stated(prefix("172.18.0.0/16"))]
      $0.auditedOnly = true
    }
    let claim = Self.frame(udpPacket("198.51.100.9:5", "203.0.113.5:53", Self.query))
    let own = Self.frame(udpPacket("172.18.0.2:5", "203.0.113.5:53", Self.query))
    #expect(audit([own, claim], only) == ["leak dns", "leak dns"])
    let notices = Self.summary([own, claim], only).notices.map(\.kind)
    #expect(notices.contains(.foreignSource))
    #expect(audit([claim, own], only) == ["ingress", "leak dns"])
    #expect(Self.summary([claim, own], only).incomplete.contains { $0.contains("MAC address") })
    let neighbour = Self.frame(udpPacket("10.0.0.9:5", "203.0.113.5:53", Self.query), Self.other)
    #expect(audit([own, neighbour], only).last == "ingress")
  }

  @Test func `a stated MAC address ends guessing on its interface`() {
    let stated = policy { $0.auditedMACs = [Stated(Self.container, origin: "test")] }
    let frames = [
      Self.frame(udpPacket("10.0.0.7:3000", "198.51.100.9:443"), Self.other),
      Self.message,
      Self.frame(udpPacket("198.51.100.9:443", "10.0.0.7:3000"), Self.bridge, Self.other),
      Self.frame(udpPacket("10.0.0.1:1", "10.0.0.7:1"), Self.bridge, Self.other),
    ]
    #expect(audit(frames, stated) == ["leak other", "tunnel data", "ingress", "local undeclared"])
  }

  /// A container sends one frame under the router's MAC address, through its neighbours, to make them look like next
  /// hops.
  @Test func `a forged station neither hides a leak nor makes the audit clean`() {
    for forged in [
      udpPacket("172.18.0.2:4000", Sample.endpoint, WireGuardSample.data),
      udpPacket("172.18.0.2:4000", "198.51.100.9:9"),
    ] {
      let poison = [Self.container, Self.other].map { Self.frame(forged, Self.bridge, $0) }
      let leak = Self.frame(udpPacket("172.18.0.9:5", "198.51.100.9:53", Self.query), Self.other)
      let claim = Self.frame(udpPacket(Sample.endpoint, "198.51.100.9:53", Self.query), Self.other)
      #expect(audit(poison + [leak]).last == "leak dns")
      let summary = Self.summary(poison + [claim, Self.message])
      #expect(summary.conclusion != .clean)
    }
    // The same from a made-up station: the neighbour's earlier frames are in doubt once it shows itself.
    let made = MACAddress(0x02_00_00_00_00_99)
    let poison = SampleFrame(
      ethernet(
        udpPacket("172.18.0.9:4000", Sample.endpoint, WireGuardSample.data), .ipv4, from: made, to: Self.container),
      .ethernet)
    let claim = Self.frame(udpPacket(Sample.endpoint, "198.51.100.9:53", Self.query))
    #expect(Self.summary([poison, claim, Self.message]).conclusion != .clean)
  }

  @Test func `a service's port excuses nothing once queries have been seen`() {
    let own = Self.frame(udpPacket("172.18.0.2:53", "198.51.100.9:5000"))
    let claim = Self.frame(udpPacket(Sample.endpoint, "198.51.100.9:53", Self.query))
    #expect(audit([own, claim]).last == "ingress")
    #expect(audit([own, own.after(seconds: 40), claim.after(seconds: 41)]).last == "leak dns")
    #expect(Self.summary([claim, own, own.after(seconds: 40)]).incomplete.contains { $0.contains("MAC address") })
  }

  @Test func `more stations than can be followed make the audit incomplete`() {
    let frames = (0..<4200).map { index in
      Self.frame(
        udpPacket("172.18.0.2:4000", Sample.endpoint, WireGuardSample.data), MACAddress(UInt64(index + 1) << 8))
    }
    #expect(Self.summary(frames).conclusion == .incomplete)
  }

  // MARK: Ordinary links

  @Test func `a next hop never counts as audited, whatever it forwards`() {
    let frames = [
      // A neighbour router sends its own network's traffic over this link.
      Self.frame(udpPacket("10.5.0.7:3000", "198.51.100.9:443"), Self.bridge, Self.other),
      Self.message,
      Self.answer(udpPacket("198.51.100.9:443", "172.18.0.2:3000")),
    ]
    #expect(audit(frames) == ["leak other", "tunnel data", "ingress"])
  }

  @Test func `neighbour discovery and answers to a host with a public address come in`() {
    let frames = [
      Self.message,
      Self.answer(icmpPacket("2001:db8:1::1", "2001:db8:1::10", icmp(135, filler(20)))),
      Self.answer(icmpPacket("fe80::1", "2001:db8:1::10", icmp(136, filler(20)))),
      Self.answer(tcpPacket("2001:db8:5::80:443", "2001:db8:1::10:3000")),
    ].dropLast()
    #expect(audit(Array(frames)).dropFirst().allSatisfy { $0 == "ingress" })
  }

  @Test func `a public host's private resolver and DHCP server do not make the router audited`() {
    let host = "198.51.100.10"
    let frames = [
      Self.frame(udpPacket("\(host):3000", "10.0.0.53:53", Self.query)),
      Self.answer(udpPacket("10.0.0.53:53", "\(host):3000", Self.query)),
      // The answer alone: the capture began after its query.
      Self.answer(udpPacket("10.0.0.53:53", "\(host):3001", Self.query)),
      Self.answer(udpPacket("10.0.0.1:67", "\(host):68", filler(240))),
      Self.answer(tcpPacket("10.0.0.9:22", "\(host):50000", filler(9), flags: 0x18)),
      Self.answer(icmpPacket("10.0.0.9", host, icmpEcho(0, identifier: 5))),
      // A query from outside.
      Self.answer(udpPacket("203.0.113.5:5", "\(host):443")),
      Self.frame(udpPacket("\(host):443", "203.0.113.5:5")),
    ]
    let verdicts = audit(frames)
    #expect(verdicts[1...5].allSatisfy { $0.hasPrefix("leak") } == true)
    #expect(Self.summary(frames).conclusion == .leaks)
    var stations: Classifier.Surroundings?
    _ = audit(frames) { auditor in
      stations = auditor.classifier.surroundings.first
      #expect(!auditor.classifier.stations.isAudited(Self.bridge, 0))
    }
    _ = stations
  }

  @Test func `VRRP: routers behind a virtual address stay outside`() {
    let virtual = MACAddress(0x00_00_5E_00_01_05)
    let group = MACAddress(0x01_00_5E_00_00_12)
    let frames = [
      Self.frame(
        ipv4(from: address("192.168.1.2"), to: address("224.0.0.18"), IPProtocol(rawValue: 112), filler(20)), virtual,
        group),
      Self.frame(udpPacket("192.168.1.10:3000", Sample.endpoint, WireGuardSample.data), Self.container, virtual),
      Self.answer(udpPacket(Sample.endpoint, "192.168.1.10:3000", WireGuardSample.data)),
      Self.answer(udpPacket("198.51.100.7:1", "192.168.1.10:1")),
    ]
    #expect(audit(frames) == ["local multicast", "tunnel data", "ingress", "ingress"])
  }

  @Test func `the mirrored port of a LAN: each machine of it is audited, its router is not`() {
    let frames = [Self.container, Self.other].flatMap { machine in
      let own = machine == Self.other ? "192.168.1.11" : "192.168.1.10"
      return [
        Self.frame(udpPacket("\(own):3000", "198.51.100.9:443"), machine, Self.bridge),
        Self.frame(udpPacket("198.51.100.9:443", "\(own):3000"), Self.bridge, machine),
        Self.frame(udpPacket("192.168.1.1:53", "\(own):3001"), Self.bridge, machine),
        Self.frame(udpPacket("\(own):1", "192.168.1.12:1"), machine, MACAddress(0x02_00_00_00_00_77)),
      ]
    }
    let each = ["leak other", "ingress", "ingress", "local undeclared"]
    #expect(audit(frames) == each + each)
  }

  @Test func `an Endpoint on the LAN stays outside, although it sends on to the internet itself`() {
    let lan = policy { $0.endpoints = [stated(TunnelEndpoint(endpoint("192.168.1.50:51820")))] }
    let server = Self.other
    let frames = [
      Self.frame(udpPacket("192.168.1.50:3000", "198.51.100.9:443"), server, Self.bridge),
      Self.frame(udpPacket("192.168.1.10:3000", "192.168.1.50:51820", WireGuardSample.data), Self.container, server),
      Self.frame(udpPacket("192.168.1.50:51820", "192.168.1.10:3000", WireGuardSample.data), server, Self.container),
    ]
    #expect(audit(frames, lan) == ["leak other", "tunnel data", "ingress"])
  }

  @Test func `on the any device, a cooked source address counts, and the loopback device does not`() {
    func cookedFrame(_ packet: [UInt8], _ from: MACAddress, _ type: UInt8) -> SampleFrame {
      SampleFrame(cooked2(packet, packetType: type, from: from), .linuxCooked2)
    }
    let frames = [
      cookedFrame(udpPacket("127.0.0.1:3000", "127.0.0.1:53", Self.query), MACAddress(0), 4),
      cookedFrame(udpPacket("172.18.0.2:3000", Sample.endpoint, WireGuardSample.data), Self.container, 0),
      cookedFrame(udpPacket(Sample.endpoint, "192.168.1.1:53", Self.query), Self.container, 0),
      cookedFrame(udpPacket(Sample.endpoint, "172.18.0.2:3000", WireGuardSample.data), Self.bridge, 0),
    ]
    #expect(audit(frames) == ["local loopback", "tunnel data", "leak dns", "ingress"])
  }

  @Test func `containers that share a MAC address are audited together`() {
    let frames = [
      Self.message, Self.frame(udpPacket("172.18.0.3:1", "198.51.100.9:1")),
      Self.frame(udpPacket("172.18.0.2:1", "172.18.0.3:1"), Self.container, Self.container),
      Self.answer(udpPacket("198.51.100.9:1", "172.18.0.3:1")),
    ]
    #expect(audit(frames) == ["tunnel data", "leak other", "local undeclared", "ingress"])
  }

  @Test func `frames decided by addresses alone are reported`() {
    let notices = Self.summary([SampleFrame(udpPacket(Sample.endpoint, "172.18.0.2:1"))]).notices
    #expect(notices.contains { $0.kind == .directionBelieved && $0.count == 1 })
    let certain = Self.summary([Self.message, Self.answer(udpPacket(Sample.endpoint, "172.18.0.2:40000"))]).notices
    #expect(!certain.contains { $0.kind == .directionBelieved })
  }

  // MARK: The table

  @Test func `remembers stations as a dictionary does`() {
    struct Known {
      var taken = false
      var hop = false
    }
    var random = SeededGenerator()
    var table = LinkStations(seed: 3)
    var oracle: [String: Known] = [:]
    for round in 0..<20_000 {
      let mac = MACAddress(UInt64.random(in: 1...300, using: &random) << 20)
      let interface = Int.random(in: 0..<3, using: &random)
      let name = "\(interface) \(mac)"
      switch Int.random(in: 0..<4, using: &random) {
      case 0:
        let isRecognised = table.recognise(mac, interface)
        let mayBe = oracle[name]?.hop != true
        #expect(isRecognised == mayBe)
        if mayBe { oracle[name, default: Known()].taken = true }
      case 1 where round % 20 == 0:
        table.noteNextHop(mac, interface)
        oracle[name, default: Known()].hop = true
      default: break
      }
      let known = oracle[name] ?? Known()
      guard table.isAudited(mac, interface) == (known.taken && !known.hop) else {
        Issue.record("seed \(random.seed), round \(round)")
        return
      }
    }
  }
}
