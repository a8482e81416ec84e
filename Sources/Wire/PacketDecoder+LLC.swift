/// What follows an IEEE 802.3 length, or the EtherType of jumbo LLC.
extension PacketDecoder {
  /// An LLC header (IEEE 802.2):
  ///
  ///      0      1      2         3
  ///     +------+------+---------+--------
  ///     | DSAP | SSAP | control | payload
  ///     +------+------+---------+--------
  ///
  /// The destination SAP decides, as it does in receivers; its lowest bit only marks a group address. `room` is the
  /// number of bytes that the length field leaves. Returns the EtherType to continue with, and where its payload
  /// begins.
  ///
  /// IP follows SNAP, SAP 06 (RFC 948) and ISO's SAP. Other ways that could lead to IP are not guessed; everything else
  /// over LLC stays on the link.
  static func decodeLLC(
    _ bytes: RawSpan, at offset: Int, room: Int, _ packet: inout DecodedPacket
  ) throws(WireError) -> (EtherType, Int)? {
    let rest = bytes.extracting(droppingFirst: offset)
    guard room >= 3 else { throw .malformed(.llc) }
    try rest.require(3, .llc)
    // Unnumbered information, with or without the poll bit: only these frames carry datagrams.
    let isDatagram = rest.uint8(at: 2) & 0xEF == 0x03
    switch rest.uint8(at: 0) {
    case 0xAA, 0xAB:
      guard isDatagram else { throw .malformed(.llc) }
      return try decodeSNAP(bytes, at: offset, from: 3, room: room, &packet)
    case 0x06, 0x07:
      guard isDatagram else { throw .malformed(.llc) }
      try decodeIP(bytes, at: offset + 3, .llc, &packet)
    case 0xFE where isDatagram && room > 3: return try decodeISO(bytes, at: offset, room: room, &packet)
    // X.25 (ISO 8208) carries IP in calls that say so only once (RFC 1356).
    case 0x7E, 0x7F: throw .malformed(.llc)
    default: packet.network = .linkLayer
    }
    return nil
  }

  /// SNAP (RFC 1042), `start` bytes into the LLC header:
  ///
  ///     +--------------------+----------+--------
  ///     | organization (OUI) | protocol | payload
  ///     +--------------------+----------+--------
  ///
  /// With an OUI of zero, or with the bridge-tunnel OUI 00-00-F8 (IEEE 802.1H), the protocol is an EtherType. The
  /// protocols of any other organization may encapsulate IP, as those of 00-80-C2 (bridged frames, RFC 2684) do. Only
  /// those known to be link-layer protocols count as such.
  private static func decodeSNAP(
    _ bytes: RawSpan, at offset: Int, from start: Int, room: Int, _ packet: inout DecodedPacket
  ) throws(WireError) -> (EtherType, Int)? {
    let rest = bytes.extracting(droppingFirst: offset)
    let end = start + 5
    guard room >= end else { throw .malformed(.llc) }
    try rest.require(end, .llc)
    let organization = UInt32(rest.uint8(at: start)) << 16 | UInt32(rest.uint16(at: start + 1))
    let number = rest.uint16(at: start + 3)
    if isLinkProtocol(organization, number) {
      packet.network = .linkLayer
      return nil
    }
    let type = EtherType(rawValue: number)
    guard organization == 0 || organization == 0xF8, number > EtherType.maximumLength else { throw .malformed(.llc) }
    return (type, offset + end)
  }

  /// Whether this is a known control protocol, by organization and number (Wireshark's epan/cisco_pid.h,
  /// packet-nt-oui.c, packet-foundry.c, packet-extreme.c).
  private static func isLinkProtocol(_ organization: UInt32, _ number: UInt16) -> Bool {
    switch (organization, number) {
    // AppleTalk's address resolution.
    case (0, 0x80F3), (0xF8, 0x80F3), (0x08_0007, 0x80F3): true
    // AppleTalk.
    case (0x08_0007, 0x809B): true
    // Cisco: DRiP, PAgP, MLS, root link query, PVST+, spanning tree of VLAN bridges, UDLD, miscabling.
    case (0x0C, 0x0102), (0x0C, 0x0104), (0x0C, 0x0105), (0x0C, 0x0108), (0x0C, 0x0109), (0x0C, 0x010B...0x010C),
      (0x0C, 0x0111), (0x0C, 0x0139):
      true
    // CDP, CGMP, VTP, DTP, uplink fast.
    case (0x0C, 0x2000), (0x0C, 0x2001), (0x0C, 0x2003), (0x0C, 0x2004), (0x0C, 0x200A): true
    // Discovery protocols of Nortel, Extreme and Foundry.
    case (0x81, 0x01A1...0x01A3), (0x00_E02B, 0x00BB), (0x00_E052, 0x2000): true
    default: false
    }
  }

  /// Decodes what ISO's SAP carries, by its first byte (ISO/IEC TR 9577). IS-IS, ES-IS and CLNP stay on the link.
  private static func decodeISO(
    _ bytes: RawSpan, at offset: Int, room: Int, _ packet: inout DecodedPacket
  ) throws(WireError) -> (EtherType, Int)? {
    let rest = bytes.extracting(droppingFirst: offset)
    try rest.require(4, .llc)
    switch rest.uint8(at: 3) {
    // IPv4, IPv6, SNAP (RFC 2427), PPP (RFC 2364).
    case 0xCC: try decodeIPv4(bytes, at: offset + 4, &packet)
    case 0x8E: try decodeIPv6(bytes, at: offset + 4, &packet)
    case 0x80: return try decodeSNAP(bytes, at: offset, from: 4, room: room, &packet)
    case 0xCF: try decodePPPProtocol(bytes, at: offset + 4, &packet)
    // Q.933 names another protocol, FRF.9 compresses, FRF.12 fragments.
    case 0x08, 0xB0, 0xB1: throw .malformed(.llc)
    default: packet.network = .linkLayer
    }
    return nil
  }
}
