import Wire

/// Reads what a leaking packet carries, for the names in it.
struct LeakContents: Sendable {
  private var streams = ClientStreams()
  private var hellos = QUICHellos()
  private var queries = RecentQueries()

  /// Reads what the packet says, alone or as the last piece of something longer.
  mutating func read(_ seen: borrowing Sighting) -> ClearText {
    guard seen.packet.network == .ip, seen.packet.transport == .header, seen.packet.fragment != .later else {
      return ClearText()
    }
    switch seen.packet.protocolNumber {
    case .tcp: return streams.follow(seen)
    case .udp: return read(seen.packet, datagram: seen.payload, interface: seen.interface)
    default: return ClearText()
    }
  }

  /// Whether the packet has nothing to read, and begins nothing. Not meant for DNS and DHCP.
  func isSilent(_ seen: borrowing Sighting) -> Bool {
    let payload = seen.payload
    guard payload.byteCount > 0 else { return false }
    if seen.packet.protocolNumber == .tcp { return !ClientStreams.beginsAnything(payload) }
    switch payload.uint8(at: 0) {
    case 0x80...: return QUICLongHeader(payload, at: 0) == nil
    case UInt8(ascii: "d"), UInt8(ascii: "B"), 0x16: return false
    case ..<0x40: return STUNMessage(payload) == nil
    default: return true
    }
  }

  /// Whether a stream's beginning is still being read.
  func isReading(_ key: RecentFlowKey) -> Bool { streams.isReading(key) }

  private mutating func read(_ packet: DecodedPacket, datagram: RawSpan, interface: Int) -> ClearText {
    guard datagram.byteCount > 0 else { return ClearText() }
    switch packet.destinationPort {
    case 53: return queries.read(datagram)
    case 67: return ClearText(DHCPHostName.read(datagram).map { [LeakDetail(.hostName, $0)] } ?? [])
    default: break
    }
    // The first byte decides: a long header of QUIC, a letter of BitTorrent's, or STUN's two zero bits (RFC 8489
    // section 5).
    switch datagram.uint8(at: 0) {
    case 0x80...: return ClearText(hellos.follow(packet, datagram, interface: interface))
    case UInt8(ascii: "d"):
      return ClearText(BitTorrent.infoHash(distributedHashTable: datagram).map { [LeakDetail(.infoHash, $0)] } ?? [])
    case UInt8(ascii: "B"):
      return ClearText(BitTorrent.infoHashes(localDiscovery: datagram).map { LeakDetail(.infoHash, $0) })
    // A handshake record of DTLS.
    case 0x16: return ClearText(DTLSClientHello.read(datagram).map(LeakDetail.list) ?? [])
    case ..<0x40: return ClearText(STUNMessage(datagram)?.software.map { [LeakDetail(.software, $0)] } ?? [])
    default: return ClearText()
    }
  }
}
