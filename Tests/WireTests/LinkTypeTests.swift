import TestSupport
import Testing
import Wire

/// Whatever carries a packet, the same packet comes out.
@Suite struct LinkTypeTests {
  struct Carrier: Sendable, CustomTestStringConvertible {
    var name: String
    var linkType: LinkType
    var wrap: @Sendable (_ packet: [UInt8], _ isIPv4: Bool) -> [UInt8]

    var testDescription: String { name }
  }

  private static func type(_ isIPv4: Bool) -> EtherType { isIPv4 ? .ipv4 : .ipv6 }
  private static func number(_ isIPv4: Bool) -> UInt16 { isIPv4 ? 0x0021 : 0x0057 }

  static let carriers: [Carrier] = [
    Carrier(name: "raw", linkType: .raw) { packet, _ in packet },
    Carrier(name: "raw, DLT 12", linkType: .rawBSD) { packet, _ in packet },
    Carrier(name: "raw, DLT 14", linkType: .rawOpenBSD) { packet, _ in packet },
    Carrier(name: "ethernet", linkType: .ethernet) { ethernet($0, type($1)) },
    Carrier(name: "802.1Q", linkType: .ethernet) { ethernet(vlan(7, type($1), $0), .vlan) },
    Carrier(name: "802.1ad", linkType: .ethernet) { ethernet(vlan(7, type($1), $0), .serviceVLAN) },
    Carrier(name: "802.1ad over 802.1Q", linkType: .ethernet) {
      ethernet(vlan(7, .vlan, vlan(8, type($1), $0)), .serviceVLAN)
    },
    Carrier(name: "four tags", linkType: .ethernet) {
      ethernet(vlan(1, .stackedVLAN2, vlan(2, .vlan, vlan(3, .vlan, vlan(4, type($1), $0)))), .stackedVLAN)
    },
    Carrier(name: "LLC without SNAP", linkType: .ethernet) { packet, _ in ieee8023([0x06, 0x06, 0x03] + packet) },
    Carrier(name: "SNAP", linkType: .ethernet) { ieee8023(snap($0, type($1))) },
    Carrier(name: "SNAP, bridge-tunnel OUI", linkType: .ethernet) {
      ieee8023(snap($0, type($1), oui: [0x00, 0x00, 0xF8]))
    },
    Carrier(name: "SNAP behind a tag", linkType: .ethernet) {
      ethernet(vlan(7, EtherType(rawValue: 100), snap($0, type($1))), .vlan)
    },
    Carrier(name: "MPLS", linkType: .ethernet) { packet, _ in ethernet(mpls([16], packet), .mpls) },
    Carrier(name: "MPLS, three labels", linkType: .ethernet) { packet, _ in
      ethernet(mpls([16, 0x100, 17], packet), .mplsUpstream)
    },
    Carrier(name: "PPPoE", linkType: .ethernet) { ethernet(pppoe(ppp($0, number($1))), .pppoeSession) },
    Carrier(name: "PPPoE behind a tag", linkType: .ethernet) {
      ethernet(vlan(7, .pppoeSession, pppoe(ppp($0, number($1)))), .vlan)
    },
    Carrier(name: "PPPoE, compressed protocol", linkType: .ethernet) {
      ethernet(pppoe([UInt8(number($1))] + $0), .pppoeSession)
    },
    Carrier(name: "PPPoE, MPLS", linkType: .ethernet) { packet, _ in
      ethernet(pppoe(ppp(mpls([16], packet), 0x0281)), .pppoeSession)
    },
    Carrier(name: "cooked", linkType: .linuxCooked) { cooked($0, type($1)) },
    Carrier(name: "cooked, tag", linkType: .linuxCooked) { cooked(vlan(7, type($1), $0), .vlan) },
    Carrier(name: "cooked, SNAP", linkType: .linuxCooked) { cooked(snap($0, type($1)), EtherType(rawValue: 4)) },
    Carrier(name: "cooked 2", linkType: .linuxCooked2) { cooked2($0, type($1)) },
    Carrier(name: "PPP", linkType: .ppp) { ppp($0, number($1)) },
    Carrier(name: "PPP, compressed protocol", linkType: .ppp) { [UInt8(number($1))] + $0 },
    Carrier(name: "PPP in HDLC framing", linkType: .ppp) { hdlc(ppp($0, number($1))) },
    Carrier(name: "PPP_HDLC", linkType: .pppHDLC) { hdlc(ppp($0, number($1))) },
    Carrier(name: "Cisco HDLC", linkType: .pppHDLC) { ciscoHDLC($0, type($1)) },
    Carrier(name: "PPP_ETHER", linkType: .pppEther) { pppoe(ppp($0, number($1))) },
    Carrier(name: "NULL, little-endian", linkType: .null) { littleEndian(UInt32($1 ? 2 : 10)) + $0 },
    Carrier(name: "NULL, big-endian", linkType: .null) { bigEndian(UInt32($1 ? 2 : 28)) + $0 },
    Carrier(name: "NULL, Darwin", linkType: .null) { littleEndian(UInt32($1 ? 2 : 30)) + $0 },
    Carrier(name: "LOOP", linkType: .loop) { bigEndian(UInt32($1 ? 2 : 24)) + $0 },
    Carrier(name: "NFLOG", linkType: .nflog) { nflog($0, family: $1 ? 2 : 10, type($1), isPadded: false) },
    Carrier(name: "NFLOG, big-endian", linkType: .nflog) {
      nflog($0, family: $1 ? 2 : 10, type($1), isBigEndian: true, prefix: "a longer text", isPadded: false)
    },
    Carrier(name: "NFLOG of a bridge", linkType: .nflog) { nflog($0, family: 7, type($1), isPadded: false) },
    Carrier(name: "IPV4 or IPV6", linkType: .ipv4) { packet, _ in packet },
  ]

