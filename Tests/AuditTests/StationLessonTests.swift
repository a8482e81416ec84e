import Policy
import TestSupport
import Testing
import Wire

/// What shows that a station is on the audited side (CONTRACT 1, rule 2), and what does not.
@Suite struct StationLessonTests {
  private static let station = MACAddress(0x02_42_AC_12_00_02)
  private static let router = MACAddress(0x02_42_00_00_00_01)

  private static func frame(_ packet: [UInt8], _ from: MACAddress, _ to: MACAddress) -> SampleFrame {
    SampleFrame(ethernet(packet, .ipv4, from: from, to: to), .ethernet)
  }

  /// A packet that comes in unless its sender is on the audited side.
  private static let claim = frame(
    udpPacket("198.51.100.9:5", "192.168.1.1:53", dnsQuery("a.example")), station, router)

  private static func tunnelled(_ fragment: Fragmentation? = nil) -> SampleFrame {
    frame(
      ip(from: address("172.18.0.2"), to: address("203.0.113.5"), .gre, filler(40), fragment: fragment), station, router
    )
  }

  @Test func `a packet that opens a flow shows it, a later fragment does not`() {
    #expect(audit([Self.tunnelled(), Self.claim]) == ["leak other", "leak dns"])
    let first = Fragmentation(offset: 0, more: true, identification: 7)
    #expect(audit([Self.tunnelled(first), Self.claim]) == ["leak other", "leak dns"])
    let later = Fragmentation(offset: 80, more: false, identification: 7)
    #expect(audit([Self.tunnelled(later), Self.claim]) == ["leak fragment", "ingress"])
  }

  @Test func `an answer to what came in does not show it`() {
    let call = Self.frame(udpPacket("203.0.113.5:4000", "172.18.0.2:8080"), Self.router, Self.station)
    let answer = Self.frame(udpPacket("172.18.0.2:8080", "203.0.113.5:4000"), Self.station, Self.router)
    #expect(audit([call, answer, Self.claim]) == ["ingress", "leak other", "ingress"])
    #expect(audit([answer, Self.claim]) == ["leak other", "leak dns"])
  }

  /// Somebody sends one frame under the router's MAC address. What leaves through it leaves all the same, even if it
  /// looks like an answer to a question that was not captured.
  @Test func `what leaves through a station that was made to look audited does not come in`() {
    let forged = Self.frame(
      udpPacket("172.18.0.2:4000", Sample.endpoint, WireGuardSample.data), Self.router, Self.station)
    let other = MACAddress(0x02_42_AC_12_00_09)
    let leaving = Self.frame(udpPacket("172.18.0.9:53", "198.51.100.9:5000"), other, Self.router)
    let staying = Self.frame(udpPacket("198.51.100.9:5000", "172.18.0.1:53"), other, Self.router)
    #expect(audit([forged, leaving]) == ["tunnel data", "leak other"])
    #expect(audit([forged, staying]) == ["tunnel data", "ingress"])
  }
}
