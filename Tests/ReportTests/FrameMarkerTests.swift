import Audit
import Foundation
import Policy
import TestSupport
import Testing
import Wire

@testable import Report

/// Markers are put into frames wherever there is room, and searched for in the redacted frames.
@Suite struct FrameMarkerTests {
  private static let redactor = Redactor(key: Array("a key of the tests".utf8), policy: TunnelPolicy())

  /// Bytes of a frame that stay as they are: fields known to be harmless, listed here again.
  private static func harmless(_ frame: SampleFrame) -> [Range<Int>] {
    let packet = frame.decoded
    var ranges: [Range<Int>] = []
    switch frame.linkType {
    case .linuxCooked: ranges.append(0..<6)
    case .linuxCooked2: ranges.append(4..<12)
    default: break
    }
    guard packet.network == .ip else { return ranges }
    ranges += harmless(packet, at: 0, frame)
    if packet.isICMP, packet.transport == .header, let quoted = PacketDecoder.decodeQuoted(packet, frame.captured.bytes)
    {
      ranges += harmless(quoted, at: Int(packet.payloadOffset), frame)
    }
    return ranges
  }

  private static func harmless(_ packet: DecodedPacket, at base: Int, _ frame: SampleFrame) -> [Range<Int>] {
    let (start, transport) = (base + Int(packet.networkOffset), base + Int(packet.transportOffset))
    var ranges =
      packet.source.isIPv4
      ? [start..<start + 1, start + 2..<start + 4, start + 6..<start + 10] : [start + 4..<start + 8]
    // RFC 1918 stays, and so do the groups and the low numbers that people choose.
    let size = packet.source.isIPv4 ? 4 : 16
    for (index, address) in [packet.source, packet.destination].enumerated() where redactor.address(address) == address
    {
      let offset = start + (size == 4 ? 12 : 8) + index * size
      ranges.append(offset..<offset + size)
    }
    guard packet.transport != .unknownProtocol, packet.fragment != .later else { return ranges }
    if packet.hasPorts, !packet.isICMP { ranges.append(transport..<transport + 6) }
    return ranges
  }

  private static func shown(_ frame: SampleFrame) -> [UInt8] {
    var bytes = RedactedFrame.bytes(frame.captured, redactor)
    for range in harmless(frame) { for index in range.clamped(to: 0..<bytes.count) { bytes[index] = 0 } }
    return bytes
  }

  /// What decides verdicts is the same in the redacted frame as in the original.
  private static func compare(_ frame: SampleFrame, _ name: String) {
    let before = frame.decoded
    let length = frame.originalLength ?? frame.bytes.count
    let shown = SampleFrame(
      RedactedFrame.bytes(frame.captured, redactor), frame.linkType, originalLength: length, direction: frame.direction)
    let after = shown.decoded
    #expect(shown.bytes.count <= max(frame.bytes.count, 0), "\(name)")
    #expect(before.network == after.network && before.linkDirection == after.linkDirection, "\(name): \(frame.bytes)")
    guard before.network == .ip, after.network == .ip else { return }
    #expect(after.source == redactor.address(before.source), "\(name)")
    #expect(after.destination == redactor.address(before.destination), "\(name)")
    #expect(before.fragment == after.fragment, "\(name): \(frame.bytes)")
    #expect(before.packetLength == after.packetLength, "\(name): \(frame.bytes)")
    #expect(before.hasPorts == after.hasPorts, "\(name): \(frame.bytes)")
    #expect(before.hasSourceRoute == after.hasSourceRoute, "\(name): \(frame.bytes)")
    #expect((before.transport == .unknownProtocol) == (after.transport == .unknownProtocol), "\(name): \(frame.bytes)")
    guard before.transport != .unknownProtocol else { return }
    #expect(before.protocolNumber == after.protocolNumber, "\(name): \(frame.bytes)")
    #expect(before.payloadLength == after.payloadLength || !before.hasPorts, "\(name): \(frame.bytes)")
    if before.hasPorts, !before.isICMP {
      #expect(before.sourcePort == after.sourcePort && before.destinationPort == after.destinationPort, "\(name)")
    }
  }

  /// Puts a marker at every position of a frame, one after the other.
  private static func attack(_ frame: SampleFrame, step: Int, _ name: String) {
    for (number, offset) in stride(from: 0, to: min(frame.bytes.count, 200), by: step).enumerated() {
      var marked = frame
      let marker = Marker(number + 1)
      for (index, byte) in marker.bytes.enumerated() where offset + index < marked.bytes.count {
        marked.bytes[offset + index] = byte
      }
      compare(marked, "\(name), marked at \(offset)")
      #expect(!marker.isIn(shown(marked)), "\(name), at \(offset): \(RedactedFrame.bytes(marked.captured, redactor))")
    }
  }

