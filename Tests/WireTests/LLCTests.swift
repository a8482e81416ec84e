import TestSupport
import Testing
import Wire

/// LLC and SNAP (IEEE 802.2, RFC 1042), behind a length or behind the EtherType of jumbo LLC: what stays on the link, what
/// carries IP, and what could.
@Suite struct LLCTests {
  private let query = udpPacket("10.0.0.2:1000", "192.0.2.1:53", dnsQuery("example.org"))
  private let query6 = udpPacket("[fd00::2]:1000", "[2001:db8::1]:53", dnsQuery("example.org"))

  /// Each way in which LLC stands in a frame.
  private func decodings(_ llc: [UInt8]) -> [DecodedPacket] {
    let length = EtherType(rawValue: UInt16(llc.count))
    return [
      decode(ieee8023(llc), .ethernet), decode(ethernet(vlan(7, length, llc), .vlan), .ethernet),
      decode(ethernet(llc, .jumboLLC), .ethernet), decode(ethernet(vlan(7, .jumboLLC, llc), .vlan), .ethernet),
      decode(cooked(llc, EtherType(rawValue: 4)), .linuxCooked), decode(cooked2(llc, .jumboLLC), .linuxCooked2),
    ]
  }

  /// Spanning tree (SAP 42), IS-IS (SAP FE), NetBIOS (SAP F0), Novell's frames without LLC.
  @Test(arguments: [
    [0x42, 0x42, 0x03], [0xFE, 0xFE, 0x03, 0x83], [0xF0, 0xF0, 0x03], [0xFF, 0xFF, 0x00], [0xE0, 0xE0, 0x03],
    [0x45, 0x00, 0x00],
  ])
  func `keeps LLC that carries no IP on the link`(llc: [UInt8]) {
    for packet in decodings(llc + filler(30)) { #expect(packet.network == .linkLayer) }
  }

  /// CDP, VTP, DTP, PVST+ and UDLD of Cisco, AppleTalk and its address resolution, discovery of Nortel, Extreme and Foundry.
  @Test(arguments: [
    (0x0C, 0x2000), (0x0C, 0x2003), (0x0C, 0x2004), (0x0C, 0x010B), (0x0C, 0x0111), (0x08_0007, 0x809B), (0, 0x80F3),
    (0x81, 0x01A2), (0x00_E02B, 0x00BB), (0x00_E052, 0x2000),
  ])
  func `keeps control protocols over SNAP on the link`(organization: Int, number: Int) {
    let llc = snap(filler(30), EtherType(rawValue: UInt16(number)), oui: Array(bigEndian(UInt32(organization))[1...]))
    for packet in decodings(llc) { #expect(packet.network == .linkLayer) }
  }

  @Test(arguments: [0x0806, 0x8035, 0x88CC, 0x888E, 0x8863, 0x8809, 0x9000] as [UInt16])
  func `keeps the protocols of the link over SNAP there`(type: UInt16) {
    for packet in decodings(snap(filler(28), EtherType(rawValue: type))) { #expect(packet.network == .linkLayer) }
  }

  @Test(arguments: [[0, 0, 0], [0, 0, 0xF8]] as [[UInt8]]) func `walks from SNAP to IP`(oui: [UInt8]) {
    let frames = [
      snap(query, oui: oui), snap(vlan(7, .ipv4, query), .vlan, oui: oui), snap(mpls([16], query), .mpls, oui: oui),
      snap(pppoe(ppp(query)), .pppoeSession, oui: oui),
      snap(vlan(7, .jumboLLC, snap(query)), .serviceVLAN, oui: oui),
    ]
    for packet in frames.flatMap(decodings) { #expect(packet.error == nil && packet.destinationPort == 53) }
    for packet in decodings(snap(query6, .ipv6, oui: oui)) { #expect(packet.destination == address("2001:db8::1")) }
  }

  /// RFC 948; ISO's NLPID for IPv4, SNAP and PPP (RFC 2427, RFC 2364).
  @Test(arguments: [
    [0x06, 0x06, 0x03], [0xFE, 0xFE, 0x03, 0xCC], [0xFE, 0xFE, 0x03, 0x80, 0, 0, 0, 8, 0],
    [0xFE, 0xFE, 0x03, 0xCF, 0x00, 0x21], [0xAB, 0xAA, 0x13, 0, 0, 0, 8, 0],
  ])
  func `finds IP over LLC without SNAP too`(header: [UInt8]) {
    for packet in decodings(header + query) { #expect(packet.error == nil && packet.destinationPort == 53) }
    let six = [0xFE, 0xFE, 0x03, 0x8E] + query6
    for packet in decodings(six) { #expect(packet.error == nil && packet.destinationPort == 53) }
  }

  /// PPP, bridged Ethernet, IPX, IP's second registration; bridged frames of RFC 2684 and the SNAP numbers of whoever.
  @Test(arguments: [
    (0, 0x880B), (0, 0x6558), (0, 0x8137), (0, 0x0801), (0, 0x88E5), (0xF8, 0x880B), (0, 0x0040), (0x00_80C2, 0x0001),
    (0x00_80C2, 0x0007), (0x00_80C2, 0x000B), (0x0C, 0x0800), (0x08_0007, 0x0800), (0x00_0102, 0x0800),
  ])
  func `does not guess what SNAP could carry`(organization: Int, number: Int) {
    let type = EtherType(rawValue: UInt16(number))
    for packet in decodings(snap(query, type, oui: Array(bigEndian(UInt32(organization))[1...]))) {
      #expect(packet.network == .undecodable)
      let isType = (organization == 0 || organization == 0xF8) && number > 1500
      #expect(packet.error == .malformed(isType ? .unknownEtherType : .llc))
    }
  }

  /// X.25; Q.933, FRF.9 and FRF.12 behind ISO's SAP; SNAP and IP in anything but unnumbered information.
  @Test(arguments: [
    [0x7E, 0x7E, 0x03], [0xFE, 0xFE, 0x03, 0x08], [0xFE, 0xFE, 0x03, 0xB0], [0xFE, 0xFE, 0x03, 0xB1],
    [0xAA, 0xAA, 0x00, 0x00, 0, 0, 0, 8, 0], [0x06, 0x06, 0xE3],
  ])
  func `does not guess what else LLC could carry`(header: [UInt8]) {
    for packet in decodings(header + query) {
      #expect(packet.network == .undecodable)
      #expect(packet.error == .malformed(.llc))
    }
  }

  // MARK: Lengths

  /// There is no room for an LLC header, whatever stands behind.
  @Test(arguments: [0, 1, 2] as [UInt16]) func `refuses a length too short for LLC`(length: UInt16) {
    for llc in [query, snap(query), [0x42, 0x42, 0x03] + filler(43)] {
      let type = EtherType(rawValue: length)
      for packet in [
        decode(ethernet(llc, type), .ethernet), decode(ethernet(vlan(7, type, llc), .vlan), .ethernet),
        decode(ethernet([], type), .ethernet),
      ] {
        #expect(packet.network == .undecodable)
        #expect(packet.error == .malformed(.llc))
      }
    }
  }

  @Test(arguments: 3...7) func `refuses a length too short for SNAP`(length: Int) {
    let packet = decode(ethernet(snap(query), EtherType(rawValue: UInt16(length))), .ethernet)
    #expect(packet.error == .malformed(.llc))
  }

  @Test(arguments: [1501, 0x05DD, 0x05FF] as [UInt16]) func `refuses a value that is neither length nor type`(
    value: UInt16
  ) {
    #expect(
      decode(ethernet(snap(query), EtherType(rawValue: value)), .ethernet).error == .malformed(.unknownEtherType))
  }

  @Test func `bytes beyond the length are padding`() {
    let llc = snap(query)
    let whole = decode(ethernet(llc + filler(20), EtherType(rawValue: UInt16(llc.count))), .ethernet)
    #expect(whole.error == nil && whole.destinationPort == 53)
    // The packet stands in the padding: nobody receives it.
    let hidden = decode(ethernet(llc, EtherType(rawValue: 8)), .ethernet)
    #expect(hidden.error == .truncated(.ipv4, needed: 20, available: 0))
    let third = decode(ethernet([0x42, 0x42, 0x03] + query, EtherType(rawValue: 3)), .ethernet)
    #expect(third.network == .linkLayer)
  }

  /// A cut capture, or an offloaded frame, is no contradiction.
  @Test func `a length beyond the frame means the whole frame`() {
    let packet = decode(ethernet(snap(query), EtherType(rawValue: 1500)), .ethernet)
    #expect(packet.error == nil && packet.destinationPort == 53)
    #expect(decode(ethernet([0x42, 0x42, 0x03], EtherType(rawValue: 1500)), .ethernet).network == .linkLayer)
  }

  @Test func `reports LLC and SNAP cut short`() {
    let whole = ieee8023(snap(query))
    expectTruncations(whole, .ethernet, [(.ethernet, 0, 14), (.llc, 14, 3)])
    for (bytes, start, needed) in [
      (whole, 3, 8), (ethernet([0xFE, 0xFE, 0x03, 0xCC] + query, .jumboLLC), 3, 4),
      (ieee8023([0xFE, 0xFE, 0x03, 0x80, 0, 0, 0, 8, 0] + query), 4, 9),
    ] {
      for count in 14 + start..<14 + needed {
        let packet = decode(Array(bytes.prefix(count)), .ethernet)
        #expect(packet.error == .truncated(.llc, needed: needed, available: count - 14))
        #expect(packet.network == .undecodable)
      }
    }
  }

  @Test func `walks a frame of nothing but encapsulations to its end`() {
    let layer = snap(vlan(1, .jumboLLC, []), .vlan)
    let layers = [[UInt8]](repeating: layer, count: 20_000).flatMap(\.self)
    #expect(decode(ethernet(layers + snap(query), .jumboLLC), .ethernet).destinationPort == 53)
  }
}
