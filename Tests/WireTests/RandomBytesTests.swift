import TestSupport
import Testing
import Wire

/// What no hand would write: nothing of it may trap, and what comes out must hold together.
@Suite struct RandomBytesTests {
  static let linkTypes: [LinkType] = (UInt16(0)...300).map(LinkType.init(rawValue:)).filter(\.isSupported)

  /// Real frames, so that mutations reach the deep parts of the walk.
  private static let seeds: [[UInt8]] = [
    udpPacket("10.0.0.2:1000", "192.0.2.1:53", dnsQuery("www.example.org")),
    tcpPacket("10.0.0.2:1000", "192.0.2.1:443", filler(20)),
    ipv6(
      from: address("fd00::1"), to: address("2001:db8::1"), .hopByHop,
      extensionHeader(.authentication) + authenticationHeader(.fragment)
        + fragmentHeader(.udp, Fragmentation(offset: 0, more: true)) + udp(1, 53, filler(20))),
    ipv4(
      from: address("10.0.0.2"), to: address("192.0.2.1"), .udp, udp(1, 53, filler(20)),
      options: [1, 131, 11, 4] + filler(8) + [137, 7, 4] + filler(4) + [0]),
    ipv6(
      from: address("fd00::1"), to: address("2001:db8::1"), .routing,
      [43, 2, 0, 1, 0, 0, 0, 0] + filler(16) + [17, 4, 4, 1, 1, 0, 0, 0] + filler(32) + udp(1, 53, filler(20))),
    icmpPacket("192.0.2.9", "198.51.100.1", icmp(3, Array(udpPacket("198.51.100.1:1", "192.0.2.9:2").prefix(28)))),
  ]

  private static func wrap(_ packet: [UInt8], _ linkType: LinkType) -> [UInt8] {
    switch linkType {
    case .ethernet: ethernet(vlan(1, .pppoeSession, pppoe(ppp(mpls([16], packet), 0x0281))), .vlan)
    case .linuxCooked: cooked(snap(packet), EtherType(rawValue: 4))
    case .linuxCooked2: cooked2(packet)
    case .null, .loop: bigEndian(UInt32(2)) + packet
    case .ppp, .pppHDLC: hdlc(ppp(packet))
    case .pppEther: pppoe(ppp(packet))
    case .nflog: nflog(packet, family: packet.first.map { $0 >> 4 == 6 ? 10 : 2 } ?? 2)
    default: packet
    }
  }

  @Test(arguments: linkTypes) func `decodes any bytes without a trap and within the frame`(linkType: LinkType) {
    var random = SeededGenerator()
    for round in 0..<8_000 {
      var bytes: [UInt8]
      if round % 3 == 0 {
        bytes = (0..<Int.random(in: 0...96, using: &random)).map { _ in UInt8.random(in: 0 ... .max, using: &random) }
      } else {
        bytes = Self.wrap(Self.seeds.randomElement(using: &random)!, linkType)
        for _ in 0..<Int.random(in: 1...4, using: &random) {
          bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0 ... .max, using: &random)
        }
        if Bool.random(using: &random) { bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))) }
      }
      let original = [nil, 0, bytes.count + 1400, Int.max, Int.min].randomElement(using: &random)!
      let frame = SampleFrame(bytes, linkType, originalLength: original)
      let packet = frame.decoded
      guard holdsTogether(packet, frame) else {
        Issue.record("\(packet) from \(bytes), \(linkType), seed \(random.seed)")
        return
      }
    }
  }

  private func holdsTogether(_ packet: DecodedPacket, _ frame: SampleFrame) -> Bool {
    guard packet.network == .ip else {
      return (packet.network == .undecodable) == (packet.error != nil) && packet.transport == .unknownProtocol
    }
    let route = SourceRoute(packet, frame.captured)
    for index in 0..<min(route.count, 40) { _ = route[index] }
    guard packet.hasSourceRoute || route.count == 0 && route.isReadable, route.isReadable || packet.error != nil else {
      return false
    }
    _ = DNSQuestions(packet, frame.captured)
    _ = DNSAnswers(message: packet.payload(frame.captured))
    if packet.transport == .header { _ = PacketDecoder.decodeQuoted(packet, frame.bytes.rawSpan) }
    return packet.packetBytes(frame.captured).byteCount > 0
      && packet.payload(frame.captured).byteCount <= Int(packet.payloadLength)
      && Int(packet.packetEnd) <= frame.bytes.count && packet.networkOffset < packet.packetEnd
      && packet.packetLength > 0 && packet.payloadLength >= 0
      && (packet.transport != .unknownProtocol || packet.error != nil)
      && packet.source.family == packet.destination.family
  }

  @Test func `reads DNS from any bytes without a trap`() {
    var random = SeededGenerator()
    for _ in 0..<20_000 {
      var bytes = dnsResponse("www.example.org", [address("192.0.2.1"), address("2001:db8::1")])
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        // Pointers are what goes wrong, so they are made often.
        let index = Int.random(in: 4..<bytes.count, using: &random)
        bytes[index] = [0xC0, 0x0C, 0x3F, 0, .random(in: 0 ... .max, using: &random)].randomElement(using: &random)!
      }
      bytes = Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random)))
      let questions = DNSQuestions(message: bytes.rawSpan)
      guard (questions == nil) == (bytes.count < 12), (questions?.list.count ?? 0) <= 16 else {
        Issue.record("\(bytes), seed \(random.seed)")
        return
      }
      _ = DNSAnswers(message: bytes.rawSpan)
    }
  }
}
