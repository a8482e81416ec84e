import Wire

/// The header above IP, and what is recognised behind it.
extension RedactedFrame {
  /// Bytes behind a header that RFC 792 has an error quote: ports, and what follows them.
  private static var quotedLength: Int { 8 }

  /// Returns where what is shown ends.
  static func showTransport(
    _ bytes: inout ShownBytes, _ packet: DecodedPacket, at base: Int, isQuote: Bool, _ redactor: Redactor
  ) -> Int {
    let start = base + Int(packet.transportOffset)
    let payload = base + Int(packet.payloadOffset)
    if packet.isICMP {
      guard packet.transport == .header else { return start }
      return showICMP(&bytes, packet, at: base, isQuote: isQuote, redactor)
    }
    if packet.protocolNumber == .gre, packet.fragment != .later, isPPTP(bytes.octets(at: start, 4)) {
      bytes.write([0, 1, 0x88, 0x0B], at: start)
      return start + 4
    }
    guard packet.hasPorts else { return start }
    bytes.keep(start..<start + 4)
    if isQuote { return start + quotedLength }
    // Ports decide even where the header is cut behind them.
    guard packet.transport == .header else { return start + 4 }
    switch packet.protocolNumber {
    case .udp: bytes.keep(start + 4..<start + 6)
    case .tcp: showTCP(&bytes, start..<payload, redactor)
    default: return start + 4
    }
    let end = min(base + Int(packet.packetEnd), payload + Int(packet.payloadLength), bytes.original.count)
    guard payload < end else { return payload }
    let shown = PayloadSignature.shown(
      bytes.original[payload..<end], length: Int(packet.payloadLength), packet, redactor)
    bytes.write(shown, at: payload)
    return payload + shown.count
  }

  /// GRE of version 1 with PPP in it (RFC 2637 section 4.1).
  private static func isPPTP(_ header: [UInt8]?) -> Bool {
    guard let header else { return false }
    return header[1] & 7 == 1 && header[2] == 0x88 && header[3] == 0x0B
  }

  private static func showTCP(_ bytes: inout ShownBytes, _ range: Range<Int>, _ redactor: Redactor) {
    let start = range.lowerBound
    // By these numbers a segment is known again on another interface.
    bytes.writeNumber(at: start + 4, 4, redactor)
    bytes.writeNumber(at: start + 8, 4, redactor)
    bytes.keep(start + 12..<start + 13, mask: 0xF0)
    bytes.keep(start + 13..<start + 14)
    // A window of zero would be news.
    bytes.fill(start + 14..<start + 16, 0xFF)
    showOptions(&bytes, start + 20..<max(start + 20, range.upperBound))
  }

  /// Which options there are and how long, and nothing of what they say: MPTCP's hold addresses, TCP-AO's and Fast Open's
  /// name the client, timestamps a machine.
  private static func showOptions(_ bytes: inout ShownBytes, _ range: Range<Int>) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let kind = bytes.byte(at: offset)
      if kind == 0 { return }
      let length = Int(bytes.byte(at: offset + 1))
      guard kind != 1, offset + 1 < range.upperBound, length >= 2, offset + length <= range.upperBound else {
        // No operation.
        bytes.write([1], at: offset)
        offset += 1
        continue
      }
      // The registry's, else one for experiments (RFC 4727): a number is a place to write to, too.
      let isKnown = [2, 3, 4, 5, 8, 19, 28, 29, 30, 34].contains(kind)
      bytes.write([isKnown ? kind : 254, UInt8(length)], at: offset)
      offset += length
    }
  }

  private static func showICMP(
    _ bytes: inout ShownBytes, _ packet: DecodedPacket, at base: Int, isQuote: Bool, _ redactor: Redactor
  ) -> Int {
    let start = base + Int(packet.transportOffset)
    let payload = base + Int(packet.payloadOffset)
    bytes.keep(start..<start + 2)
    let type = packet.flagsOrType
    if ICMPType.isEcho(type, packet.protocolNumber) {
      // By these numbers an answer is known.
      bytes.writeNumber(at: start + 4, 2, redactor)
      bytes.writeNumber(at: start + 6, 2, redactor)
      return payload
    }
    guard ICMPType.isError(type, packet.protocolNumber), !isQuote else { return payload }
    // A redirect names a gateway (RFC 792).
    if packet.protocolNumber == .icmp, type == 5, let octets = bytes.octets(at: start + 4, 4) {
      let address = IPAddress(v4: octets.reduce(0) { $0 << 8 | UInt32($1) })
      bytes.write(redactor.address(address).octets, at: start + 4)
    }
    // An error quotes another packet: its header and ports say which flow it answers.
    let message = bytes.original
    guard let quoted = unsafe PacketDecoder.decodeQuoted(packet, message.span.bytes) else { return payload }
    return showPacket(&bytes, quoted, at: payload, isQuote: true, redactor)
  }
}
