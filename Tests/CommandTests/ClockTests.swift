import Foundation
import TestSupport
import Testing
import Wire

/// A bridge and a NIC captured separately, by different clocks.
@Suite struct ClockTests {
  private static let container = MACAddress(0x02_42_AC_12_00_07)
  private static let bridge = MACAddress(0x02_42_00_00_00_01)
  private static let machine = MACAddress(0x02_00_00_00_00_04)
  private static let router = MACAddress(0x02_00_00_00_00_01)
  private static let compose = """
    services:
      wireguard:
        image: linuxserver/wireguard
        cap_add: [NET_ADMIN]
        volumes: ["./wg0.conf:/config/wg_confs/wg0.conf"]
        networks: {stack: {ipv4_address: 172.18.0.2}}
      ntfy:
        image: binwiederhier/ntfy
        container_name: ntfy
        networks: {stack: {ipv4_address: 172.18.0.7, mac_address: "02:42:ac:12:00:07"}}
    networks:
      stack:
        ipam: {config: [{subnet: 172.18.0.0/16}]}
    """
  private static let rule = """
    allow:
      - id: ntfy
        reason: on purpose
        container: ntfy
    """

  /// A packet each 100 ms on the bridge, and behind NAT on the NIC.
  private static func frames(_ packet: (Int) -> [UInt8], from: MACAddress, to: MACAddress, late: Int64) -> [SampleFrame]
  {
    (0..<10).map { number in
      var frame = SampleFrame(ethernet(packet(number), .ipv4, from: from, to: to), .ethernet)
      frame.time.nanoseconds += Int64(number) * 100_000_000 + late
      return frame
    }
  }

  private static func packet(_ number: Int, _ source: String) -> [UInt8] {
    udpPacket(source, "198.51.100.80:443", filler(40, UInt8(number)))
  }

  @Test(arguments: [500_000_000, 1_000_000, 0, -1_000_000, -500_000_000])
  func `the NIC's packets follow the bridge's, whatever their clocks say`(skew: Int64) throws {
    let directory = try TemporaryDirectory()
    let file = PcapFile(variant: .nanoseconds, linkType: .ethernet)
    let inside = Self.frames(
      { Self.packet($0, "172.18.0.7:4001") }, from: Self.container, to: Self.bridge, late: 0)
    let outside = Self.frames(
      { Self.packet($0, "192.168.1.10:61000") }, from: Self.machine, to: Self.router, late: skew)
    let paths = [
      try directory.file("nic.pcap", file.bytes(outside)), try directory.file("bridge.pcap", file.bytes(inside)),
    ]
    let configuration = try #require(FileManager.default.contents(atPath: "captures/formats/wg0.conf"))
    _ = try directory.file("wg0.conf", Array(configuration))
    let compose = try directory.file("docker-compose.yaml", Array(Self.compose.utf8))
    let policy = try directory.file("policy.yaml", Array(Self.rule.utf8))
    let options = ["--role", "nic.pcap=nic", "--role", "bridge.pcap=bridge", "--compose", compose, "--format", "json"]
    let allowed = try Command.run(["replay"] + paths + options + ["--policy", policy]).summary()
    #expect((allowed.allowed, allowed.leak) == (20, 0))
    #expect(allowed.notices.contains { $0.kind == "clocks" } == (skew < 0))
    // A leak belongs to the container on both.
    let leaked = try Command.run(["replay"] + paths + options).summary()
    #expect(Set(leaked.leaks.map(\.origin)) == ["ntfy"])
    #expect(leaked.leak == 20)
  }
}
