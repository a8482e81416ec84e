package import Wire

/// A frame that can be shown to strangers, and still leads to the same verdict: hardware addresses and public addresses
/// replaced, content cut.
package enum RedactedFrame {
  /// Bytes of payload that are kept: what tells protocols apart (WireGuard's type, DNS's header, a TLS record's), and no
  /// name. Of a request in plain text only the method stays, of other text four letters.
  private static var keptPayload: Int { 12 }
  private static var keptText: Int { 4 }

  package static func bytes(_ frame: borrowing CapturedFrame, _ redactor: Redactor) -> [UInt8] {
    let packet = PacketDecoder.decode(frame)
    var bytes = (0..<frame.bytes.byteCount).map { frame.bytes.uint8(at: $0) }
    let hasDisplacedTag =
      frame.linkType == .linuxCooked && (try? LinuxCookedFrame(frame.bytes, version: 1))?.hasDisplacedTag == true
    redactStations(&bytes, frame.linkType, hasDisplacedTag: hasDisplacedTag, redactor)
    guard packet.network == .ip else {
      // ARP and its like carry hardware addresses in their bodies.
      return Array(bytes.prefix(linkHeaderLength(frame.linkType) + (hasDisplacedTag ? 4 : 0)))
    }
    let start = Int(packet.networkOffset)
    // What follows the packet in its frame is padding, or a secret that a driver lost.
    let packetEnd = endOfPacket(packet, bytes)
    let end = min(keptEnd(packet, bytes), bytes.count, packetEnd)
    bytes.removeSubrange(end...)
    if packet.source.isIPv4 {
      redactIPv4(&bytes, at: start, packet, redactor)
    } else {
      redactIPv6(&bytes, at: start, packet, redactor)
    }
    redactRoute(&bytes, SourceRoute(packet, frame), at: start, redactor)
    redactQuote(&bytes, packet, redactor)
    mendChecksum(&bytes, packet, isWhole: end == packetEnd)
    return bytes
  }

  /// Where the packet says that it ends. A length of zero leaves that to the frame's own (TSO; RFC 2675).
  private static func endOfPacket(_ packet: DecodedPacket, _ bytes: [UInt8]) -> Int {
    let start = Int(packet.networkOffset)
    let isIPv4 = packet.source.isIPv4
    let field = start + (isIPv4 ? 2 : 4)
    guard field + 1 < bytes.count else { return bytes.count }
    let length = Int(bytes[field]) << 8 | Int(bytes[field + 1])
    return length == 0 ? bytes.count : start + length + (isIPv4 ? 0 : 40)
  }

  private static func linkHeaderLength(_ linkType: LinkType) -> Int {
    switch linkType {
    case .linuxCooked: 16
    case .linuxCooked2: 20
    // With what may stand before the EtherType: tags hold no address.
    case .ethernet: 22
    default: 4
    }
  }

  /// Stations decide directions (semantics 1), so each stays one of its own.
  private static func redactStations(
    _ bytes: inout [UInt8], _ linkType: LinkType, hasDisplacedTag: Bool, _ redactor: Redactor
  ) {
    let offsets: [Int]
    let range: Range<Int>
    switch linkType {
    case .ethernet: (offsets, range) = ([0, 6], 0..<12)
    case .linuxCooked: (offsets, range) = ([6], 6..<(hasDisplacedTag ? 12 : 14))
    case .linuxCooked2: (offsets, range) = ([12], 12..<20)
    default: return
    }
    let stations = offsets.map { offset in
      offset + 6 <= bytes.count ? redactor.station(Array(bytes[offset..<offset + 6])) : [UInt8](repeating: 0, count: 6)
    }
    for index in range where index < bytes.count { bytes[index] = 0 }
    for (offset, station) in zip(offsets, stations) {
      for (index, octet) in station.enumerated() where offset + index < bytes.count { bytes[offset + index] = octet }
    }
  }

  private static func keptEnd(_ packet: DecodedPacket, _ bytes: [UInt8]) -> Int {
    guard packet.fragment != .later else { return Int(packet.transportOffset) }
    guard packet.transport == .header else {
      // Ports decide even where the header is cut behind them.
      return packet.hasPorts
        ? Int(packet.transportOffset) + 4
        : max(Int(packet.transportOffset), Int(packet.networkOffset) + (packet.source.isIPv4 ? 20 : 40))
    }
    let start = Int(packet.payloadOffset)
    // An ICMP error quotes another packet: its header and ports say which flow it answers.
    if packet.isICMP { return start + (quotedHeader(packet, bytes).map { $0 + 8 } ?? 0) }
    let payload = bytes[min(start, bytes.count)..<min(start + keptPayload, bytes.count)]
    let letters = payload.prefix { (0x41...0x5A).contains($0) }
    if letters.count >= 3, payload.dropFirst(letters.count).first == 0x20 { return start + letters.count + 1 }
    let isText = payload.allSatisfy { (0x20...0x7E).contains($0) || (0x09...0x0D).contains($0) }
    return start + (isText ? min(payload.count, keptText) : payload.count)
  }

  /// The length of the IP header that an ICMP error quotes; nil where there is none.
  private static func quotedHeader(_ packet: DecodedPacket, _ bytes: [UInt8]) -> Int? {
    let start = Int(packet.payloadOffset)
    guard packet.isICMP, packet.transport == .header, start < bytes.count else { return nil }
    switch (packet.protocolNumber, packet.flagsOrType, bytes[start] >> 4) {
    // RFC 792; RFC 4443 section 2.1.
    case (.icmp, 3...5, 4), (.icmp, 11...12, 4): return max(20, Int(bytes[start] & 15) * 4)
    case (.icmpv6, 1...4, 6): return 40
    default: return nil
    }
  }

  private static func redactQuote(_ bytes: inout [UInt8], _ packet: DecodedPacket, _ redactor: Redactor) {
    guard let length = quotedHeader(packet, bytes) else { return }
    let start = Int(packet.payloadOffset)
    let addresses = length == 40 ? (8, 24, 16) : (12, 16, 4)
    for offset in [addresses.0, addresses.1] where start + offset + addresses.2 <= bytes.count {
      let octets = bytes[start + offset..<start + offset + addresses.2]
      let high = octets.prefix(addresses.2 == 16 ? 8 : 0).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
      let low = octets.suffix(addresses.2 == 16 ? 8 : 4).reduce(0 as UInt64) { $0 << 8 | UInt64($1) }
      let address = addresses.2 == 16 ? IPAddress(v6High: high, low: low) : IPAddress(v4: UInt32(low))
      write(redactor.address(address), to: &bytes, at: start + offset)
    }
    // Options of the quote can record a route, and its checksum would tell what it was.
    if length > 20, length != 40 {
      for index in start + 20..<start + length where index < bytes.count { bytes[index] = 1 }
    }
    if length != 40 { for index in start + 10...start + 11 where index < bytes.count { bytes[index] = 0 } }
  }

  private static func redactIPv4(_ bytes: inout [UInt8], at start: Int, _ packet: DecodedPacket, _ redactor: Redactor) {
    write(redactor.address(packet.source), to: &bytes, at: start + 12)
    write(redactor.address(packet.destination), to: &bytes, at: start + 16)
    guard start < bytes.count else { return }
    let length = Int(bytes[start] & 15) * 4
    // Options can record a route.
    if length > 20 { for index in start + 20..<start + length where index < bytes.count { bytes[index] = 1 } }
  }

  /// The destinations of a source route decide, too: they stay, as other addresses do.
  private static func redactRoute(
    _ bytes: inout [UInt8], _ route: borrowing SourceRoute, at start: Int, _ redactor: Redactor
  ) {
    var end = 0
    for index in 0..<route.count {
      let address = route[index]
      let offset = start + route.offset(of: index)
      write(redactor.address(address), to: &bytes, at: offset)
      // The first of an option: what it was before it became padding.
      if address.isIPv4, offset != end, offset <= bytes.count {
        let length = (index..<route.count).prefix { start + route.offset(of: $0) == offset + 4 * ($0 - index) }.count
        bytes.replaceSubrange(offset - 3..<offset, with: [131, UInt8(3 + 4 * length), 4])
      }
      end = offset + 4
    }
    guard start < bytes.count, bytes[start] >> 4 == 4 else { return }
    let length = Int(bytes[start] & 15) * 4
    // What could not be read: an option without a length cannot be read either.
    if !route.isReadable {
      let rest = route.count == 0 ? start + 20 : end
      for (index, byte) in zip(rest..<start + length, [131, 0] as [UInt8]) where index < bytes.count {
        bytes[index] = byte
      }
    }
    guard start + length <= bytes.count, length >= 20 else { return }
    mendHeaderChecksum(&bytes, at: start, length: length)
  }

  private static func redactIPv6(_ bytes: inout [UInt8], at start: Int, _ packet: DecodedPacket, _ redactor: Redactor) {
    write(redactor.address(packet.source), to: &bytes, at: start + 8)
    write(redactor.address(packet.destination), to: &bytes, at: start + 24)
    // A routing header (RFC 8200 section 4.4) holds addresses behind its first eight bytes.
    guard start + 6 < bytes.count else { return }
    var next = bytes[start + 6]
    var offset = start + 40
    while [0, 43, 44, 60].contains(next), offset + 8 <= bytes.count, offset < Int(packet.transportOffset) {
      let length = next == 44 ? 8 : Int(bytes[offset + 1]) * 8 + 8
      if next == 43 || next == 60 || next == 0 {
        // Options become padding of the same length; a routing header's addresses become zero.
        for index in offset + (next == 43 ? 8 : 2)..<max(offset + length, offset + 8) where index < bytes.count {
          bytes[index] = 0
        }
      }
      next = bytes[offset]
      offset += length
    }
  }

  private static func write(_ address: IPAddress, to bytes: inout [UInt8], at offset: Int) {
    let count = address.isIPv4 ? 4 : 16
    for index in 0..<count where offset + index < bytes.count {
      let byte = count - 1 - index
      let word = byte < 8 ? address.low : address.high
      bytes[offset + index] = UInt8(truncatingIfNeeded: word >> UInt64(8 * (byte % 8)))
    }
  }
}
