import TestSupport
import Wire

/// One capture per link type, and per encapsulation on Ethernet.
extension FormatCapture {
  private static var withOneLocalFrame: Expectation {
    Expectation(frames: 9, tunnel: 2, local: 2, leak: 2, ingress: 3)
  }

  private static func ethernet(
    _ name: String, _ type: EtherType, also last: [UInt8]? = nil, _ wrap: ([UInt8]) -> [UInt8]
  ) -> Self {
    var frames = StandardMix.frames(.ethernet) { StandardMix.ethernetFrame(wrap($0), type, $1) }
    if let last { frames.append(SampleFrame(last, .ethernet, time: StandardMix.time(8))) }
    return Self("ethernet-\(name)", .ethernet, frames, last == nil ? .mix() : withOneLocalFrame)
  }

  static let ethernets: [Self] = [
    ethernet("plain", .ipv4, also: StandardMix.ethernetFrame(arpRequest, .arp, 0)) { $0 },
    ethernet("8021q", .vlan, also: StandardMix.ethernetFrame(vlan(7, .arp, arpRequest), .vlan, 0)) {
      vlan(7, .ipv4, $0)
    },
    ethernet("8021ad", .serviceVLAN) { vlan(100, .vlan, vlan(7, .ipv4, $0)) },
    ethernet("stacked-tags", .stackedVLAN) { vlan(100, .vlan, vlan(200, .vlan, vlan(7, .ipv4, $0))) },
    ethernet("pppoe", .pppoeSession, also: StandardMix.ethernetFrame(pppoe([], code: 0x09), .pppoeDiscovery, 0)) {
      pppoe(ppp($0))
    },
    ethernet("mpls", .mpls) { mpls([16, 17], $0) },
    Self(
      "ethernet-snap", .ethernet,
      StandardMix.frames(.ethernet) { packet, index in
        let llc = snap(packet)
        return StandardMix.ethernetFrame(llc, EtherType(rawValue: UInt16(llc.count)), index)
      } + [SampleFrame(ieee8023([0x42, 0x42, 0x03] + filler(35, 0)), .ethernet, time: StandardMix.time(8))],
      withOneLocalFrame),
  ]

  /// IPv4 and IPv6 in one capture, for link types that carry both.
  private static func both(
    _ name: String, _ linkType: LinkType, ipv4: ([UInt8]) -> [UInt8] = { $0 }, ipv6: ([UInt8]) -> [UInt8] = { $0 }
  ) -> Self {
    let frames =
      StandardMix.frames(linkType) { packet, _ in ipv4(packet) }
      + StandardMix.frames(linkType, StandardMix.ipv6) { packet, _ in ipv6(packet) }
    return Self(name, linkType, frames, .mix(times: 2))
  }

  static let links: [Self] = [
    Self(
      "cooked-1", .linuxCooked,
      StandardMix.frames(.linuxCooked) { packet, index in
        cooked(packet, packetType: StandardMix.isOutgoing(index) ? 4 : 0, from: StandardMix.source(index))
      } + [SampleFrame(cooked(arpRequest, .arp, packetType: 4), .linuxCooked, time: StandardMix.time(8))],
      withOneLocalFrame),
    Self(
      "cooked-2", .linuxCooked2,
      StandardMix.frames(.linuxCooked2) { packet, index in
        cooked2(packet, packetType: StandardMix.isOutgoing(index) ? 4 : 0, from: StandardMix.source(index))
      } + [SampleFrame(cooked2(arpRequest, .arp, packetType: 4), .linuxCooked2, time: StandardMix.time(8))],
      withOneLocalFrame),
    both("raw-12", .rawBSD),
    both("raw-14", .rawOpenBSD),
    both("raw-101", .raw),
    Self("ipv4-228", .ipv4, StandardMix.frames(.ipv4)),
    Self("ipv6-229", .ipv6, StandardMix.frames(.ipv6, StandardMix.ipv6)),
    // 30 is AF_INET6 of Darwin, 10 that of Linux.
    both(
      "null-little-endian", .null, ipv4: { littleEndian(UInt32(2)) + $0 }, ipv6: { littleEndian(UInt32(30)) + $0 }),
    both("null-big-endian", .null, ipv4: { bigEndian(UInt32(2)) + $0 }, ipv6: { bigEndian(UInt32(30)) + $0 }),
    both("loop-108", .loop, ipv4: { bigEndian(UInt32(2)) + $0 }, ipv6: { bigEndian(UInt32(24)) + $0 }),
    both("ppp-9", .ppp, ipv4: { ppp($0) }, ipv6: { ppp($0, 0x0057) }),
    both("ppp-9-hdlc", .ppp, ipv4: { hdlc(ppp($0)) }, ipv6: { hdlc(ppp($0, 0x0057)) }),
    both("ppp-50", .pppHDLC, ipv4: { hdlc(ppp($0)) }, ipv6: { ciscoHDLC($0, .ipv6) }),
    both("nflog-239", .nflog, ipv4: { nflog($0, family: 2) }, ipv6: { nflog($0, family: 10, .ipv6) }),
    both("ppp-51", .pppEther, ipv4: { pppoe(ppp($0)) }, ipv6: { pppoe(ppp($0, 0x0057)) }),
  ]

  /// Who has 172.18.0.1? (RFC 826.)
  static let arpRequest: [UInt8] =
    [0, 1, 8, 0, 6, 4, 0, 1] + octets(StandardMix.stackMAC) + [172, 18, 0, 2] + filler(6, 0) + [172, 18, 0, 1]
}
