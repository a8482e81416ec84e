import Wire

/// IP's own headers.
extension RedactedFrame {
  /// Shows a packet, or the part of one that an ICMP error quotes; its offsets count from `base`. Returns the end of
  /// what is shown.
  static func showPacket(
    _ bytes: inout ShownBytes, _ packet: DecodedPacket, at base: Int, isQuote: Bool, _ redactor: Redactor
  ) -> Int {
    let start = base + Int(packet.networkOffset)
    let end = base + Int(packet.packetEnd)
    let chainEnd =
      packet.source.isIPv4
      ? showIPv4(&bytes, packet, start..<end, redactor) : showIPv6(&bytes, packet, start..<end, redactor)
    guard packet.transport != .unknownProtocol else { return chainEnd }
    let transport = base + Int(packet.transportOffset)
    // A later fragment has no transport header.
    guard packet.fragment != .later else { return transport }
    return showTransport(&bytes, packet, at: base, isQuote: isQuote, redactor)
  }

  private static func showIPv4(
    _ bytes: inout ShownBytes, _ packet: DecodedPacket, _ range: Range<Int>, _ redactor: Redactor
  ) -> Int {
    let start = range.lowerBound
    let length = Int(bytes.byte(at: start) & 15) * 4
    bytes.show(start..<start + 1)
    // The type of service can carry anything and is hidden; the length is kept.
    bytes.show(start + 2..<start + 4)
    bytes.writeNumber(at: start + 4, 2, redactor)
    // The reserved bit is hidden.
    bytes.show(start + 6..<start + 7, mask: 0x7F)
    bytes.show(start + 7..<start + 10)
    bytes.write(redactor.address(packet.source).octets, at: start + 12)
    bytes.write(redactor.address(packet.destination).octets, at: start + 16)
    // Options can record a route; they become padding.
    bytes.fill(start + 20..<max(start + 20, start + length), 1)
    guard packet.fragment != .later else { return start + length }
    return showChain(
      &bytes, bytes.byte(at: start + 9), from: start + length, to: range.upperBound, isIPv6: false, redactor)
  }

  private static func showIPv6(
    _ bytes: inout ShownBytes, _ packet: DecodedPacket, _ range: Range<Int>, _ redactor: Redactor
  ) -> Int {
    let start = range.lowerBound
    // Traffic class and flow label can carry anything, and are hidden.
    bytes.show(start..<start + 1, mask: 0xF0)
    bytes.show(start + 4..<start + 8)
    bytes.write(redactor.address(packet.source).octets, at: start + 8)
    bytes.write(redactor.address(packet.destination).octets, at: start + 24)
    return showChain(&bytes, bytes.byte(at: start + 6), from: start + 40, to: range.upperBound, isIPv6: true, redactor)
  }

  /// Shows of extension headers only what leads to the next header, makes the packet a fragment or gives it a route.
  /// Their other contents are hidden. It walks as `ExtensionHeaders.walk` does, and returns where the walk ended.
  private static func showChain(
    _ bytes: inout ShownBytes, _ first: UInt8, from start: Int, to end: Int, isIPv6: Bool, _ redactor: Redactor
  ) -> Int {
    var number = IPProtocol(rawValue: first)
    var offset = start
    var hasFragmentHeader = false
    for _ in 0..<ExtensionHeaders.maximumCount {
      guard number == .authentication || isIPv6 && ExtensionHeaders.isWalked(number) else { return offset }
      guard offset + 8 <= end, let header = bytes.octets(at: offset, 8) else { return offset }
      bytes.show(offset..<offset + (number == .fragment ? 1 : 2))
      switch number {
      case .fragment:
        guard !hasFragmentHeader else { return offset + 8 }
        hasFragmentHeader = true
        bytes.show(offset + 2..<offset + 3)
        bytes.show(offset + 3..<offset + 4, mask: 0xF9)
        bytes.writeNumber(at: offset + 4, 4, redactor)
        if header[2] != 0 || header[3] & 0xF8 != 0 { return offset + 8 }
      case .routing:
        // Type, segments left, and the index of the last segment (RFC 8754 section 2). The type says whether the rest
        // can be read.
        bytes.show(offset + 2..<offset + (header[2] == 4 ? 5 : 4))
      default: break
      }
      let length = ExtensionHeaders.length(of: number, header.view)
      guard number != .authentication || length >= 12 else { return offset + 8 }
      number = IPProtocol(rawValue: header[0])
      offset += length
    }
    return offset
  }

  /// The destinations of a source route affect the verdict, too: they stay, as pseudonyms like all other addresses.
  static func showRoute(
    _ bytes: inout ShownBytes, _ route: borrowing SourceRoute, at start: Int, _ redactor: Redactor
  ) {
    var end = 0
    for index in 0..<route.count {
      let address = route[index]
      let offset = start + route.offset(of: index)
      bytes.write(redactor.address(address).octets, at: offset)
      // The first address of an option: restores the option's header, which became padding.
      if address.isIPv4, offset != end, offset <= bytes.shown.count {
        let length = (index..<route.count).prefix { start + route.offset(of: $0) == offset + 4 * ($0 - index) }.count
        bytes.write([131, UInt8(3 + 4 * length), 4], at: offset - 3)
      }
      end = offset + 4
    }
    // The route could not be read: write an option without a length, which cannot be read either.
    let length = Int(bytes.byte(at: start) & 15) * 4
    guard bytes.byte(at: start) >> 4 == 4, !route.isReadable else { return }
    let rest = route.count == 0 ? start + 20 : end
    for (index, byte) in zip(rest..<max(rest, start + length), [131, 0] as [UInt8]) { bytes.write([byte], at: index) }
  }
}

extension IPAddress {
  /// 4 or 16 bytes, as the network carries them.
  var octets: [UInt8] {
    func octets(_ word: UInt64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * (count - 1 - $0))) }
    }
    return isIPv4 ? octets(low, 4) : octets(high, 8) + octets(low, 8)
  }
}
