import Wire

/// Whether a packet is exactly what it claims to be, to the last byte (CONTRACT 3): the mild severities depend on that.
///
/// The sender can still set some fields of a fixed size that every packet has: IPv4's identification and IPv6's traffic
/// class, checksums, sequence numbers, a source port, a DNS message's identifier and the case of a name's letters,
/// which resolvers choose at random (draft-vixie-dnsext-dns0x20). Those are some bytes a packet, and the rate of
/// packets is bounded.
extension DecodedPacket {
  /// The payload size to which Ethernet pads short frames (IEEE 802.3 clause 4.2.3.3).
  private static var ethernetMinimum: Int { 46 }

  /// Whether it was captured whole, with nothing between IP's fixed header and the upper layer, and nothing after the
  /// packet but the zeros that Ethernet needs. A frame check sequence counts as content: it cannot be told from it.
  func isBare(_ frame: borrowing CapturedFrame, withRouterAlert: Bool = false) -> Bool {
    guard network == .ip, error == nil, fragment == .whole, packetEnd - networkOffset == packetLength,
      frame.originalLength <= frame.bytes.byteCount
    else { return false }
    let bytes = packetBytes(frame)
    let padding = frame.bytes.extracting(droppingFirst: Int(packetEnd))
    guard padding.byteCount == 0 || bytes.byteCount + padding.byteCount <= Self.ethernetMinimum, padding.isZero else {
      return false
    }
    let isPlain = headerProtocol == protocolNumber
    switch (source.isIPv4, Int(transportOffset - networkOffset)) {
    case (true, 20), (false, 40): return isPlain
    // RFC 2113 section 2.1.
    case (true, 24): return withRouterAlert && isPlain && bytes.uint32(at: 20) == 0x9404_0000
    case (false, 48):
      return withRouterAlert && bytes.byteCount >= 48 && Self.isRouterAlert(bytes.extracting(40..<48), protocolNumber)
    default: return false
    }
  }

  /// Whether a hop-by-hop header only holds router alert with the value of MLD (RFC 2711 section 2.1), padded to eight
  /// bytes as Linux and BSD do: two bytes after it or before it.
  private static func isRouterAlert(_ header: RawSpan, _ next: IPProtocol) -> Bool {
    guard header.uint16(at: 0) == UInt16(next.rawValue) << 8 else { return false }
    let isPadding = { (pair: UInt16) in pair == 0 || pair == 0x0100 }
    return header.uint32(at: 2) == 0x0502_0000 && isPadding(header.uint16(at: 6))
      || header.uint32(at: 4) == 0x0502_0000 && isPadding(header.uint16(at: 2))
  }

  /// The message after IP's headers, for protocols whose header is a part of it.
  @_lifetime(copy frame)
  func message(_ frame: borrowing CapturedFrame) -> RawSpan {
    packetBytes(frame).extracting(droppingFirst: max(0, Int(transportOffset - networkOffset)))
  }

  /// IPv4's time to live, IPv6's hop limit.
  func hopLimit(_ frame: borrowing CapturedFrame) -> UInt8 {
    let header = packetBytes(frame)
    let offset = source.isIPv4 ? 8 : 7
    return header.byteCount > offset ? header.uint8(at: offset) : 0
  }

  /// Whether it is a TCP segment without content, and with only the options of such a segment: end, no operation,
  /// selective acknowledgement (RFC 2018), timestamps (RFC 7323).
  func isBareSegment(_ frame: borrowing CapturedFrame) -> Bool {
    guard protocolNumber == .tcp, transport == .header, payloadLength == 0, isBare(frame) else { return false }
    let segment = message(frame)
    var offset = 20
    while offset < segment.byteCount {
      let kind = segment.uint8(at: offset)
      switch kind {
      case 0: return segment.extracting(droppingFirst: offset).isZero
      case 1: offset += 1
      case 5, 8:
        guard offset + 1 < segment.byteCount else { return false }
        let length = Int(segment.uint8(at: offset + 1))
        guard kind == 8 ? length == 10 : [10, 18, 26, 34].contains(length) else { return false }
        offset += length
      default: return false
      }
    }
    return offset == segment.byteCount
  }

  /// Whether it is an ICMP error that quotes what its addressee sent, and no more of that than the headers and the
  /// eight bytes that RFC 792 asks for. Errors may quote more (RFC 1812 section 4.3.2.3, RFC 4443 section 2.4 (c));
  /// then the quotation counts as content.
  func isBareError(_ frame: borrowing CapturedFrame) -> Bool {
    guard let quoted = quotedByError(frame) else { return false }
    let headers = quoted.transport == .header ? quoted.payloadOffset : quoted.transportOffset
    return quotationLength <= min(Int(headers) + 8, Int(quoted.packetLength))
  }

  /// Whether it is an ICMP error about a WireGuard message that its addressee sent to its sender, and no longer than
  /// such an error may be. What it quotes is encrypted.
  func isErrorAboutTunnel(_ frame: borrowing CapturedFrame) -> Bool {
    guard let quoted = quotedByError(frame), quoted.destination == source, quoted.protocolNumber == .udp,
      quoted.transport == .header, Int(packetLength) <= (source.isIPv4 ? 576 : 1280),
      quotationLength <= Int(quoted.packetLength)
    else { return false }
    let payload = quotation(frame).extracting(droppingFirst: Int(quoted.payloadOffset))
    guard payload.byteCount >= 4 else { return false }
    return WireGuardMessage(firstWord: payload.uint32(at: 0), payloadLength: Int(quoted.payloadLength)) != nil
  }

  private var quotationLength: Int { Int(packetEnd) - Int(payloadOffset) }

  @_lifetime(copy frame)
  private func quotation(_ frame: borrowing CapturedFrame) -> RawSpan {
    frame.bytes.extracting(first: Int(packetEnd)).extracting(droppingFirst: Int(payloadOffset))
  }

  /// The packet that an ICMP error quotes, if its addressee sent it, with plain headers.
  private func quotedByError(_ frame: borrowing CapturedFrame) -> DecodedPacket? {
    guard isICMP, transport == .header, ICMPType.isError(flagsOrType, protocolNumber), isBare(frame),
      let quoted = PacketDecoder.decodeQuoted(self, frame.bytes), quoted.source == destination,
      quoted.headerProtocol == quoted.protocolNumber, quoted.transportOffset == (quoted.source.isIPv4 ? 20 : 40)
    else { return nil }
    return quoted
  }
}

extension RawSpan {
  fileprivate var isZero: Bool {
    for index in 0..<byteCount where uint8(at: index) != 0 { return false }
    return true
  }
}
