/// An IPv6 routing header (RFC 8200 section 4.4). At least its first eight bytes must be there:
///
///      0      1        2      3          4             8
///     +------+--------+------+----------+-------------+---------------------
///     | next | length | type | segments | type's own  | addresses, 16 bytes
///     |      |        |      | left     |             | each
///     +------+--------+------+----------+-------------+---------------------
struct RoutingHeader: ~Escapable {
  static var addressOffset: Int { 8 }

  private let bytes: RawSpan

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) { self.bytes = bytes }

  /// How many more nodes the packet has to visit.
  var segmentsLeft: Int { Int(bytes.uint8(at: 3)) }

  /// The number of addresses in the list, captured or not. Nil for a type whose list format is not known, and for a
  /// list that contradicts the header.
  var addressCount: Int? {
    let length = Int(bytes.uint8(at: 1))
    switch bytes.uint8(at: 2) {
    // The source route of RFC 2460 section 4.4 (deprecated by RFC 5095): only addresses.
    case 0: return length % 2 == 0 && segmentsLeft <= length / 2 ? length / 2 : nil
    // Mobile IPv6 (RFC 6275 section 6.4): only the home address.
    case 2: return length == 2 && segmentsLeft == 1 ? 1 : nil
    // Segment routing (RFC 8754 section 2): byte 4 is the index of the last address; options follow the list. A reduced
    // list leaves out the first segment, which is already the destination (section 4.1.1).
    case 4:
      let count = Int(bytes.uint8(at: 4)) + 1
      return 2 * count <= length && segmentsLeft <= count ? count : nil
    default: return nil
    }
  }
}