  @Test(arguments: carriers) func `an IPv4 packet gives the same five-tuple`(carrier: Carrier) {
    expectSample(decode(carrier.wrap(udpPacket("10.0.0.2:1000", "192.0.2.1:53", filler(33)), true), carrier.linkType))
  }

  @Test(arguments: carriers) func `an IPv6 packet gives the same five-tuple`(carrier: Carrier) {
    let linkType = carrier.linkType == .ipv4 ? LinkType.ipv6 : carrier.linkType
    let packet = decode(carrier.wrap(udpPacket("[fd00::2]:1000", "[2001:db8::1]:53", filler(33)), false), linkType)
    expectSample(packet, source: "fd00::2", destination: "2001:db8::1")
  }

  @Test(arguments: carriers) func `never counts padding after the packet as payload`(carrier: Carrier) {
    let padded = carrier.wrap(udpPacket("10.0.0.2:1000", "192.0.2.1:53", filler(33)), true) + filler(20, 0)
    let packet = decode(padded, carrier.linkType)
    expectSample(packet)
    #expect(packet.packetEnd == Int32(padded.count - 20))
  }

  @Test(arguments: carriers) func `reports an error on every prefix and never traps`(carrier: Carrier) {
    let whole = carrier.wrap(udpPacket("10.0.0.2:1000", "192.0.2.1:53", []), true)
    for count in 0..<whole.count {
      let packet = decode(Array(whole.prefix(count)), carrier.linkType, originalLength: whole.count)
      #expect(packet.error != nil && packet.transport != .header, "prefix of \(count) bytes")
    }
  }

  private func expectSample(
    _ packet: DecodedPacket, source: String = "10.0.0.2", destination: String = "192.0.2.1",
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(packet.error == nil, sourceLocation: sourceLocation)
    #expect(packet.network == .ip && packet.transport == .header, sourceLocation: sourceLocation)
    #expect(packet.protocolNumber == .udp, sourceLocation: sourceLocation)
    #expect(packet.source == address(source), sourceLocation: sourceLocation)
    #expect(packet.destination == address(destination), sourceLocation: sourceLocation)
    #expect(packet.sourcePort == 1000 && packet.destinationPort == 53, sourceLocation: sourceLocation)
    #expect(packet.payloadLength == 33, sourceLocation: sourceLocation)
  }

  @Test(arguments: UInt16(0)...UInt16(300)) func `refuses a link type that it says is not supported`(raw: UInt16) {
    let linkType = LinkType(rawValue: raw)
    let packet = decode(udpPacket("10.0.0.2:1", "192.0.2.1:53"), linkType)
    #expect((packet.error == .malformed(.linkLayer)) == !linkType.isSupported)
    #expect(linkType.description.contains("\(raw)"))
  }
}
