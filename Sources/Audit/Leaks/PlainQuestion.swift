import Wire

/// A DNS query for one address and nothing else (RFC 1035 section 4.1), as a stub resolver sends it.
///
///      12     name, not compressed             11
///     +------+-----+-----+-----+---+------+-------+-------------------
///     |header|  n  | label ... | 0 | type | class | OPT without options
///     +------+-----+-----+-----+---+------+-------+-------------------
enum PlainQuestion {
  /// Whether the message is such a query, to its last byte: one A or AAAA question of class IN.
  ///
  /// Of EDNS (RFC 6891 section 6.1.2) only the record itself may follow, which says how long an answer may be. Its
  /// options hold what the sender likes: cookies and padding are content like any other, and no stub resolver needs
  /// them to find an Endpoint.
  static func isAll(of message: RawSpan) -> Bool {
    // A query may only set the bits that ask for recursion, and for or against validation (RFC 4035 section 3.2).
    guard message.byteCount >= 17, message.uint16(at: 2) & ~0x0130 == 0, message.uint16(at: 4) == 1,
      message.uint32(at: 6) == 0
    else { return false }
    var offset = 12
    while offset < message.byteCount, message.uint8(at: offset) != 0 {
      let length = Int(message.uint8(at: offset))
      guard length < 64 else { return false }
      offset += 1 + length
    }
    guard offset + 5 <= message.byteCount, [1, 28].contains(message.uint16(at: offset + 1)),
      message.uint16(at: offset + 3) == 1
    else { return false }
    offset += 5
    switch message.uint16(at: 10) {
    case 0: return offset == message.byteCount
    case 1: return offset + 11 == message.byteCount && isPlainOPT(message, at: offset)
    default: return false
    }
  }

  /// Whether the record is at the root, of version 0, without flags but "DNSSEC OK", and empty.
  private static func isPlainOPT(_ message: RawSpan, at offset: Int) -> Bool {
    message.uint8(at: offset) == 0 && message.uint16(at: offset + 1) == 41
      && message.uint32(at: offset + 5) & ~0x8000 == 0 && message.uint16(at: offset + 9) == 0
  }
}
