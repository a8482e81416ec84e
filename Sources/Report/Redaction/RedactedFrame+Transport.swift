import Wire

/// The header above IP, and what is recognised after it.
extension RedactedFrame {
  /// The bytes of a header that RFC 792 requires an error to quote: ports, and what follows them.
  private static var quotedLength: Int { 8 }

  /// Returns the end of what is shown.
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
    bytes.show(start..<start + 4)
    if isQuote { return start + quotedLength }
    // Ports affect the verdict even if the header is cut after them.
    guard packet.transport == .header else { return start + 4 }
    switch packet.protocolNumber {
    case .udp: bytes.show(start + 4..<start + 6)
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
    // These numbers identify a segment on another interface.
    bytes.writeNumber(at: start + 4, 4, redactor)
    bytes.writeNumber(at: start + 8, 4, redactor)
    bytes.show(start + 12..<start + 13, mask: 0xF0)
    bytes.show(start + 13..<start + 14)
    // A window of zero would have a meaning of its own.
    bytes.fill(start + 14..<start + 16, 0xFF)
    showOptions(&bytes, start + 20..<max(start + 20, range.upperBound))
  }

  /// Keeps the kinds and lengths of options, but not their contents: MPTCP's hold addresses, TCP-AO's and Fast Open's
  /// identify the client, timestamps identify a machine.
  private static func showOptions(_ bytes: inout ShownBytes, _ range: Range<Int>) {
    var offset = range.lowerBound
    while offset < range.upperBound {
      let kind = bytes.byte(at: offset)
      if kind == 0 { return }
      let length = Int(bytes.byte(at: offset + 1))
      guard kind != 1, offset + 1 < range.upperBound, length >= 2, offset + length <= range.upperBound else {
        // A no-operation option.
        bytes.write([1], at: offset)
        offset += 1
        continue
      }
      // Registered kinds stay, others become one for experiments (RFC 4727): the kind itself could carry data.
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
    bytes.show(start..<start + 2)
    let type = packet.flagsOrType
    if ICMPType.isEcho(type, packet.protocolNumber) {
      // These numbers match an answer to its request.
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
    // An error quotes another packet, whose header and ports show which flow the error answers.
    let message = bytes.original
    guard let quoted = PacketDecoder.decodeQuoted(packet, message.view) else { return payload }
    return showPacket(&bytes, quoted, at: payload, isQuote: true, redactor)
  }
}
