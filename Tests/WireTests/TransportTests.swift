import TestSupport
import Testing
import Wire

/// From the IP header to ports and payload.
@Suite struct TransportTests {
  @Test func `ends the payload where UDP's length says`() {
    let bytes = ip(from: address("10.0.0.2"), to: address("192.0.2.1"), .udp, udp(1, 2, filler(30), length: 18))
    let packet = decode(bytes)
    #expect(packet.transport == .header)
    #expect(packet.payloadLength == 10)
    let frame = SampleFrame(bytes)
    #expect(packet.payload(frame.captured).byteCount == 10)
  }

  @Test func `ends the packet where IP's length says`() {
    let frame = SampleFrame(ethernet(udpPacket("10.0.0.2:1", "192.0.2.1:2", filler(3)) + filler(15, 0)), .ethernet)
    let packet = frame.decoded
    #expect(packet.packetBytes(frame.captured).byteCount == 31)
    #expect(packet.payload(frame.captured).byteCount == 3)
    #expect(packet.packetLength == 31)
  }

  /// RFC 768: the length counts the header; IP leaves 8 + 4 bytes here.
  @Test(arguments: [1, 7, 13, 0xFFFF]) func `refuses a UDP length that contradicts IP's`(length: Int) {
    let packet = decode(
      ip(from: address("10.0.0.2"), to: address("192.0.2.1"), .udp, udp(1, 2, filler(4), length: length)))
    #expect(packet.error == .malformed(.udp))
    #expect(packet.transport == .ports)
    #expect(packet.sourcePort == 1 && packet.destinationPort == 2)
  }

  @Test func `uses IP's length if UDP's is zero`() {
    let packet = decode(ip(from: address("fd00::1"), to: address("fd00::2"), .udp, udp(1, 2, filler(9), length: 0)))
    #expect(packet.error == nil)
    #expect(packet.payloadLength == 9)
  }

  @Test(arguments: [0, 1, 7]) func `refuses an IP length that leaves no room for UDP's header`(room: Int) {
    let bytes = ipv4(from: address("10.0.0.2"), to: address("192.0.2.1"), .udp, udp(1, 2), totalLength: 20 + room)
    let packet = decode(bytes)
    #expect(packet.error == .malformed(.udp))
    #expect(packet.transport == .protocolOnly)
    #expect(packet.protocolNumber == .udp)
  }

  @Test func `reads a UDP header's ports from four bytes`() {
    let whole = udpPacket("10.0.0.2:1", "192.0.2.1:2", filler(8))
    for count in 20..<28 {
      let packet = decode(Array(whole.prefix(count)), originalLength: whole.count)
      #expect(packet.error == .truncated(.udp, needed: 8, available: count - 20))
      #expect(packet.transport == (count < 24 ? .protocolOnly : .ports), "\(count) bytes")
      #expect(packet.destinationPort == (count < 24 ? 0 : 2))
    }
    #expect(decode(Array(whole.prefix(28))).transport == .header)
  }

  @Test func `reads a TCP header's ports from four bytes and its flags from fourteen`() {
    let whole = tcpPacket("10.0.0.2:1", "192.0.2.1:2", filler(8), flags: 0x12)
    for count in 20..<34 {
      let packet = decode(Array(whole.prefix(count)), originalLength: whole.count)
      #expect(packet.error == .truncated(.tcp, needed: 20, available: count - 20))
      #expect(packet.transport == (count < 24 ? .protocolOnly : .ports), "\(count) bytes")
    }
    for count in 34...whole.count {
      let packet = decode(Array(whole.prefix(count)), originalLength: whole.count)
      #expect(packet.transport == .header)
      #expect(packet.flagsOrType == 0x12)
      #expect(packet.payloadLength == 8)
    }
  }

  @Test(arguments: [0, 4, 16, 56, 60]) func `refuses a data offset below five words or beyond the segment`(offset: Int)
  {
    var segment = tcp(1, 2, filler(32))
    segment[12] = UInt8(offset / 4) << 4
    let packet = decode(ip(from: address("10.0.0.2"), to: address("192.0.2.1"), .tcp, segment))
    #expect(packet.error == .malformed(.tcp))
    #expect(packet.transport == .ports)
    #expect(packet.destinationPort == 2)
  }

  @Test func `accepts TCP options up to the segment's end`() {
    let segment = tcp(1, 2, [], dataOffset: 60)
    let packet = decode(ip(from: address("10.0.0.2"), to: address("192.0.2.1"), .tcp, segment))
    #expect(packet.error == nil)
    #expect(packet.payloadLength == 0)
  }

  @Test func `finds the transport header after IPv4 options`() {
    let bytes = ipv4(
      from: address("10.0.0.2"), to: address("192.0.2.1"), .udp, udp(7, 8, filler(5)), options: filler(40, 1))
    let packet = decode(bytes)
    #expect(packet.sourcePort == 7 && packet.destinationPort == 8 && packet.payloadLength == 5)
    // Options cut: the addresses are known, the ports are not.
    let cut = decode(Array(bytes.prefix(30)), originalLength: bytes.count)
    #expect(cut.network == .ip && cut.transport == .protocolOnly)
    #expect(cut.error == .truncated(.udp, needed: 8, available: 0))
  }

