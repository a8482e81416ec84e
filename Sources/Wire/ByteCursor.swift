/// Reads nested, length-prefixed structures from front to back. Nothing traps: missing bytes give nil.
struct ByteCursor: ~Escapable {
  private let bytes: RawSpan
  private(set) var offset = 0

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) { self.bytes = bytes }

  var remaining: Int { bytes.byteCount - offset }

  @_lifetime(self: copy self)
  mutating func uint8() -> Int? {
    guard remaining >= 1 else { return nil }
    offset += 1
    return Int(bytes.uint8(at: offset - 1))
  }

  @_lifetime(self: copy self)
  mutating func uint16() -> Int? {
    guard remaining >= 2 else { return nil }
    offset += 2
    return Int(bytes.uint16(at: offset - 2))
  }

  /// A QUIC variable-length integer (RFC 9000 section 16).
  @_lifetime(self: copy self)
  mutating func quicInteger() -> Int? {
    guard remaining >= 1 else { return nil }
    let first = bytes.uint8(at: offset)
    let length = 1 << Int(first >> 6)
    guard remaining >= length else { return nil }
    var value = Int(first & 0x3F)
    for index in 1..<max(1, length) { value = value << 8 | Int(bytes.uint8(at: offset + index)) }
    offset += length
    return value
  }

  /// The next `count` bytes. Nil if fewer are left.
  @_lifetime(copy self)
  mutating func take(_ count: Int) -> RawSpan? {
    guard count >= 0, count <= remaining else { return nil }
    offset += count
    return bytes.extracting(offset - count..<offset)
  }

  @_lifetime(self: copy self)
  mutating func skip(_ count: Int) -> Bool {
    guard count >= 0, count <= remaining else { return false }
    offset += count
    return true
  }
}
