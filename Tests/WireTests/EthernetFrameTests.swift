import TestSupport
import Testing
import Wire

@Suite struct EthernetFrameTests {
  @Test func `reads addresses and type and leaves the payload`() throws {
    let bytes: [UInt8] = [2, 0, 0, 0, 0, 1, 2, 0xAB, 0, 0, 0, 2, 0x08, 0x00, 0xAA]
    let frame = try EthernetFrame(bytes.rawSpan)
    #expect(frame.destination == MACAddress("02:00:00:00:00:01"))
    #expect(frame.source == MACAddress("02:ab:00:00:00:02"))
    #expect(frame.etherType == .ipv4)
    #expect(frame.payload.byteCount == 1)
  }

  @Test(arguments: 0..<EthernetFrame.headerLength)
  func `refuses a header cut short`(count: Int) {
    let bytes = filler(count)
    #expect(throws: WireError.truncated(.ethernet, needed: 14, available: count)) {
      _ = try EthernetFrame(bytes.rawSpan)
    }
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

  @Test(arguments: [1, 2], 0..<20)
  func `refuses a cooked header cut short`(version: Int, count: Int) {
    let needed = version == 1 ? 16 : 20
    guard count < needed else { return }
    let bytes = filler(count)
    #expect(throws: WireError.truncated(.linuxCooked, needed: needed, available: count)) {
      _ = try LinuxCookedFrame(bytes.rawSpan, version: version)
    }
  }

  @Test func `reads the fields of both cooked headers`() throws {
    let mac = MACAddress(0x02_11_22_33_44_55)
    let first = cooked([], .ipv6, packetType: 4, hardwareType: 772, from: mac)
    let second = cooked2([], .ipv6, packetType: 4, hardwareType: 772, from: mac)
    #expect(first.count == 16)
    #expect(second.count == 20)
    for (bytes, version) in [(first, 1), (second, 2)] {
      let frame = try LinuxCookedFrame(bytes.rawSpan, version: version)
      #expect(frame.packetType == 4)
      #expect(frame.direction == .outgoing)
      #expect(frame.hardwareType == 772)
      #expect(frame.source == mac)
      #expect(frame.protocolType == .ipv6)
    }
  }

  @Test(arguments: [
    (0, RecordDirection.incoming), (1, .incoming), (2, .incoming), (3, .incoming), (4, .outgoing), (5, .unknown),
    (255, .unknown),
  ])
  func `takes a cooked frame's direction from its packet type`(type: Int, direction: RecordDirection) throws {
    let first = cooked([], packetType: UInt16(type))
    #expect(try LinuxCookedFrame(first.rawSpan, version: 1).direction == direction)
    let second = cooked2([], packetType: UInt8(type))
    #expect(try LinuxCookedFrame(second.rawSpan, version: 2).direction == direction)
  }

  @Test func `knows no cooked source of another length than six`() throws {
    var first = cooked([])
    first[5] = 8
    #expect(try LinuxCookedFrame(first.rawSpan, version: 1).source == nil)
    var second = cooked2([])
    second[11] = 0
    #expect(try LinuxCookedFrame(second.rawSpan, version: 2).source == nil)
  }
}
