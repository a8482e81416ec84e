import TestSupport
import Testing
import Wire

/// Frames without an IP header: protocols of the link, and what cannot be read.
@Suite struct LinkLayerTests {
  /// Semantics 1: EtherTypes 0806, 8035, 88CC, 888E, 8863, 8809, 9000, 8870.
  @Test(arguments: [0x0806, 0x8035, 0x88CC, 0x888E, 0x8863, 0x8809, 0x9000, 0x8870] as [UInt16])
  func `recognizes the protocols of the link`(type: UInt16) {
    let type = EtherType(rawValue: type)
    #expect(decode(ethernet(filler(46), type), .ethernet).network == .linkLayer)
    #expect(decode(ethernet(vlan(1, type, filler(46)), .vlan), .ethernet).network == .linkLayer)
    #expect(decode(cooked(filler(46), type), .linuxCooked).network == .linkLayer)
  }

  @Test func `recognizes only the listed EtherTypes`() {
    // IP, VLAN tags, MPLS and PPPoE lead on; lengths up to 1500 announce LLC.
    let leading: [UInt16] = [0x0800, 0x86DD, 0x8100, 0x88A8, 0x9100, 0x9200, 0x8847, 0x8848, 0x8864]
    let link: [UInt16] = [0x0806, 0x8035, 0x88CC, 0x888E, 0x8863, 0x8809, 0x9000, 0x8870]
    for type in UInt16(1501)...UInt16.max where !leading.contains(type) && !link.contains(type) {
      let packet = decode(ethernet(filler(46), EtherType(rawValue: type)), .ethernet)
      guard packet.network == .undecodable, packet.error == .malformed(.unknownEtherType) else {
        Issue.record("EtherType \(String(type, radix: 16)) was taken for \(packet.network)")
        return
      }
    }
  }

  @Test func `reports each encapsulation cut short by name`() {
    let packet = udpPacket("10.0.0.2:1000", "192.0.2.1:53")
    expectTruncations(
      ethernet(vlan(1, .vlan, vlan(2, .ipv4, packet)), .vlan), .ethernet,
      [(.ethernet, 0, 14), (.vlan, 14, 4), (.vlan, 18, 4), (.ipv4, 22, 20)])
    expectTruncations(
      ethernet(mpls([16, 17], packet), .mpls), .ethernet,
      [(.mpls, 14, 4), (.mpls, 18, 4), (.mpls, 22, 1), (.ipv4, 23, 0)])
    expectTruncations(
      ethernet(pppoe(ppp(packet)), .pppoeSession), .ethernet,
      [(.pppoe, 14, 6), (.ppp, 20, 1), (.ipv4, 22, 20)])
    expectTruncations(hdlc(ppp(packet)), .ppp, [(.ppp, 0, 2), (.ppp, 2, 1), (.ipv4, 4, 20)])
    expectTruncations(hdlc(ppp(packet)), .pppHDLC, [(.ppp, 0, 4), (.ipv4, 4, 20)])
    expectTruncations(pppoe(ppp(packet)), .pppEther, [(.pppoe, 0, 6), (.ppp, 6, 1), (.ipv4, 8, 20)])
    expectTruncations(bigEndian(UInt32(2)) + packet, .loop, [(.family, 0, 4), (.ipv4, 4, 20)])
    expectTruncations(
      [2, 0, 0, 5, 8, 0, 1, 0, 8, 0, 3, 0, 48, 0, 9, 0] + packet, .nflog,
      [(.family, 0, 4), (.family, 4, 4), (.family, 8, 2), (.family, 12, 4), (.ipv4, 16, 20)])
    expectTruncations(cooked(packet), .linuxCooked, [(.linuxCooked, 0, 16), (.ipv4, 16, 20)])
    expectTruncations(displaced(packet), .linuxCooked, [(.linuxCooked, 0, 16), (.ipv4, 20, 20)])
    for count in 16..<20 {
      let cut = decode(Array(displaced(packet).prefix(count)), .linuxCooked)
      #expect(cut.error == .truncated(.linuxCooked, needed: 20, available: count))
    }
    expectTruncations(cooked2(packet), .linuxCooked2, [(.linuxCooked, 0, 20), (.ipv4, 20, 20)])
    expectTruncations(packet, .raw, [(.linkLayer, 0, 1), (.ipv4, 1, 0)])
    expectTruncations(packet, .ipv4, [(.ipv4, 0, 20)])
  }

