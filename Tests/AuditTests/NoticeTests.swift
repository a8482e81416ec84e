import Policy
import TestSupport
import Testing
import Wire

@testable import Audit

/// Notices of frames (CONTRACT 5), through the entry that counts the bulk without decoding it.
@Suite struct NoticeTests {
  private static func notices(
    _ frames: [SampleFrame], _ policy: TunnelPolicy = policy(), roles: [InterfaceRole?] = [.bridge, .nic]
  ) -> [AuditSummary.Notice] {
    summary(frames, policy, roles: roles, linkType: .ethernet).notices.filter { $0.count != nil }
  }

  private static func frame(_ payload: [UInt8], _ type: EtherType = .ipv4, on interface: Int = 1, outgoing: Bool = true)
    -> SampleFrame
  {
    SampleFrame(ethernet(payload, type), .ethernet, interface: interface, direction: outgoing ? .outgoing : .incoming)
  }

  private static func answer(_ options: [UInt8]) -> SampleFrame {
    frame(
      udpPacket("192.168.1.66:67", "192.168.1.10:68", dhcp(dhcpOption(53, [5]) + options)), outgoing: false)
  }

  private static let route = dhcpOption(121, classlessRoute("10.0.0.0", 8, via: "192.168.1.66"))

  @Test func `a DHCP answer with routes is found after any number of harmless ones`() {
    let plain = Array(repeating: Self.answer([]), count: 50)
    #expect(Self.notices(plain + [Self.answer(Self.route)] + plain).map(\.kind) == [.dhcpOption121])
    #expect(Self.notices(plain).isEmpty)
    // Also if nothing shows which way frames went.
    let unknown = (plain + [Self.answer(Self.route)]).map { frame in
      var frame = frame
      frame.direction = .unknown
      return frame
    }
    #expect(Self.notices(unknown, roles: [nil, nil]).map(\.kind) == [.dhcpOption121])
  }

  @Test func `routes that the machine itself hands out cause no notice`() {
    var sent = Self.answer(Self.route)
    sent.direction = .outgoing
    #expect(Self.notices([sent]).isEmpty)
  }

  @Test func `a flood of subjects makes sixteen notices and a count`() {
    let flood = (0..<1000).map { Self.frame(arp(1, "192.168.1.10", "198.51.\($0 / 250).\($0 % 250 + 1)"), .arp) }
    let notices = Self.notices(flood)
    #expect(notices.count == 17)
    #expect(notices.allSatisfy { $0.kind == .arpForPublic })
    #expect(notices.reduce(0) { $0 + ($1.count ?? 0) } == 1000)
  }

  @Test func `ARP of other machines on the link causes no notice`() {
    let asked = arp(1, "192.168.1.7", "198.51.100.80")
    #expect(Self.notices([Self.frame(asked, .arp, outgoing: false)]).isEmpty)
    #expect(Self.notices([Self.frame(asked, .arp, on: 0, outgoing: true)]).isEmpty)
    #expect(Self.notices([Self.frame(asked, .arp, on: 0, outgoing: false)]).count == 1)
    // Without a direction, a private asker counts, and a public segment's ARP does not.
    let unknown = SampleFrame(ethernet(asked, .arp), .ethernet)
    #expect(Self.notices([unknown], roles: [nil]).count == 1)
    let provider = SampleFrame(ethernet(arp(1, "203.0.113.1", "198.51.100.80"), .arp), .ethernet)
    #expect(Self.notices([provider], roles: [nil]).isEmpty)
    #expect(
      Self.notices(
        [unknown],
        policy {
          $0.audited = [stated(prefix("172.18.0.0/16"))]
          $0.auditedOnly = true
        }, roles: [nil]
      )
      .isEmpty)
  }

  @Test func `ARP for addresses that the policy declares local causes no notice`() {
    let asked = Self.frame(arp(1, "192.168.1.10", "198.51.100.80"), .arp)
    #expect(Self.notices([asked]).count == 1)
    #expect(Self.notices([asked], policy { $0.local = [stated(prefix("198.51.100.0/24"))] }).isEmpty)
    // What a network claims as its own does not count.
    #expect(Self.notices([asked], policy { $0.audited = [stated(prefix("198.51.100.0/24"))] }).count == 1)
  }

  @Test func `the host's lookup of the Endpoint's name is not a container's lookup`() {
    let named = policy { $0.resolvedNames = ["vpn.example"] }
    func frames(_ name: String) -> [SampleFrame] {
      [
        Self.frame(udpPacket("192.168.1.10:5000", "198.51.100.53:53", dnsQuery(name, id: 7))),
        Self.frame(
          udpPacket("198.51.100.53:53", "192.168.1.10:5000", dnsResponse(name, [address("198.51.100.80")], id: 7)),
          outgoing: false),
        Self.frame(tcpPacket("172.18.0.2:4000", "198.51.100.80:443", flags: 2), on: 0, outgoing: false),
      ]
    }
    #expect(Self.notices(frames("vpn.example"), named).isEmpty)
    #expect(Self.notices(frames("www.example"), named).map(\.kind) == [.dockerDNSViaHost])
  }

  @Test func `a query of the host that the engine passed on is certain, and told once`() {
    var auditor = Auditor(policy(), seed: 1)
    var cursor = SourceCursor()
    for role in [InterfaceRole.bridge, .nic] {
      cursor.interfaces.append(
        auditor.attach(InterfaceTally(name: role.rawValue, linkType: .ethernet, role: role)))
    }
    func audit(_ frames: [SampleFrame]) {
      var source = FrameList(frames)
      var observer = NoObserver()
      _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &observer)
    }
    audit([
      Self.frame(udpPacket("172.18.0.2:40000", Sample.endpoint, WireGuardSample.data), on: 0, outgoing: false),
      Self.frame(udpPacket("192.168.1.10:5000", "198.51.100.53:53", dnsQuery("www.example", id: 7))),
    ])
    #expect(auditor.notes.hostLookups.nearQueries == 1)
    auditor.note([
      ContainerLookup(name: "www.example", containers: ["a", "b"], interface: 1, moment: Timestamp(nanoseconds: 0))
    ])
    #expect(auditor.notes.hostLookups.nearQueries == 0)
    audit([
      Self.frame(
        udpPacket(
          "198.51.100.53:53", "192.168.1.10:5000", dnsResponse("www.example", [address("198.51.100.80")], id: 7)),
        outgoing: false),
      Self.frame(tcpPacket("172.18.0.2:4000", "198.51.100.80:443", flags: 2), on: 0, outgoing: false),
    ])
    let told = auditor.takeNotices().filter { $0.kind == .dockerDNSViaHost }
    #expect(told.count == 1)
    #expect(
      told.first?.text.hasPrefix(
        "DNS: the host asked on nic for www.example, because a and b asked Docker's resolver for it. So ") == true,
      "\(told)")
    #expect(told.first?.names == ["www.example"])
    #expect(auditor.notes.hostLookups.nearQueries == 0)
  }

  @Test func `a host query near a healthy container's packets causes no notice`() {
    var frames: [SampleFrame] = []
    for index in 0..<20 {
      frames.append(
        Self.frame(
          udpPacket("172.18.0.2:40000", Sample.endpoint, WireGuardSample.data), on: 0, outgoing: false))
      frames.append(
        Self.frame(udpPacket("192.168.1.10:\(5000 + index)", "198.51.100.53:53", dnsQuery("h\(index).example"))))
    }
    #expect(Self.notices(frames).isEmpty)
  }
}
