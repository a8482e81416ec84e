import Audit
import Policy
import TestSupport
import Testing
import Wire

/// Leaks of one flow that must not be counted in bulk, because each may say something else.
@Suite struct KeptLeakTests {
  private static let station = MACAddress(0x02_42_AC_12_00_02)
  private static let router = MACAddress(0x02_42_00_00_00_01)

  private static func findings(_ packets: [[UInt8]]) -> [Finding] {
    // The first packet shows that the station is of the audited side.
    let own = udpPacket("172.18.0.2:40000", Sample.endpoint, WireGuardSample.data)
    let frames = ([own] + packets).map { SampleFrame(ethernet($0, .ipv4, from: station, to: router), .ethernet) }
    return summary(frames, roles: [nil], linkType: .ethernet).findings
  }

  @Test func `every name that is asked for past the tunnel is told, whatever makes the packet a leak`() {
    let names = ["a.example", "b.example", "c.example"]
    let queries = names.map { udpPacket("\(Sample.tunnelAddress):4000", "198.51.100.53:53", dnsQuery($0)) }
    let found = Self.findings(queries)
    #expect(found.map(\.key.reason) == [.tunnelAddress])
    #expect(found.first?.questions.elements.map(\.name) == names)
  }

  /// What is left of a connection is milder than a connection that begins.
  @Test func `a connection that begins in a known flow is no older one`() {
    func segment(_ payload: [UInt8], flags: UInt8) -> [UInt8] {
      tcpPacket("172.18.0.2:4000", "198.51.100.7:9999", payload, flags: flags)
    }
    let content = segment(filler(40, 0x99), flags: 0x18)
    let beginning = segment(filler(40, 0x99), flags: 0x02)
    let rest = segment([], flags: 0x10)
    func isOlder(_ packets: [[UInt8]]) -> Bool {
      Self.findings(packets).contains { $0.title.contains("older TCP connection") }
    }
    #expect(isOlder([content, content, rest]))
    #expect(!isOlder([content, content, beginning, rest]))
  }
}