  @Test(arguments: EvidenceVerdictTests.names)
  func `no mark in a captured frame is shown`(name: String) {
    let records = EvidenceReplay(EvidenceVerdictTests.captures.appending(path: name).path).records
    for index in stride(from: 0, to: records.count, by: max(1, records.count / 8)) {
      let record = records[index]
      Self.attack(
        SampleFrame(record.bytes, record.linkType, originalLength: record.originalLength), step: 7,
        "\(name), frame \(index + 1)")
    }
  }

  @Test func `no mark in hostile conversations is shown`() {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    let bytes = (0..<6000).map { _ in UInt8.random(in: .min ... .max, using: &random) }
    var traffic = HostileTraffic(ByteChoices(bytes), interfaces: 4)
    var count = 0
    while let step = traffic.next() {
      guard case .frame(let frame) = step else { continue }
      count += 1
      if count % 5 == 0 { Self.attack(frame, step: 11, "frame \(count)") }
    }
    #expect(count > 100)
  }

  /// For every link type that is decoded; a new one is included automatically.
  static let linkTypes = (0...UInt16(400)).map(LinkType.init).filter(\.isSupported)

  @Test(arguments: linkTypes)
  func `no mark before a packet is shown, whatever the link`(link: LinkType) {
    let packet = udpPacket("172.18.0.2:4000", "198.51.100.7:4001", filler(40))
    let frames: [[UInt8]]
    switch link.framing {
    case .ethernet:
      frames = [
        ethernet(packet), ethernet(vlan(0x1123, .vlan, vlan(0x1234, .ipv4, packet)), .vlan),
        ethernet(mpls([77_777, 66_666], packet), .mpls),
        ethernet(pppoe(ppp(packet)), .pppoeSession), ieee8023(snap(packet)), ieee8023([0x42, 0x42, 3] + filler(40)),
        ethernet(arp(1, "192.168.1.2", "198.51.100.7"), .arp), ethernet(filler(60), .lldp),
        ethernet(filler(60), EtherType(rawValue: 0x88B5)), ethernet(packet) + filler(40),
      ]
    case .linuxCooked: frames = [cooked(packet), cooked(vlan(0x1234, .ipv4, packet), .vlan), cooked(filler(40), .arp)]
    case .linuxCooked2:
      frames = [cooked2(packet), cooked2(vlan(0x1234, .ipv4, packet), .vlan), cooked2(filler(40), .arp)]
    case .addressFamily: frames = [littleEndian(UInt32(2)) + packet, bigEndian(UInt32(2)) + packet]
    case .ppp: frames = [ppp(packet), hdlc(ppp(packet)), ppp(filler(40), 0xC021)]
    case .hdlc: frames = [hdlc(ppp(packet)), ciscoHDLC(packet), ciscoHDLC(filler(40), .reverseARP)]
    case .pppoe: frames = [pppoe(ppp(packet)), pppoe(ppp(filler(40), 0xC021)), pppoe([], code: 0x09)]
    case .nflog:
      frames = [
        nflog(packet, family: 2, prefix: String(repeating: "x", count: 100)),
        nflog(packet, family: 7, isBigEndian: true),
        nflog(filler(40), family: 7, .arp),
      ]
    case .ip, .ipv4, .ipv6, nil: frames = [packet]
    }
    for (number, bytes) in frames.enumerated() {
      Self.attack(SampleFrame(bytes, link), step: 1, "\(link), \(number)")
      // Frames that decoded to the same verdict still do.
      let frame = SampleFrame(bytes, link)
      let shown = SampleFrame(RedactedFrame.bytes(frame.captured, Self.redactor), link, originalLength: bytes.count)
      #expect(shown.decoded.network == frame.decoded.network, "\(link), \(number)")
      #expect(shown.decoded.networkOffset == frame.decoded.networkOffset, "\(link), \(number)")
    }
  }

  @Test func `nothing of a link type that is not decoded is shown`() {
    for number in UInt16(0)...400 where !LinkType(rawValue: number).isSupported {
      let frame = SampleFrame(filler(80), LinkType(rawValue: number))
      #expect(RedactedFrame.bytes(frame.captured, Self.redactor).allSatisfy { $0 == 0 })
    }
  }