  @Test func `gives an echo's identifier as both ports`() {
    for (from, to, type) in [
      ("10.0.0.2", "192.0.2.1", UInt8(8)), ("10.0.0.2", "192.0.2.1", 0), ("fd00::1", "fd00::2", 128),
    ] {
      let packet = decode(icmpPacket(from, to, icmpEcho(type, identifier: 0xABCD)))
      #expect(packet.flagsOrType == type)
      #expect(packet.sourcePort == 0xABCD && packet.destinationPort == 0xABCD)
    }
    #expect(decode(icmpPacket("10.0.0.2", "192.0.2.1", icmp(13, rest: 0xABCD_0000))).sourcePort == 0)
  }

  @Test func `reports an ICMP header cut short`() {
    let whole = icmpPacket("10.0.0.2", "192.0.2.1", icmpEcho(8, identifier: 1))
    expectTruncations(whole, .ipv4, [(.ipv4, 0, 20), (.icmp, 20, 8)])
    #expect(
      decode(ip(from: address("10.0.0.2"), to: address("192.0.2.1"), .icmp, filler(7))).error == .malformed(.icmp))
  }

  @Test(arguments: [IPProtocol.sctp, .dccp, .udpLite]) func `reads ports of other transports`(number: IPProtocol) {
    let packet = decode(ip(from: address("10.0.0.2"), to: address("192.0.2.1"), number, udp(5, 6, filler(8))))
    #expect(packet.hasPorts)
    #expect(packet.sourcePort == 5 && packet.destinationPort == 6)
  }

  /// RFC 3828, RFC 9260 section 3.1, RFC 4340 section 5.1: the ports come first in each.
  @Test(arguments: [
    (IPProtocol.udpLite, WireError.Layer.udpLite, 8), (.sctp, .sctp, 4), (.dccp, .dccp, 4),
  ])
  func `reports other transports cut short by their names`(number: IPProtocol, layer: WireError.Layer, needed: Int) {
    for (from, to) in [("10.0.0.2", "192.0.2.1"), ("fd00::2", "2001:db8::1")] {
      let whole = ip(from: address(from), to: address(to), number, udp(5, 6, filler(8)))
      let start = whole.count - 16
      for count in start..<start + 4 {
        let packet = decode(Array(whole.prefix(count)), originalLength: whole.count)
        #expect(packet.error == .truncated(layer, needed: needed, available: count - start))
        #expect(packet.transport == .protocolOnly && packet.protocolNumber == number)
      }
      let short = decode(ip(from: address(from), to: address(to), number, filler(3)))
      #expect(short.error == .malformed(layer))
    }
    #expect(layer.name.lowercased() == number.description)
  }

  @Test(arguments: [2, 4, 41, 47, 50, 89, 103, 112, 255] as [UInt8]) func `invents no ports for other protocols`(
    number: UInt8
  ) {
    let number = IPProtocol(rawValue: number)
    let packet = decode(ip(from: address("10.0.0.2"), to: address("192.0.2.1"), number, filler(20)))
    #expect(packet.error == nil)
    #expect(packet.transport == .protocolOnly)
    #expect(packet.protocolNumber == number)
    #expect(!packet.hasPorts)
  }

  // Segmentation offload.

  @Test func `uses the rest of the frame if IPv4's total length is zero`() {
    let bytes = ipv4(from: address("10.0.0.2"), to: address("192.0.2.1"), .tcp, tcp(1, 2, filler(100)), totalLength: 0)
    let packet = decode(ethernet(bytes), .ethernet)
    #expect(packet.error == nil)
    #expect(packet.payloadLength == 100)
    #expect(packet.packetLength == Int32(bytes.count))
  }

  @Test func `uses the rest of the frame if IPv6's payload length is zero`() {
    let bytes = ipv6(from: address("fd00::1"), to: address("fd00::2"), .tcp, tcp(1, 2, filler(100)), payloadLength: 0)
    let packet = decode(ethernet(bytes, .ipv6), .ethernet)
    #expect(packet.error == nil)
    #expect(packet.payloadLength == 100)
  }

  @Test func `uses the frame's length, not the capture's, if the total length is zero`() {
    let bytes = ethernet(
      ipv4(from: address("10.0.0.2"), to: address("192.0.2.1"), .udp, udp(1, 2, filler(140)), totalLength: 0))
    let packet = decode(Array(bytes.prefix(60)), .ethernet, originalLength: bytes.count)
    #expect(packet.error == nil)
    #expect(packet.payloadLength == 140)
    #expect(packet.packetLength == 168)
  }

  @Test func `padding is not the payload of an empty IPv6 packet`() {
    let packet = decode(
      ethernet(ipv6(from: address("fd00::1"), to: address("fd00::2"), .noNextHeader, []) + filler(6), .ipv6), .ethernet)
    #expect(packet.error == nil)
    #expect(packet.packetLength == 40 && packet.payloadLength == 0)
  }

  @Test func `reads a packet whose total length exceeds the frame up to the frame's end`() {
    let bytes = ipv4(
      from: address("10.0.0.2"), to: address("192.0.2.1"), .udp, udp(1, 2, filler(4), length: 1480), totalLength: 1500)
    let packet = decode(bytes)
    #expect(packet.error == nil)
    #expect(packet.transport == .header)
    #expect(packet.payloadLength == 1472)
    let frame = SampleFrame(bytes)
    #expect(packet.payload(frame.captured).byteCount == 4)
  }
}
