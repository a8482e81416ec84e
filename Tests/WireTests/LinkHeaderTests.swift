import TestSupport
import Testing
import Wire

@Suite struct LinkHeaderTests {
  /// For every link type that is decoded; a new one is included automatically.
  static let linkTypes = (0...UInt16(400)).map(LinkType.init).filter(\.isSupported)

  @Test func `reads addresses and type of Ethernet`() throws {
    let bytes: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0xAB, 0, 0, 0, 2, 0x08, 0x00, 0xAA]
    let header = try LinkHeader(bytes.rawSpan, .ethernet)
    #expect(header.destination == MACAddress("02:00:00:00:00:01"))
    #expect(header.source == MACAddress("02:ab:00:00:00:02"))
    #expect(try header.next() == (.etherType(.ipv4), at: 14))
    #expect(header.direction == .unknown && header.hardwareType == nil)
  }

  @Test func `reads the fields of both cooked headers`() throws {
    let mac = MACAddress(0x02_11_22_33_44_55)
    let first = cooked([], .ipv6, packetType: 4, hardwareType: 772, from: mac)
    let second = cooked2([], .ipv6, packetType: 4, hardwareType: 772, from: mac, index: 70_000)
    for (bytes, linkType) in [(first, LinkType.linuxCooked), (second, .linuxCooked2)] {
      let header = try LinkHeader(bytes.rawSpan, linkType)
      #expect(header.direction == .outgoing)
      #expect(header.hardwareType == 772)
      #expect(header.source == mac && header.destination == nil)
      #expect(try header.next() == (.etherType(.ipv6), at: bytes.count))
    }
    #expect(LinkHeader.interfaceIndex(first.rawSpan, .linuxCooked) == nil)
    #expect(LinkHeader.interfaceIndex(second.rawSpan, .linuxCooked2) == 70_000)
  }

  @Test(arguments: linkTypes) func `refuses a header cut short, and never traps`(linkType: LinkType) throws {
    let framing = try #require(linkType.framing)
    let needed = LinkLayout(framing).length
    // What leads furthest: a cooked header with a displaced tag, PPP with address and control bytes.
    for bytes in [filler(40), filler(40, 0), filler(12, 0) + [0x81, 0x00] + filler(26, 0), hdlc(ppp(filler(40)))] {
      for count in 0...bytes.count {
        let cut = Array(bytes.prefix(count))
        guard count >= needed else {
          #expect(throws: WireError.self) { _ = try LinkHeader(cut.rawSpan, linkType) }
          continue
        }
        let header = try LinkHeader(cut.rawSpan, linkType)
        _ = (header.source, header.destination, header.direction, header.hardwareType, header.isWithoutLink)
        if let (_, offset) = try? header.next() { #expect(offset <= count) }
      }
      // The index is told as soon as it is there.
      let index = LinkHeader.interfaceIndex(bytes.rawSpan, linkType)
      let shortest = (0...bytes.count).first {
        LinkHeader.interfaceIndex(Array(bytes.prefix($0)).rawSpan, linkType) != nil
      }
      #expect((index != nil) == linkType.namesInterfaces)
      #expect(shortest.map { $0 <= needed } != false)
    }
  }

  @Test(arguments: [
    (LinkType.ethernet, WireError.Layer.ethernet, 14), (.linuxCooked, .linuxCooked, 16),
    (.linuxCooked2, .linuxCooked, 20),
  ])
  func `names the header that is cut`(linkType: LinkType, layer: WireError.Layer, needed: Int) {
    for count in 0..<needed {
      #expect(throws: WireError.truncated(layer, needed: needed, available: count)) {
        _ = try LinkHeader(filler(count).rawSpan, linkType)
      }
    }
  }

  /// Fields of a layout neither overlap nor reach beyond the header, so that no byte is both masked and kept.
  @Test(arguments: linkTypes) func `gives each byte of a header one meaning`(linkType: LinkType) throws {
    let layout = LinkLayout(try #require(linkType.framing))
    let fields = layout.kernelFields + layout.stations.map { $0..<$0 + MACAddress.length }
    for (number, field) in fields.enumerated() {
      #expect(!field.isEmpty && field.lowerBound >= 0 && field.upperBound <= layout.length)
      #expect(fields[..<number].allSatisfy { !$0.overlaps(field) })
    }
  }

  /// What tells stations apart is all of what redaction masks, and nothing else.
  @Test(arguments: linkTypes) func `reads stations where the layout places them`(linkType: LinkType) throws {
    let layout = LinkLayout(try #require(linkType.framing))
    let named = layout.stations.flatMap { $0..<$0 + MACAddress.length }
    var bytes = filler(40, 0)
    // A cooked address is one of six octets.
    if linkType == .linuxCooked { bytes[5] = 6 }
    if linkType == .linuxCooked2 { bytes[11] = 6 }
    let before = try LinkHeader(bytes.rawSpan, linkType)
    let (source, destination) = (before.source, before.destination)
    #expect([source, destination].compactMap { $0 }.count == layout.stations.count)
    for index in 0..<layout.length where !layout.kernelFields.contains(where: { $0.contains(index) }) {
      var changed = bytes
      changed[index] = 0x5A
      let header = try LinkHeader(changed.rawSpan, linkType)
      #expect((header.source != source || header.destination != destination) == named.contains(index), "byte \(index)")
    }
  }

  @Test(arguments: [
    (0, RecordDirection.incoming), (1, .incoming), (2, .incoming), (3, .incoming), (4, .outgoing), (5, .unknown),
    (255, .unknown),
  ])
  func `takes a cooked frame's direction from its packet type`(type: Int, direction: RecordDirection) throws {
    let first = cooked([], packetType: UInt16(type))
    #expect(try LinkHeader(first.rawSpan, .linuxCooked).direction == direction)
    let second = cooked2([], packetType: UInt8(type))
    #expect(try LinkHeader(second.rawSpan, .linuxCooked2).direction == direction)
  }

  @Test func `a cooked source of a length other than six is ignored`() throws {
    var first = cooked([])
    first[5] = 8
    #expect(try LinkHeader(first.rawSpan, .linuxCooked).source == nil)
    var second = cooked2([])
    second[11] = 0
    #expect(try LinkHeader(second.rawSpan, .linuxCooked2).source == nil)
  }

  @Test(arguments: linkTypes) func `knows which interfaces have no link of their own`(linkType: LinkType) throws {
    let none = linkType == .linuxCooked2 ? cooked2([], hardwareType: 0xFFFE) : cooked(filler(4), hardwareType: 0xFFFE)
    let isIP: Set<LinkType> = [.raw, .rawBSD, .rawOpenBSD, .ipv4, .ipv6]
    let isCooked = linkType == .linuxCooked || linkType == .linuxCooked2
    #expect(try LinkHeader(none.rawSpan, linkType).isWithoutLink == (isIP.contains(linkType) || isCooked))
    guard isCooked else { return }
    let ethernet = linkType == .linuxCooked ? cooked([]) : cooked2([])
    #expect(try !LinkHeader(ethernet.rawSpan, linkType).isWithoutLink)
  }

  @Test func `reads the twelve bits of a VLAN identifier`() throws {
    let bytes: [UInt8] = [0xE0 | 0x0F, 0xFE, 0x86, 0xDD]
    let tag = try VLANTag(bytes.rawSpan)
    #expect(tag.identifier == 0xFFE)
    #expect(tag.etherType == .ipv6)
  }

  @Test(arguments: 0..<VLANTag.length)
  func `refuses a VLAN tag cut short`(count: Int) {
    let bytes = filler(count)
    #expect(throws: WireError.truncated(.vlan, needed: 4, available: count)) { _ = try VLANTag(bytes.rawSpan) }
  }
}
