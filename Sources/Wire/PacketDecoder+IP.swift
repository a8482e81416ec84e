/// From the IP header to the transport header.
extension PacketDecoder {
  static func decodeIPv4(_ bytes: RawSpan, at offset: Int, _ packet: inout DecodedPacket) throws(WireError) {
    let header = try IPv4Packet(bytes.extracting(droppingFirst: offset))
    packet.network = .ip
    packet.source = header.source
    packet.destination = header.destination
    packet.networkOffset = Int32(truncatingIfNeeded: offset)
    packet.identification = UInt32(header.identification)
    packet.fragment = FragmentState(offset: header.fragmentOffset, more: header.moreFragments)
    let rest = bytes.byteCount - offset + Int(packet.missing)
    // Segmentation offload (TSO, GRO) leaves the field zero; the packet is then the rest of the frame.
    let total = header.totalLength == 0 ? rest : header.totalLength
    let unread = header.headerLength > IPv4Packet.minimumHeaderLength ? decodeOptions(header, &packet) : nil
    try decodeUpperLayer(
      header.protocolNumber, bytes, at: offset, headerLength: header.headerLength, total: total, &packet)
    if let unread { throw unread }
  }

  /// Looks for source routes. Returns the error if the options could not be read: they may hold a source route.
  private static func decodeOptions(_ header: borrowing IPv4Packet, _ packet: inout DecodedPacket) -> WireError? {
    var options = IPv4RouteOptions(header)
    while options.next() != nil { packet.hasSourceRoute = true }
    if options.error != nil { packet.hasSourceRoute = true }
    return options.error
  }

  static func decodeIPv6(_ bytes: RawSpan, at offset: Int, _ packet: inout DecodedPacket) throws(WireError) {
    let header = try IPv6Packet(bytes.extracting(droppingFirst: offset))
    packet.network = .ip
    packet.source = header.source
    packet.destination = header.destination
    packet.networkOffset = Int32(truncatingIfNeeded: offset)
    let rest = bytes.byteCount - offset + Int(packet.missing)
    // Zero means a jumbo payload or segmentation offload, unless nothing follows at all.
    let total =
      header.payloadLength == 0 && header.nextHeader != .noNextHeader
      ? rest : IPv6Packet.headerLength + header.payloadLength
    try decodeUpperLayer(
      header.nextHeader, bytes, at: offset, headerLength: IPv6Packet.headerLength, total: total, &packet)
  }

  private static func decodeUpperLayer(
    _ first: IPProtocol, _ bytes: RawSpan, at offset: Int, headerLength: Int, total: Int,
    _ packet: inout DecodedPacket
  ) throws(WireError) {
    // Bytes after the packet's own end are padding or a check sequence, never payload.
    let end = min(bytes.byteCount, offset + total)
    packet.headerProtocol = first
    packet.packetEnd = Int32(truncatingIfNeeded: end)
    packet.packetLength = Int32(truncatingIfNeeded: total)
    var number = first
    var start = offset + headerLength
    // In a later fragment, the IPv4 header is followed by the middle of the datagram, not by AH.
    if first != .udp && first != .tcp && packet.fragment != .later {
      let rest = bytes.extracting(min(start, end)..<end)
      let (headers, error) = ExtensionHeaders.walk(first, rest, isIPv6: !packet.source.isIPv4)
      if headers.fragment != .whole {
        packet.fragment = headers.fragment
        packet.identification = headers.identification
      }
      packet.hasSourceRoute = packet.hasSourceRoute || headers.hasSourceRoute
      if let error { throw error }
      number = headers.protocolNumber
      start += headers.length
    }
    packet.protocolNumber = number
    packet.transport = .protocolOnly
    packet.transportOffset = Int32(truncatingIfNeeded: start)
    packet.payloadOffset = packet.transportOffset
    packet.payloadLength = Int32(truncatingIfNeeded: max(0, offset + total - start))
    // The middle of a datagram has no transport header.
    if packet.fragment == .later { return }
    try decodeTransport(number, bytes, at: start, end: end, length: offset + total - start, &packet)
  }

  /// `length` is the length of the transport header and its payload according to the IP header; `end` is
  /// where the captured part of it ends.
  private static func decodeTransport(
    _ number: IPProtocol, _ bytes: RawSpan, at start: Int, end: Int, length: Int, _ packet: inout DecodedPacket
  ) throws(WireError) {
    let layer: WireError.Layer
    let headerLength: Int
    switch number {
    case .udp: (layer, headerLength) = (.udp, 8)
    case .tcp: (layer, headerLength) = (.tcp, 20)
    case .icmp, .icmpv6: (layer, headerLength) = (.icmp, 8)
    case .udpLite: (layer, headerLength) = (.udpLite, 8)
    // Their headers are longer, but only the ports are read.
    case .sctp: (layer, headerLength) = (.sctp, 4)
    case .dccp: (layer, headerLength) = (.dccp, 4)
    default: return
    }
    // The length fields leave too little for the header: a tiny fragment (RFC 1858), or nonsense.
    guard length >= headerLength else { throw .malformed(layer) }
    let captured = end - start
    guard captured >= 4 else { throw .truncated(layer, needed: headerLength, available: max(captured, 0)) }
    if layer == .icmp {
      packet.flagsOrType = bytes.uint8(at: start)
      guard captured >= 8 else { throw .truncated(layer, needed: 8, available: captured) }
      packet.transport = .header
      packet.payloadOffset = Int32(truncatingIfNeeded: start + 8)
      packet.payloadLength = Int32(truncatingIfNeeded: length - 8)
      if ICMPType.isEcho(packet.flagsOrType, number) {
        packet.sourcePort = bytes.uint16(at: start + 4)
        packet.destinationPort = packet.sourcePort
      }
      return
    }
    packet.sourcePort = bytes.uint16(at: start)
    packet.destinationPort = bytes.uint16(at: start + 2)
    packet.transport = .ports
    switch number {
    case .udp:
      guard captured >= 8 else { throw .truncated(layer, needed: 8, available: captured) }
      let stated = Int(bytes.uint16(at: start + 4))
      // Zero means a jumbogram (RFC 2675 section 4) or segmentation offload; then IP's length is used.
      let datagram = stated == 0 ? length : stated
      guard datagram >= 8, packet.fragment == .first || datagram <= length else { throw .malformed(.udp) }
      packet.payloadOffset = Int32(truncatingIfNeeded: start + 8)
      packet.payloadLength = Int32(truncatingIfNeeded: datagram - 8)
    case .tcp:
      guard captured >= 14 else { throw .truncated(layer, needed: 20, available: captured) }
      let dataOffset = Int(bytes.uint8(at: start + 12) >> 4) * 4
      packet.flagsOrType = bytes.uint8(at: start + 13)
      guard dataOffset >= 20, dataOffset <= length else { throw .malformed(.tcp) }
      packet.payloadOffset = Int32(truncatingIfNeeded: start + dataOffset)
      packet.payloadLength = Int32(truncatingIfNeeded: length - dataOffset)
    default: break
    }
    packet.transport = .header
  }
}
