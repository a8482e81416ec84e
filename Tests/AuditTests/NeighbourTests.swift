import Policy
import TestSupport
import Testing
import Wire

@testable import Audit

/// Neighbours on the audited side's LAN (CONTRACT 1, rules 2 and 3): what they do makes no audit incomplete, and hides
/// nothing of the audited side.
@Suite struct NeighbourTests {
  private static let host = MACAddress(0x02_00_00_00_00_10)
  private static let neighbour = MACAddress(0x02_00_00_00_00_20)
  private static let router = MACAddress(0x02_00_00_00_00_01)
  private static let group = MACAddress(0x01_00_5E_00_00_FB)
  private static let query = dnsQuery("secret.example")

  private typealias Link = @Sendable (_ packet: [UInt8], _ from: MACAddress, _ to: MACAddress) -> SampleFrame

  private static let plain: Link = { SampleFrame(ethernet($0, from: $1, to: $2), .ethernet) }
  private static let links: [Link] = [
    plain,
    { SampleFrame(ethernet(vlan(7, .ipv4, $0), .vlan, from: $1, to: $2), .ethernet) },
    { packet, from, _ in SampleFrame(cooked(packet, from: from), .linuxCooked) },
    { packet, from, _ in SampleFrame(cooked2(packet, from: from), .linuxCooked2) },
  ]

  private static func own(_ link: Link) -> [SampleFrame] {
    [
      link(udpPacket("192.168.1.10:40000", Sample.endpoint, WireGuardSample.data), host, router),
      link(udpPacket(Sample.endpoint, "192.168.1.10:40000", WireGuardSample.data), router, host),
    ]
  }

  /// A neighbour that makes itself known, asks the router, and browses.
  private static func browsing(_ link: Link) -> [SampleFrame] {
    [
      link(udpPacket("192.168.1.20:5353", "224.0.0.251:5353"), neighbour, group),
      link(udpPacket("192.168.1.20:137", "192.168.1.255:137"), neighbour, MACAddress(0xFFFF_FFFF_FFFF)),
      link(udpPacket("192.168.1.20:5000", "192.168.1.1:53", query), neighbour, router),
      link(udpPacket("192.168.1.1:53", "192.168.1.20:5000", query), router, neighbour),
      link(udpPacket("192.168.1.20:5001", "192.168.1.10:8080"), neighbour, host),
      link(tcpPacket("192.168.1.20:5001", "198.51.100.9:443", flags: 0x02), neighbour, router),
      link(tcpPacket("198.51.100.9:443", "192.168.1.20:5001", flags: 0x12), router, neighbour),
      link(tcpPacket("192.168.1.20:5001", "198.51.100.9:443", flags: 0x10), neighbour, router),
    ]
  }

  private static let byAddress = policy {
    $0.audited = [stated(prefix("192.168.1.10"))]
    $0.auditedOnly = true
  }
  private static let byMAC = policy {
    $0.auditedMACs = [stated(host)]
    $0.auditedOnly = true
  }

  private static func summary(_ frames: [SampleFrame], _ policy: TunnelPolicy) -> AuditSummary {
    AuditTests.summary(frames, policy, roles: [nil], linkType: frames[0].linkType)
  }

  @Test func `under audited-only, a neighbour that browses leaves the audit clean, on every link`() {
    for (index, link) in Self.links.enumerated() {
      let (own, other) = (Self.own(link), Self.browsing(link))
      for policy in [Self.byAddress, Self.byMAC] {
        for frames in [own + other, other + own, other + own + other] {
          let summary = Self.summary(frames, policy)
          #expect(summary.incomplete == [], "link \(index)")
          #expect(summary.conclusion == .clean, "link \(index)")
        }
      }
    }
  }

  /// The neighbour routes for another one, and the router sends a LAN's packets through the audited host.
  @Test func `under audited-only, neighbours that route leave the audit clean`() {
    let other = MACAddress(0x02_00_00_00_00_21)
    let opening = tcpPacket("192.168.1.21:5001", "198.51.100.9:443", flags: 0x02)
    let greeting = Self.plain(udpPacket("192.168.1.20:137", "192.168.1.21:137"), Self.neighbour, other)
    for (first, second) in [(Self.neighbour, Self.router), (Self.router, Self.host)] {
      let routed = [Self.plain(opening, other, first), Self.plain(opening, first, second)]
      #expect(Self.summary(Self.own(Self.plain) + [greeting] + routed, Self.byAddress).incomplete == [])
    }
  }

  /// A resolver of the LAN asks the internet itself.
  @Test func `under audited-only, a query of the audited side to a neighbour does not come in`() {
    let frames =
      Self.browsing(Self.plain) + [
        Self.plain(udpPacket("192.168.1.10:5555", "192.168.1.20:53", Self.query), Self.host, Self.neighbour)
      ] + Self.own(Self.plain)
    #expect(audit(frames, Self.byAddress).suffix(3) == ["leak dns", "tunnel data", "ingress"])
  }

  @Test func `under audited-only, what hid behind another address before is still in doubt`() {
    let claim = Self.plain(udpPacket("198.51.100.9:5", "192.168.1.1:53", Self.query), Self.host, Self.router)
    let summary = Self.summary([claim] + Self.own(Self.plain), Self.byAddress)
    #expect(summary.incomplete.contains { $0.hasPrefix("1 frames") && $0.contains("MAC address") })
  }

  /// One tunnel message under the router's MAC address makes it look audited, until the real tunnel goes through it.
  @Test func `what went to a router that was made to look audited makes the audit incomplete`() {
    let forged = Self.plain(
      udpPacket("192.168.1.20:40000", Sample.endpoint, WireGuardSample.data), Self.router, Self.neighbour)
    for sender in [Self.host, Self.neighbour] {
      let leak = Self.plain(udpPacket("192.168.1.20:5555", "192.168.1.1:53", Self.query), sender, Self.router)
      let frames = [forged] + [leak, leak, leak] + Self.own(Self.plain)
      #expect(audit(frames).prefix(4) == ["tunnel data", "ingress", "ingress", "ingress"])
      let summary = Self.summary(frames, policy())
      #expect(summary.incomplete.contains { $0.hasPrefix("3 frames") && $0.contains("next hop") })
    }
    // So does a frame without IP.
    let bare = SampleFrame(
      ethernet(filler(60), EtherType(rawValue: 0x88B5), from: Self.neighbour, to: Self.router), .ethernet)
    #expect(Self.summary([forged, bare] + Self.own(Self.plain), policy()).incomplete.count == 1)
    // What went to the host was ingress rightly.
    #expect(Self.summary([forged] + Self.own(Self.plain), policy()).incomplete == [])
  }
}
