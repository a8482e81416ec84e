import TestSupport
import Wire

/// The packets that each format capture carries: a WireGuard handshake and data both ways, one local
/// packet, two leaks, and an answer to one of them.
enum StandardMix {
  /// In the order of `packets`: two tunnel, three ingress, one local, two leaks.
  static let verdicts = Expectation(frames: 8, tunnel: 2, local: 1, leak: 2, ingress: 3)

  static let ipv4: [[UInt8]] = packets(
    stack: "172.18.0.2", endpoint: "203.0.113.178", neighbour: "172.18.0.9", resolver: "198.51.100.53",
    pinged: "198.51.100.11")

  static let ipv6: [[UInt8]] = packets(
    stack: "[fd00:18::2]", endpoint: "[2001:db8:178::1]", neighbour: "[fd00:18::9]", resolver: "[2001:db8:53::53]",
    pinged: "[2001:db8:11::11]")

  private static func packets(
    stack: String, endpoint: String, neighbour: String, resolver: String, pinged: String
  ) -> [[UInt8]] {
    func bare(_ text: String) -> String { String(text.filter { $0 != "[" && $0 != "]" }) }
    let isIPv4 = !stack.hasPrefix("[")
    return [
      udpPacket("\(stack):51820", "\(endpoint):51820", WireGuardSample.initiation),
      udpPacket("\(endpoint):51820", "\(stack):51820", WireGuardSample.response),
      udpPacket("\(stack):51820", "\(endpoint):51820", WireGuardSample.data),
      udpPacket("\(endpoint):51820", "\(stack):51820", WireGuardSample.data),
      tcpPacket("\(stack):40100", "\(neighbour):445", flags: 0x02),
      udpPacket("\(stack):40053", "\(resolver):53", dnsQuery("example.org", type: isIPv4 ? 1 : 28)),
      icmpPacket(bare(stack), bare(pinged), icmpEcho(isIPv4 ? 8 : 128, identifier: 0x0B0B)),
      icmpPacket(bare(pinged), bare(stack), icmpEcho(isIPv4 ? 0 : 129, identifier: 0x0B0B)),
    ]
  }

  /// The MAC addresses of stack and next hop, as in the scenarios.
  static let stackMAC = MACAddress(0x02_42_AC_12_00_02)
  static let routerMAC = MACAddress(0x02_42_AC_12_00_01)

  static func isOutgoing(_ index: Int) -> Bool { ![1, 3, 7].contains(index) }

  /// Who sends the packet on its link.
  static func source(_ index: Int) -> MACAddress { isOutgoing(index) ? stackMAC : routerMAC }

  /// Packets with a link header each, ten milliseconds apart.
  static func frames(
    _ linkType: LinkType, _ packets: [[UInt8]] = ipv4, interface: Int = 0,
    _ wrap: (_ packet: [UInt8], _ index: Int) -> [UInt8] = { packet, _ in packet }
  ) -> [SampleFrame] {
    packets.enumerated().map { index, packet in
      SampleFrame(wrap(packet, index), linkType, time: time(index), interface: interface)
    }
  }

  static func time(_ index: Int) -> Timestamp {
    Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(index) * 10_000_000)
  }

  /// Ethernet between stack and next hop, in the packet's direction.
  static func ethernetFrame(_ payload: [UInt8], _ type: EtherType = .ipv4, _ index: Int) -> [UInt8] {
    isOutgoing(index)
      ? ethernet(payload, type, from: stackMAC, to: routerMAC) : ethernet(payload, type, from: routerMAC, to: stackMAC)
  }

  static let ethernetIPv4 = frames(.ethernet) { ethernetFrame($0, .ipv4, $1) }
}

/// What must be found in a capture, stated by hand from the contract.
struct Expectation: Equatable, Sendable {
  var frames, tunnel, local, leak: Int
  var ingress = 0
  var status: Int32 = 1
  /// Frames of each leak reason.
  var leaks = ["dns": 1, "icmp": 1]

  static func mix(times count: Int = 1) -> Self {
    Self(
      frames: 8 * count, tunnel: 2 * count, local: count, leak: 2 * count, ingress: 3 * count,
      leaks: ["dns": count, "icmp": count])
  }
}
