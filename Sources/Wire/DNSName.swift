/// Names in DNS messages.
enum DNSName {
  /// Reads a name, compressed or not (RFC 1035 section 4.1.4), and returns its text and the offset just
  /// after it. Nil if it is cut, malformed or longer than 255 bytes.
  ///
  /// A pointer must point before the label that it stands in for, so the walk ends.
  static func read(_ message: RawSpan, at start: Int) -> (name: String, end: Int)? {
    var text: [UInt8] = []
    text.reserveCapacity(64)
    guard let end = walk(message, at: start, into: &text, isRead: true) else { return nil }
    return (text.isEmpty ? "." : String(decoding: text, as: UTF8.self), end)
  }

  /// The offset just after a name. Nil in the same cases as `read`.
  static func end(_ message: RawSpan, at start: Int) -> Int? {
    var text: [UInt8] = []
    return walk(message, at: start, into: &text, isRead: false)
  }

  private static func walk(_ message: RawSpan, at start: Int, into text: inout [UInt8], isRead: Bool) -> Int? {
    var offset = start
    var end: Int?
    var length = 0
    var limit = start
    while offset < message.byteCount {
      let count = Int(message.uint8(at: offset))
      switch count >> 6 {
      case 0:
        if count == 0 { return end ?? offset + 1 }
        length += count + 1
        guard length < 255, offset + 1 + count <= message.byteCount else { return nil }
        if isRead {
          if !text.isEmpty { text.append(UInt8(ascii: ".")) }
          for index in 0..<count { append(message.uint8(at: offset + 1 + index), to: &text) }
        }
        offset += 1 + count
      case 3:
        guard offset + 2 <= message.byteCount else { return nil }
        let target = Int(message.uint16(at: offset) & 0x3FFF)
        guard target < limit else { return nil }
        end = end ?? offset + 2
        limit = target
        offset = target
      default: return nil
      }
    }
    return nil
  }

  /// RFC 4343 section 2.1: a dot or backslash inside a label gets a backslash in front. A byte that is not
  /// printable ASCII becomes a backslash and three decimal digits.
  private static func append(_ byte: UInt8, to text: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "."), UInt8(ascii: "\\"):
      text.append(UInt8(ascii: "\\"))
      text.append(byte)
    case 0x21...0x7E: text.append(byte)
    default:
      text.append(UInt8(ascii: "\\"))
      for digit in [byte / 100, byte / 10 % 10, byte % 10] { text.append(UInt8(ascii: "0") + digit) }
    }
  }
}
