import TestSupport
import Testing
import Wire

@Suite struct STUNMessageTests {
  private func message(_ attributes: [UInt8], length: Int? = nil) -> [UInt8] {
    [0, 1] + bigEndian(UInt16(length ?? attributes.count)) + bigEndian(UInt32(0x2112_A442)) + filler(12) + attributes
  }

  private let software = bigEndian(UInt16(0x8022)) + bigEndian(UInt16(5)) + Array("coturn".utf8.prefix(5)) + [0, 0, 0]

  @Test func `reads the software after other attributes`() {
    let other = bigEndian(UInt16(0x0024)) + [0, 4, 1, 2, 3, 4]
    #expect(STUNMessage(message(other + software).rawSpan)?.software == "cotur")
    #expect(STUNMessage(message(other).rawSpan).map { $0.software == nil } == true)
  }

  @Test func `reads no prefix and no other datagram`() {
    let whole = message(software)
    for count in 0..<whole.count { #expect(STUNMessage(Array(whole.prefix(count)).rawSpan) == nil, "\(count) bytes") }
    for (offset, byte) in [(0, UInt8(0x40)), (0, 0x80), (3, 13), (4, 0), (23, 9)] {
      var bytes = whole
      bytes[offset] = byte
      #expect(STUNMessage(bytes.rawSpan) == nil, "\(byte) at \(offset)")
    }
  }
}

@Suite struct EDNSClientSubnetTests {
  /// A query whose OPT record (RFC 6891) has these options.
  private func query(_ options: [UInt8], before: [UInt8] = [], records: UInt16 = 1) -> [UInt8] {
    var message = dnsMessage(
      dnsQuestion(dnsName("a.example")) + before + [0] + bigEndian(UInt16(41)) + [0x10, 0, 0, 0, 0, 0]
        + bigEndian(UInt16(options.count)) + options)
    message.replaceSubrange(10..<12, with: bigEndian(records))
    return message
  }

  private func option(_ family: UInt16, _ bits: UInt8, _ address: [UInt8]) -> [UInt8] {
    [0, 8] + bigEndian(UInt16(4 + address.count)) + bigEndian(family) + [bits, 0] + address
  }

  private func prefix(_ message: [UInt8]) -> String? {
    EDNSClientSubnet(message: message.rawSpan).map { "\($0.prefix)" }
  }

  @Test func `reads the prefix of both families, after other options and records`() {
    let cookie: [UInt8] = [0, 10, 0, 8] + filler(8)
    #expect(prefix(query(cookie + option(1, 24, [198, 51, 100]))) == "198.51.100.0/24")
    #expect(prefix(query(option(1, 32, [198, 51, 100, 7]))) == "198.51.100.7/32")
    #expect(prefix(query(option(2, 56, [0x20, 1, 0xD, 0xB8, 0, 1, 0xFF]))) == "2001:db8:1:ff00::/56")
    let other = dnsRecord(dnsPointer(12), type: 16, filler(3))
    #expect(prefix(query(option(1, 20, [198, 51, 96]), before: other, records: 2)) == "198.51.96.0/20")
  }

  @Test func `reads nothing if no subnet is passed on or the option is malformed`() {
    for content in [
      option(1, 0, []), option(1, 24, [198, 51]), option(1, 24, [198, 51, 100, 0]), option(1, 33, filler(5)),
      option(3, 8, [1]), option(2, 129, filler(17)), [0, 8, 0, 3, 0, 1, 24], [0, 8, 0, 9], [0, 10, 0, 0], [],
    ] {
      #expect(prefix(query(content)) == nil, "\(content)")
    }
    #expect(prefix(dnsQuery("a.example")) == nil)
  }

  @Test func `reads no prefix of a query`() {
    let whole = query(option(1, 24, [198, 51, 100]))
    for count in 0..<whole.count { #expect(prefix(Array(whole.prefix(count))) == nil, "\(count) bytes") }
  }
}

@Suite struct DHCPHostNameTests {
  private func message(_ options: [UInt8]) -> [UInt8] {
    [1, 1, 6, 0] + filler(232, 0) + [0x63, 0x82, 0x53, 0x63] + options
  }

  private let options: [UInt8] = [53, 1, 1, 0, 12, 6] + Array("laptop".utf8) + [255]

  @Test func `reads the name among the options`() {
    #expect(DHCPHostName.read(message(options).rawSpan) == "laptop")
    #expect(DHCPHostName.read(message([12, 2, 0x1B, 0x5B]).rawSpan) == "\\027[")
    #expect(DHCPHostName.read(message([53, 1, 1, 255] + options).rawSpan) == nil)
  }

  @Test func `reads no server's message, no other datagram and no prefix`() {
    for offset in [0, 236] {
      var bytes = message(options)
      bytes[offset] = 2
      #expect(DHCPHostName.read(bytes.rawSpan) == nil)
    }
    let whole = message(options)
    for count in 0..<whole.count - 1 { #expect(DHCPHostName.read(Array(whole.prefix(count)).rawSpan) == nil) }
  }
}