  /// Lengths that end nowhere, types that are none in either byte order, a version that nobody knows, no packet at all.
  @Test func `a log that does not lead to a packet is never guessed`() {
    let packet = udpPacket("10.0.0.2:1000", "192.0.2.1:53")
    #expect(decode([2, 0, 0, 5, 24, 0, 9, 0] + packet, .nflog).network == .ip)
    for bytes: [UInt8] in [
      [2, 0, 0, 5, 3, 0, 3, 0, 24, 0, 9, 0] + packet, [2, 0, 0, 5, 0, 0, 9, 0] + packet,
      [2, 0, 0, 5, 24, 0, 9, 9] + packet,
      [2, 1, 0, 5, 24, 0, 9, 0] + packet, [7, 0, 0, 5, 24, 0, 9, 0] + packet, [2, 0, 0, 5, 8, 0, 1, 0, 8, 0, 0, 3],
      [2, 0, 0, 5, 24, 0, 9, 0x7F] + packet,
    ] {
      #expect(decode(bytes, .nflog).network == .undecodable, "\(bytes)")
    }
  }

  @Test func `reports the second byte of a PPP protocol missing`() {
    #expect(decode(hdlc([0x00]), .ppp).error == .truncated(.ppp, needed: 2, available: 1))
  }

  /// Semantics 1: PPP's LCP, IPCP, IPV6CP, PAP and CHAP are local.
  @Test(arguments: [0xC021, 0x8021, 0x8057, 0xC023, 0xC223] as [UInt16])
  func `keeps the control protocols of PPP on the link`(number: UInt16) {
    #expect(decode(ppp(filler(8), number), .ppp).network == .linkLayer)
    #expect(decode(ethernet(pppoe(ppp(filler(8), number)), .pppoeSession), .ethernet).network == .linkLayer)
  }

  /// Multilink, CCP, EAP and what nobody registered.
  @Test(arguments: [0x003D, 0x80FD, 0xC227, 0x00FD, 0x4001] as [UInt16])
  func `cannot read other protocols of PPP`(number: UInt16) {
    let packet = decode(ppp(filler(40), number), .ppp)
    #expect(packet.network == .undecodable)
    #expect(packet.error == .malformed(.ppp))
  }

  @Test func `refuses a PPPoE packet of another version or code`() {
    let inner = ppp(udpPacket("10.0.0.2:1000", "192.0.2.1:53"))
    #expect(decode(ethernet(pppoe(inner, code: 0xA7), .pppoeSession), .ethernet).error == .malformed(.pppoe))
    var session = pppoe(inner)
    session[0] = 0x21
    #expect(decode(ethernet(session, .pppoeSession), .ethernet).error == .malformed(.pppoe))
  }

  @Test func `ends a PPPoE packet where its length says`() {
    let inner = ppp(udpPacket("10.0.0.2:1000", "192.0.2.1:53", filler(40)))
    let packet = decode(ethernet(pppoe(inner, length: 12), .pppoeSession), .ethernet)
    #expect(packet.error == .truncated(.ipv4, needed: 20, available: 10))
  }

  @Test(arguments: [0, 1, 3, 11, 0xFFFF] as [UInt32]) func `refuses an unknown address family`(family: UInt32) {
    let packet = udpPacket("10.0.0.2:1000", "192.0.2.1:53")
    #expect(decode(bigEndian(family) + packet, .loop).error == .malformed(.family))
    #expect(decode(littleEndian(family) + packet, .null).error == .malformed(.family))
  }

