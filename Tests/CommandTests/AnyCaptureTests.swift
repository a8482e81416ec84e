import Foundation
import TestSupport
import Testing
import Wire

/// A capture of all interfaces at once (`tcpdump -i any`), and what goes through the tunnel.
@Suite struct AnyCaptureTests {
  private static let container = MACAddress(0x02_42_AC_12_00_02)
  private static let bridge = MACAddress(0x02_42_00_00_00_01)
  private static let machine = MACAddress(0x02_00_00_00_00_04)
  private static let router = MACAddress(0x02_00_00_00_00_01)
  private static let endpoint = "203.0.113.178:51820"
  private static let options = ["--wg-config", "captures/formats/wg0.conf", "--format", "json"]

  private static func frame(
    _ packet: [UInt8], on index: UInt32, out: Bool = false, from station: MACAddress, type: UInt16 = 1
  ) -> SampleFrame {
    SampleFrame(
      cooked2(packet, packetType: out ? 4 : 0, hardwareType: type, from: station, index: index), .linuxCooked2)
  }

  /// What a container sends passes its veth (7), the bridge (3), and behind NAT the NIC (2).
  private static func passage(_ packet: (String) -> [UInt8]) -> [SampleFrame] {
    [
      frame(packet("172.18.0.2"), on: 7, from: container), frame(packet("172.18.0.2"), on: 3, from: container),
      frame(packet("192.168.1.10"), on: 2, out: true, from: machine),
    ]
  }

  private static func replay(_ frames: [SampleFrame], _ options: [String] = []) throws -> (Summary, Int32) {
    let directory = try TemporaryDirectory()
    let timed = frames.enumerated().map { number, frame in
      var frame = frame
      frame.time.nanoseconds += Int64(number) * 1_000_000
      return frame
    }
    let path = try directory.file("any.pcap", PcapFile(linkType: .linuxCooked2).bytes(timed))
    let result = try Command.run(["replay", path] + Self.options + options)
    let summary = try result.summary()
    summary.expectToAddUp()
    return (summary, result.status)
  }

  private static let session: [SampleFrame] =
    passage { udpPacket("\($0):40000", endpoint, wireGuardInitiation(sender: 1)) }
    + [
      frame(udpPacket(endpoint, "192.168.1.10:40000", wireGuardResponse(sender: 9, receiver: 1)), on: 2, from: router),
      frame(
        udpPacket(endpoint, "172.18.0.2:40000", wireGuardResponse(sender: 9, receiver: 1)), on: 3, out: true,
        from: bridge),
      frame(
        udpPacket(endpoint, "172.18.0.2:40000", wireGuardResponse(sender: 9, receiver: 1)), on: 7, out: true,
        from: bridge),
    ] + passage { udpPacket("\($0):40000", endpoint, wireGuardData(receiver: 9)) }
  private static let roles = ["--role", "3=bridge", "--role", "2=nic"]

  @Test func `one capture of all interfaces is an audit of bridge and NIC`() throws {
    let leak = Self.passage { udpPacket("\($0):5000", "198.51.100.53:53", dnsQuery("example.org")) }
    let (summary, status) = try Self.replay(Self.session + leak, Self.roles)
    #expect(status == 1)
    #expect(Set(summary.interfaces.map(\.name)) == ["any.pcap#2", "any.pcap#3", "any.pcap#7"])
    let bridge = try #require(summary.leaks.first { $0.interface == "any.pcap#3" })
    let card = try #require(summary.leaks.first { $0.interface == "any.pcap#2" })
    #expect(bridge.fate == "escaped" && card.fate == "escaped")
    #expect(card.origin != "host")
    #expect(
      summary.notices.contains { $0.kind == "bridge-port" && $0.text.hasPrefix("any.pcap#7 is a port of any.pcap#3") })
    #expect(summary.notices.filter { $0.kind == "bridge-port" }.count == 1)
    let (clean, cleanStatus) = try Self.replay(Self.session, Self.roles)
    #expect(cleanStatus == 0 && clean.ingress == 3 && clean.tunnel == 6)
  }

  @Test func `the machine's own leak on the NIC is separate`() throws {
    let own = Self.frame(
      udpPacket("192.168.1.10:5000", "198.51.100.53:53", dnsQuery("example.org")), on: 2, out: true, from: Self.machine)
    let (summary, status) = try Self.replay(Self.session + [own], Self.roles)
    #expect(status == 0 && summary.leaks.map(\.origin) == ["host"])
  }

  private static func inner(_ packet: [UInt8]) -> SampleFrame {
    var frame = frame(packet, on: 5, from: MACAddress(0), type: 0xFFFE)
    frame.bytes[11] = 0
    return frame
  }

  private static let inside = [
    inner(udpPacket("10.64.114.74:5000", "198.51.100.53:53", dnsQuery("example.org"))),
    inner(udpPacket("198.51.100.53:53", "10.64.114.74:5000", dnsQuery("example.org"))),
  ]

  @Test func `traffic inside the tunnel is not a leak and causes a notice`() throws {
    let (summary, status) = try Self.replay(Self.session + Self.inside, Self.roles)
    #expect(status == 0 && summary.ingress == 5, "\(summary.leaks)")
    #expect(summary.notices.contains { $0.kind == "tunnel-inside" && $0.text.hasPrefix("any.pcap#5: 2 frames") })
    let (alone, aloneStatus) = try Self.replay(Self.inside)
    #expect(aloneStatus == 3 && alone.incomplete.contains { $0.contains("only the inside of the tunnel was captured") })
    // An inner packet on an interface that has link-layer addresses is still a leak.
    let (clear, clearStatus) = try Self.replay(
      Self.session + Self.passage { _ in udpPacket("10.64.114.74:5000", "198.51.100.53:53", dnsQuery("example.org")) },
      Self.roles)
    #expect(clearStatus == 1 && clear.leaks("tunnel-address") == 3)
  }

  @Test func `an interface without addresses that shows the Endpoint's packets leads outside`() throws {
    let message = Self.inner(udpPacket("100.64.7.7:40000", Self.endpoint, wireGuardData(receiver: 9)))
    let (first, firstStatus) = try Self.replay([message] + Self.inside)
    #expect(firstStatus == 1 && first.leaks("tunnel-address") == 1)
    let (late, lateStatus) = try Self.replay(Self.inside + [message])
    #expect(lateStatus == 3 && late.incomplete.contains { $0.contains("2 frames counted as the tunnel's inside") })
  }
}
