import TestSupport
import Testing
import Wire

/// ICMP errors quote the packet that caused them (RFC 792; RFC 4443 section 3).
@Suite struct QuotedPacketTests {
  private func quoted(_ error: [UInt8]) -> DecodedPacket? {
    let frame = SampleFrame(error)
    let packet = frame.decoded
    return PacketDecoder.decodeQuoted(packet, frame.bytes.rawSpan)
  }

  @Test func `reads the ports from the eight bytes that RFC 792 grants`() {
    for original in [
      udpPacket("10.0.0.2:1000", "192.0.2.1:53", filler(40)), tcpPacket("10.0.0.2:1000", "192.0.2.1:53"),
    ] {
      let packet = quoted(icmpPacket("192.0.2.9", "10.0.0.2", icmp(3, Array(original.prefix(28)))))
      #expect(packet?.source == address("10.0.0.2"))
      #expect(packet?.destination == address("192.0.2.1"))
      #expect(packet?.hasPorts == true)
      #expect(packet?.sourcePort == 1000)
      #expect(packet?.destinationPort == 53)
    }
  }

  @Test func `reads an echo's identifier`() {
    let original = icmpPacket("fd00::2", "2001:db8::1", icmpEcho(128, identifier: 77))
    #expect(quoted(icmpPacket("2001:db8::1", "fd00::2", icmp(1, Array(original.prefix(48)))))?.sourcePort == 77)
  }

  @Test func `reads no ports if the quote ends before them`() {
    let original = udpPacket("10.0.0.2:1000", "192.0.2.1:53")
    for count in 20..<24 {
      let packet = quoted(icmpPacket("192.0.2.9", "10.0.0.2", icmp(11, Array(original.prefix(count)))))
      #expect(packet?.hasPorts == false, "\(count) bytes")
    }
  }

  @Test func `finds no packet in a quote without a whole IP header`() {
    let original = udpPacket("10.0.0.2:1000", "192.0.2.1:53")
    for count in 0..<20 {
      #expect(quoted(icmpPacket("192.0.2.9", "10.0.0.2", icmp(3, Array(original.prefix(count))))) == nil)
    }
    #expect(quoted(icmpPacket("192.0.2.9", "10.0.0.2", icmp(3, filler(40, 0)))) == nil)
  }

  /// RFC 792: 3, 4, 5, 11, 12. RFC 4443: 1 to 4; 127 is reserved for expansion.
  @Test func `knows which messages are errors`() {
    let four = (UInt8(0)...255).filter { ICMPType.isError($0, .icmp) }
    let six = (UInt8(0)...255).filter { ICMPType.isError($0, .icmpv6) }
    #expect(four == [3, 4, 5, 11, 12])
    #expect(six == [1, 2, 3, 4])
  }

  @Test func `knows which messages are echoes`() {
    #expect((UInt8(0)...255).filter { ICMPType.isEcho($0, .icmp) } == [0, 8])
    #expect((UInt8(0)...255).filter { ICMPType.isEcho($0, .icmpv6) } == [128, 129])
  }
}

extension QuotedPacketTests {
  /// The quote begins with the outer packet's payload: nothing behind that packet belongs to it.
  @Test func `does not read the quote from padding`() {
    let error = icmpPacket("192.0.2.9", "10.0.0.2", icmp(3))
    #expect(quoted(error + udpPacket("10.0.0.2:1000", "192.0.2.1:53")) == nil)
  }
}