  /// Frame Relay, 802.11, its Prism and radiotap headers, netlink: the protocol field is no EtherType there.
  @Test(arguments: [770, 801, 802, 803, 824] as [UInt16])
  func `refuses cooked frames whose protocol is not an EtherType`(hardware: UInt16) {
    let packet = udpPacket("10.0.0.2:1000", "192.0.2.1:53")
    #expect(decode(cooked(packet, hardwareType: hardware), .linuxCooked).error == .malformed(.linuxCooked))
    #expect(decode(cooked2(packet, hardwareType: hardware), .linuxCooked2).error == .malformed(.linuxCooked))
  }

  @Test func `refuses Linux's own protocol numbers but the two for IEEE 802_3`() {
    for number in UInt16(0)...0x05FF where number != 1 && number != 4 {
      let packet = decode(cooked(filler(40), EtherType(rawValue: number)), .linuxCooked)
      #expect(packet.error == .malformed(.linuxCooked), "protocol \(number)")
    }
    #expect(decode(cooked([0x42, 0x42, 0x03], EtherType(rawValue: 4)), .linuxCooked).network == .linkLayer)
  }

  @Test func `recognizes IP after MPLS by its version and guesses nothing else`() {
    // A pseudowire's control word begins with a zero nibble (RFC 4385).
    let packet = decode(ethernet(mpls([16], [0, 0, 0, 1] + filler(40)), .mpls), .ethernet)
    #expect(packet.error == .malformed(.mpls))
    #expect(packet.network == .undecodable)
  }

  @Test func `refuses an EtherType that contradicts the version`() {
    #expect(decode(ethernet(udpPacket("10.0.0.2:1", "192.0.2.1:53"), .ipv6), .ethernet).error != nil)
    #expect(decode(ethernet(udpPacket("[fd00::2]:1", "[fd00::1]:53"), .ipv4), .ethernet).error == .malformed(.ipv4))
  }

  // MARK: Tags that libpcap put in the wrong place (libpcap#164, #717)

  /// A cooked frame whose tag stands behind the first twelve bytes, as in Ethernet.
  private func displaced(
    _ payload: [UInt8], _ type: EtherType = .ipv4, tag: UInt16 = 0x8100, control: UInt16 = 1, padding: UInt16 = 0
  ) -> [UInt8] {
    let frame = cooked(payload, type)
    return frame[..<12] + bigEndian(tag) + bigEndian(control) + bigEndian(padding) + frame[14...]
  }

  /// VLANs 1 and 4 look like LLC, 2054 like ARP, 2252 with priority 4 like LLDP, 2048 like IPv4.
  @Test(
    arguments: [1, 4, 100, 0x0806, 0x88CC, 0x0800, 0x8100] as [UInt16], [0x8100, 0x88A8, 0x9100, 0x9200] as [UInt16])
  func `reads the packet after a displaced tag`(control: UInt16, tag: UInt16) {
    let bytes = displaced(udpPacket("10.0.0.2:1000", "192.0.2.1:53"), tag: tag, control: control)
    let packet = decode(bytes, .linuxCooked)
    #expect(packet.error == nil)
    #expect(packet.destination == address("192.0.2.1") && packet.destinationPort == 53)
  }

  @Test(arguments: [1, 4, 0x0806, 0x88CC, 0x0800] as [UInt16])
  func `does not guess about a displaced tag whose frame does not fit`(control: UInt16) {
    let packet = udpPacket("10.0.0.2:1000", "192.0.2.1:53")
    #expect(
      decode(displaced(packet, control: control, padding: 0x4500), .linuxCooked).error == .malformed(.linuxCooked))
    #expect(
      decode(displaced(packet, EtherType(rawValue: 2), control: control), .linuxCooked).error
        == .malformed(.linuxCooked))
  }

  @Test func `recognizes the protocols of the link after a displaced tag`() {
    #expect(decode(displaced(filler(28), .arp), .linuxCooked).network == .linkLayer)
    #expect(decode(displaced([0x42, 0x42, 0x03], EtherType(rawValue: 4)), .linuxCooked).network == .linkLayer)
  }
}