  /// Cases found by trial, and similar ones.
  static let packets: [(name: String, bytes: [UInt8])] = [
    ("SNMP", udpPacket("172.18.0.2:4000", "198.51.100.7:161", [0x30, 40, 2, 1, 1, 4, 8] + filler(33))),
    ("TFTP", udpPacket("172.18.0.2:4000", "198.51.100.7:69", [0, 1] + filler(40))),
    ("SOCKS", tcpPacket("172.18.0.2:4000", "198.51.100.7:1080", [5, 1, 0, 3, 20] + filler(22))),
    ("VXLAN", udpPacket("172.18.0.2:4000", "198.51.100.7:4789", [8, 0, 0, 0, 0, 0, 7, 0] + ethernet(filler(40)))),
    ("UTF-8", udpPacket("172.18.0.2:4000", "198.51.100.7:9999", Array("João da Silva, Lisboa".utf8))),
    ("STUN", udpPacket("172.18.0.2:4000", "198.51.100.7:3478", [0, 1, 0, 20, 0x21, 0x12, 0xA4, 0x42] + filler(32))),
    ("QUIC", udpPacket("172.18.0.2:4000", "198.51.100.7:443", [0xC3, 0, 0, 0, 1, 8] + filler(1200))),
    ("WireGuard", udpPacket("172.18.0.2:4000", "198.51.100.7:51820", wireGuard(4, length: 96, reserved: [9, 8, 7]))),
    (
      "TCP options",
      ipv4(
        from: address("172.18.0.2"), to: address("198.51.100.7"), .tcp,
        Array(tcp(4000, 443, flags: 0x10).prefix(upTo: 12)) + [0xF0, 0x10, 0xFF, 0xFF, 0, 0, 0, 0]
          // MPTCP's ADD_ADDR, timestamps, TCP-AO, Fast Open.
          + [30, 8, 0x34, 1, 198, 51, 100, 9] + [8, 10] + filler(8) + [29, 10, 1, 1] + filler(6) + [34, 10] + filler(8)
          + [1, 0])
    ),
    (
      "redirect",
      icmpPacket(
        "192.168.1.1", "172.18.0.2",
        icmp(5, code: 1, rest: 0xC633_6409, Array(udpPacket("172.18.0.2:1", "198.51.100.7:2", filler(9)).prefix(28))))
    ),
    (
      "quote",
      icmpPacket(
        "[fd00::1]".filter { $0 != "[" && $0 != "]" }, "2001:db8::7",
        icmp(1, ipv6(from: address("2001:db8::7"), to: address("fe80::5054:ff:fe12:3456"), .tcp, tcp(1, 2, filler(40))))
      )
    ),
    (
      "solicitation",
      icmpPacket(
        "fe80::5054:ff:fe12:3456", "ff02::1:ff12:3456",
        icmp(135, octets(address("fe80::5054:ff:fe12:3456")) + [1, 1] + filler(6)))
    ),
    (
      "options and AH",
      ipv6(
        from: address("fd00::2"), to: address("2001:db8::7"), .hopByHop,
        [60, 1, 30, 12] + filler(12) + [51, 1, 1, 12] + filler(12) + authenticationHeader(.hip) + [135, 2, 1, 0x11]
          + filler(20)
          + [17, 1] + filler(14) + udp(1, 2, filler(20)))
    ),
    (
      "IPv4 options",
      ipv4(
        from: address("172.18.0.2"), to: address("198.51.100.7"), .udp, udp(1, 2, filler(20)),
        options: [68, 12, 5, 1] + filler(8) + [130, 11] + filler(9))
    ),
    (
      "IGMP",
      ipv4(from: address("172.18.0.2"), to: address("234.198.51.100"), .igmp, [0x16, 0, 0, 0, 234, 198, 51, 100])
    ),
    ("GRE", ipv4(from: address("172.18.0.2"), to: address("198.51.100.7"), .gre, filler(40))),
    ("SCTP", ipv4(from: address("172.18.0.2"), to: address("198.51.100.7"), .sctp, filler(40))),
    ("DCCP", ipv4(from: address("172.18.0.2"), to: address("198.51.100.7"), .dccp, filler(40))),
    (
      "fragment",
      udpPacket("172.18.0.2:1", "198.51.100.7:2", filler(40), fragment: Fragmentation(offset: 64, more: true))
    ),
  ]

  @Test(arguments: packets.indices)
  func `no mark in a protocol is shown`(index: Int) {
    Self.attack(SampleFrame(Self.packets[index].bytes), step: 1, Self.packets[index].name)
  }

  /// Real ones are short, and a marker's first bytes may identify a protocol.
  @Test(arguments: packets.indices)
  func `no four bytes of a payload are shown, except common ones`(index: Int) {
    let frame = SampleFrame(Self.packets[index].bytes)
    let shown = RedactedFrame.bytes(frame.captured, Self.redactor)
    let packet = frame.decoded
    let start = Int(max(packet.payloadOffset, packet.transportOffset + (packet.hasPorts && !packet.isICMP ? 8 : 0)))
    guard packet.fragment != .later, !packet.isICMP, start + 12 < shown.count else { return }
    for offset in start + 8..<max(start + 8, shown.count - 4) {
      let four = Array(frame.bytes[offset..<offset + 4])
      #expect(four.contains(0) || Array(shown[offset..<offset + 4]) != four, "\(Self.packets[index].name) at \(offset)")
    }
  }
}
