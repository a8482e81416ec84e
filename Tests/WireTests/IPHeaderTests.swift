import TestSupport
import Testing
import Wire

@Suite struct IPHeaderTests {
  @Test func `reads every field of an IPv4 header`() throws {
    let bytes = ipv4(
      from: address("10.1.2.3"), to: address("203.0.113.9"), .udp, filler(16), options: filler(5, 1),
      fragment: Fragmentation(offset: 1480, more: true, identification: 0xBEEF))
    let packet = try IPv4Packet(bytes.rawSpan)
    #expect(packet.headerLength == 28)
    #expect(packet.totalLength == 44)
    #expect(packet.identification == 0xBEEF)
    #expect(packet.moreFragments == true)
    #expect(packet.fragmentOffset == 1480)
    #expect(packet.protocolNumber == .udp)
    #expect(packet.source == address("10.1.2.3"))
    #expect(packet.destination == address("203.0.113.9"))
  }

  @Test(arguments: 0..<20) func `refuses an IPv4 header cut short`(count: Int) {
    let bytes = Array(sampleIPv4.prefix(count))
    #expect(throws: WireError.truncated(.ipv4, needed: 20, available: count)) { _ = try IPv4Packet(bytes.rawSpan) }
  }

  @Test(arguments: (0...15).filter { $0 != 4 }) func `refuses another version than 4`(version: UInt8) {
    var bytes = sampleIPv4
    bytes[0] = version << 4 | 5
    #expect(throws: WireError.malformed(.ipv4)) { _ = try IPv4Packet(bytes.rawSpan) }
  }

  @Test(arguments: 0...4) func `refuses a header length below five words`(words: UInt8) {
    var bytes = sampleIPv4
    bytes[0] = 0x40 | words
    #expect(throws: WireError.malformed(.ipv4)) { _ = try IPv4Packet(bytes.rawSpan) }
  }

  @Test(arguments: [1, 19]) func `refuses a total length shorter than the header`(total: Int) {
    let bytes = ipv4(from: address("10.0.0.1"), to: address("10.0.0.2"), .udp, filler(8), totalLength: total)
    #expect(throws: WireError.malformed(.ipv4)) { _ = try IPv4Packet(bytes.rawSpan) }
  }

  @Test func `refuses a total length that ends among the options`() {
    let bytes = ipv4(
      from: address("10.0.0.1"), to: address("10.0.0.2"), .udp, filler(8), options: filler(40, 1), totalLength: 59)
    #expect(throws: WireError.malformed(.ipv4)) { _ = try IPv4Packet(bytes.rawSpan) }
  }

  @Test func `accepts a total length of zero`() throws {
    let bytes = ipv4(from: address("10.0.0.1"), to: address("10.0.0.2"), .udp, filler(8), totalLength: 0)
    #expect(try IPv4Packet(bytes.rawSpan).totalLength == 0)
  }

  @Test func `reads every field of an IPv6 header`() throws {
    let bytes = ipv6(from: address("fd00::1"), to: address("2001:db8::9"), .tcp, filler(20))
    let packet = try IPv6Packet(bytes.rawSpan)
    #expect(packet.payloadLength == 20)
    #expect(packet.nextHeader == .tcp)
    #expect(packet.source == address("fd00::1"))
    #expect(packet.destination == address("2001:db8::9"))
  }

  @Test(arguments: 0..<40) func `refuses an IPv6 header cut short`(count: Int) {
    let bytes = Array(sampleIPv6.prefix(count))
    #expect(throws: WireError.truncated(.ipv6, needed: 40, available: count)) { _ = try IPv6Packet(bytes.rawSpan) }
  }

  @Test(arguments: (0...15).filter { $0 != 6 }) func `refuses another version than 6`(version: UInt8) {
    var bytes = sampleIPv6
    bytes[0] = version << 4
    #expect(throws: WireError.malformed(.ipv6)) { _ = try IPv6Packet(bytes.rawSpan) }
  }

  private var sampleIPv4: [UInt8] { udpPacket("10.0.0.1:1", "10.0.0.2:2") }
  private var sampleIPv6: [UInt8] { udpPacket("[fd00::1]:1", "[fd00::2]:2") }
}
