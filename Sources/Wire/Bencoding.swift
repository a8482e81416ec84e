/// The part of bencoding that is needed to look up a key in a dictionary (BEP 3).
enum Bencoding {
  /// No real dictionary is nested this deep; the limit bounds the cost of a hostile one.
  private static var maximumDepth: Int { 16 }

  /// Where the value of a key begins in the dictionary at `start`. Nil if there is no such key or no dictionary.
  static func value(_ key: String, in bytes: RawSpan, at start: Int = 0) -> Int? {
    guard byte(bytes, start) == UInt8(ascii: "d") else { return nil }
    var offset = start + 1
    while let name = string(bytes, at: offset) {
      if matches(bytes.extracting(name), key) { return name.upperBound }
      guard let end = end(of: bytes, at: name.upperBound) else { return nil }
      offset = end
    }
    return nil
  }

  /// The range of the text in the string at `start`, such as `4:spam`. Nil if there is no string.
  static func string(_ bytes: RawSpan, at start: Int) -> Range<Int>? {
    var length = 0
    var offset = start
    while let digit = byte(bytes, offset), (0x30...0x39).contains(digit), offset < start + 6 {
      length = length * 10 + Int(digit - 0x30)
      offset += 1
    }
    guard offset > start, byte(bytes, offset) == UInt8(ascii: ":"), length <= bytes.byteCount - offset - 1 else {
      return nil
    }
    return offset + 1..<offset + 1 + length
  }

  /// Where the value at `start` ends: a string, `i42e`, or a list or dictionary up to its `e`.
  private static func end(of bytes: RawSpan, at start: Int) -> Int? {
    var offset = start
    var depth = 0
    repeat {
      switch byte(bytes, offset) {
      case UInt8(ascii: "d"), UInt8(ascii: "l"):
        depth += 1
        guard depth <= maximumDepth else { return nil }
        offset += 1
      case UInt8(ascii: "e"):
        guard depth > 0 else { return nil }
        depth -= 1
        offset += 1
      case UInt8(ascii: "i"):
        repeat {
          offset += 1
          guard offset < bytes.byteCount else { return nil }
        } while byte(bytes, offset) != UInt8(ascii: "e")
        offset += 1
      default:
        guard let text = string(bytes, at: offset) else { return nil }
        offset = text.upperBound
      }
    } while depth > 0
    return offset
  }

  private static func byte(_ bytes: RawSpan, _ offset: Int) -> UInt8? {
    offset >= 0 && offset < bytes.byteCount ? bytes.uint8(at: offset) : nil
  }

  private static func matches(_ bytes: RawSpan, _ key: String) -> Bool {
    bytes.byteCount == key.utf8.count && key.utf8.enumerated().allSatisfy { bytes.uint8(at: $0.offset) == $0.element }
  }
}
