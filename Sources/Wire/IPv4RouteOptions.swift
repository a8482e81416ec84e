/// The source routes among the options of an IPv4 header (RFC 791 section 3.1): loose (131) and strict (137).
///
///      0      1        2         3
///     +------+--------+---------+---------------------
///     | kind | length | pointer | addresses, 4 bytes
///     |      |        |         | each
///     +------+--------+---------+---------------------
struct IPv4RouteOptions: ~Escapable {
  /// The header, from its first byte, as far as it was captured.
  private let bytes: RawSpan
  private let headerLength: Int
  private var offset = IPv4Packet.minimumHeaderLength
  /// Why the options could not be read to their end.
  private(set) var error: WireError?

  @_lifetime(copy packet)
  init(_ packet: borrowing IPv4Packet) {
    headerLength = packet.headerLength
    bytes = packet.bytes.extracting(first: headerLength)
  }

  /// The range of the next route's addresses, which follow one another. Nil at the end of the options, or at an error
  /// that stops the reading.
  @_lifetime(self: copy self)
  mutating func next() -> Range<Int>? {
    while offset < headerLength {
      guard offset < bytes.byteCount else { return stop(.cut) }
      let kind = bytes.uint8(at: offset)
      // End of options.
      if kind == 0 { break }
      // No operation.
      if kind == 1 {
        offset += 1
        continue
      }
      // The header ends before the option's length byte.
      guard offset + 1 < headerLength else { return stop(.malformed) }
      guard offset + 1 < bytes.byteCount else { return stop(.cut) }
      let length = Int(bytes.uint8(at: offset + 1))
      guard length >= 2, offset + length <= headerLength else { return stop(.malformed) }
      let start = offset
      offset += length
      // The highest bit only says that fragments carry the option, too.
      guard kind & 0x7F == 3 || kind & 0x7F == 9 else { continue }
      guard length >= 3, length % 4 == 3 else { return stop(.malformed) }
      guard offset <= bytes.byteCount else { return stop(.cut) }
      return start + 3..<offset
    }
    offset = headerLength
    return nil
  }

  private enum Stop { case cut, malformed }

  @_lifetime(self: copy self)
  private mutating func stop(_ reason: Stop) -> Range<Int>? {
    switch reason {
    case .cut: error = .truncated(.ipv4, needed: headerLength, available: bytes.byteCount)
    case .malformed: error = .malformed(.ipv4)
    }
    offset = headerLength
    return nil
  }
}
