import TestSupport
import Testing
import Wire

@testable import Audit

/// The plain form reads the link header by itself; `LinkHeader` is the oracle.
@Suite struct PlainPacketTests {
  static let linkTypes = (0...UInt16(400)).map(LinkType.init).filter(\.isSupported)

  /// What the header shows of a frame, apart from what follows it.
  private struct Link: Equatable {
    var source, destination: MACAddress?
    var direction: RecordDirection
    var index: UInt32?
    var hardwareType: UInt16?

    init(_ bytes: [UInt8], _ linkType: LinkType) throws {
      let header = try LinkHeader(bytes.rawSpan, linkType)
      (source, destination) = (header.source, header.destination)
      (direction, hardwareType) = (header.direction, header.hardwareType)
      index = LinkHeader.interfaceIndex(bytes.rawSpan, linkType)
    }
  }

  private static func flow(_ bytes: [UInt8], _ linkType: LinkType) -> (flow: LinkFlow, offset: Int)? {
    PlainPacket(bytes.rawSpan, linkType, interface: 0, .unknown).map { ($0.flow, $0.offset) }
  }

  /// A packet after each kind of header, as the decoder finds it.
  private static func frames(_ linkType: LinkType) -> [[UInt8]] {
    let four = udpPacket("172.18.0.2:4000", "198.51.100.7:4001", filler(40))
    let six = udpPacket("[fd00::2]:4000", "[2001:db8::1]:4001", filler(40))
    return [(four, EtherType.ipv4), (six, .ipv6)].flatMap { packet, type in
      switch linkType.framing {
      case .ethernet: [ethernet(packet, type), ethernet(vlan(7, type, packet), .vlan)]
      case .linuxCooked: [cooked(packet, type)]
      case .linuxCooked2: [cooked2(packet, type), cooked2(packet, type, hardwareType: 0xFFFE)]
      case .addressFamily: [bigEndian(UInt32(type == .ipv4 ? 2 : 10)) + packet]
      case .ppp, .hdlc: [hdlc(ppp(packet, type == .ipv4 ? 0x21 : 0x57))]
      case .pppoe: [pppoe(ppp(packet, type == .ipv4 ? 0x21 : 0x57))]
      case .nflog: [nflog(packet, family: type == .ipv4 ? 2 : 10, type)]
      case .ip, .ipv4, .ipv6, nil: [packet]
      }
    }
  }

  @Test(arguments: linkTypes) func `a plain packet starts where the link header says`(linkType: LinkType) throws {
    var plain = 0
    for bytes in Self.frames(linkType) {
      let packet = SampleFrame(bytes, linkType).decoded
      guard let (_, offset) = Self.flow(bytes, linkType) else { continue }
      plain += 1
      #expect(packet.error == nil && offset == Int(packet.transportOffset), "\(linkType)")
      let (next, start) = try LinkHeader(bytes.rawSpan, linkType).next()
      #expect(start <= Int(packet.networkOffset))
      if case .etherType = next {} else { Issue.record("\(linkType): \(next)") }
    }
    #expect((plain > 0) == (linkType == .ethernet || linkType == .linuxCooked2))
  }

  /// Frames with different link headers never belong to one flow: each bit of each byte is changed.
  @Test(arguments: linkTypes) func `no two links share a plain flow`(linkType: LinkType) throws {
    for bytes in Self.frames(linkType) {
      guard let (flow, _) = Self.flow(bytes, linkType), let framing = linkType.framing else { continue }
      let link = try Link(bytes, linkType)
      for index in 0..<LinkLayout(framing).length {
        for bit in 0..<8 {
          var changed = bytes
          changed[index] ^= 1 << bit
          guard let (other, _) = Self.flow(changed, linkType) else { continue }
          let packet = SampleFrame(changed, linkType).decoded
          #expect(packet.network == .ip && packet.error == nil, "\(linkType), byte \(index), bit \(bit)")
          if try Link(changed, linkType) != link { #expect(other != flow, "\(linkType), byte \(index), bit \(bit)") }
        }
      }
    }
  }
  /// A field of eight bytes holds a six-byte address, and the kernel does not clear the rest.
  @Test func `bytes after a cooked header's address do not distinguish flows`() throws {
    for bytes in Self.frames(.linuxCooked2) {
      guard let (flow, _) = Self.flow(bytes, .linuxCooked2) else { continue }
      for (index, same) in [(17, false), (18, true), (19, true)] {
        var changed = bytes
        changed[index] ^= 0xA5
        let other = try #require(Self.flow(changed, .linuxCooked2))
        #expect((other.flow == flow) == same, "byte \(index)")
        let isSame = try Link(changed, .linuxCooked2) == Link(bytes, .linuxCooked2)
        #expect(isSame == same)
      }
    }
  }
}
