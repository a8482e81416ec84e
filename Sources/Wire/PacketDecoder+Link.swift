/// Encapsulations between the link layer and IP.
extension PacketDecoder {
  /// Decodes an MPLS label stack (RFC 3032 section 2.1), down to the entry whose bottom-of-stack bit is set.
  ///
  ///      0                      20     23 24       32
  ///     +----------------------+------+-+----------+
  ///     | label                | exp  |S| TTL      |
  ///     +----------------------+------+-+----------+
  ///
  /// The stack does not say what follows. Only IP can be recognized, by its version; nothing else is guessed.
  static func decodeMPLS(_ bytes: RawSpan, at start: Int, _ packet: inout DecodedPacket) throws(WireError) {
    var offset = start
    while true {
      let rest = bytes.extracting(droppingFirst: offset)
      try rest.require(4, .mpls)
      offset += 4
      if rest.uint32(at: 0) & 0x100 != 0 { break }
    }
    try decodeIP(bytes, at: offset, .mpls, &packet)
  }

  /// Decodes a PPPoE session packet (RFC 2516 section 4), with a PPP packet inside.
  ///
  ///      0       1      2            4        6
  ///     +-------+------+------------+--------+--------
  ///     |ver|typ| code | session id | length | payload
  ///     +-------+------+------------+--------+--------
  static func decodePPPoE(_ bytes: RawSpan, at offset: Int, _ packet: inout DecodedPacket) throws(WireError) {
    let rest = bytes.extracting(droppingFirst: offset)
    try rest.require(6, .pppoe)
    guard rest.uint16(at: 0) == 0x1100 else { throw .malformed(.pppoe) }
    let end = offset + 6 + Int(rest.uint16(at: 4))
    // Missing bytes now count up to the end that the length gives, not up to the frame's end.
    packet.missing = min(packet.missing, Int32(max(0, end - bytes.byteCount)))
    try decodePPPProtocol(bytes.extracting(first: end), at: offset + 6, &packet)
  }

  /// Decodes a PPP packet (RFC 1661 section 2) that starts with its protocol number.
  static func decodePPPProtocol(
    _ bytes: RawSpan, at start: Int, _ packet: inout DecodedPacket
  ) throws(WireError) {
    let rest = bytes.extracting(droppingFirst: start)
    try rest.require(1, .ppp)
    var number = UInt16(rest.uint8(at: 0))
    var offset = start + 1
    // RFC 1661 section 6.5: an odd first byte is a compressed protocol field.
    if number & 1 == 0 {
      try rest.require(2, .ppp)
      number = rest.uint16(at: 0)
      offset = start + 2
    }
    switch number {
    case 0x0021: try decodeIPv4(bytes, at: offset, &packet)
    case 0x0057: try decodeIPv6(bytes, at: offset, &packet)
    case 0x0281, 0x0283: try decodeMPLS(bytes, at: offset, &packet)
    // LCP, PAP, CHAP, IPCP, IPV6CP.
    case 0xC021, 0xC023, 0xC223, 0x8021, 0x8057: packet.network = .linkLayer
    default: throw .malformed(.ppp)
    }
  }
}
