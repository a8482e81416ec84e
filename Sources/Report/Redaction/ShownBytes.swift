/// Bytes, and what is shown of them. Only bytes that were explicitly written or shown can be seen: all others are zero.
///
/// Offsets beyond the end are ignored: headers may be cut anywhere.
struct ShownBytes {
  let original: [UInt8]
  private(set) var shown: [UInt8]

  init(_ original: [UInt8]) {
    self.original = original
    shown = [UInt8](repeating: 0, count: original.count)
  }

  /// Shows these bytes as they are, or only the bits of a mask.
  mutating func show(_ range: Range<Int>, mask: UInt8 = 0xFF) {
    for index in range.clamped(to: 0..<original.count) { shown[index] = original[index] & mask }
  }

  mutating func write(_ bytes: some Sequence<UInt8>, at offset: Int) {
    for (index, byte) in bytes.enumerated() where offset + index < shown.count { shown[offset + index] = byte }
  }

  mutating func fill(_ range: Range<Int>, _ byte: UInt8) {
    for index in range.clamped(to: 0..<shown.count) { shown[index] = byte }
  }

  /// Drops everything from `end` on.
  mutating func cut(at end: Int) { shown.removeSubrange(min(max(end, 0), shown.count)...) }

  /// The original's bytes at this offset; nil if not all were captured.
  func octets(at offset: Int, _ count: Int) -> [UInt8]? {
    guard offset >= 0, offset + count <= original.count else { return nil }
    return Array(original[offset..<offset + count])
  }

  /// The original's byte at this offset; zero if it was not captured.
  func byte(at offset: Int) -> UInt8 { original.indices.contains(offset) ? original[offset] : 0 }

  /// Shows a number's pseudonym, if the number was captured completely.
  mutating func writeNumber(at offset: Int, _ count: Int, _ redactor: Redactor) {
    guard let octets = octets(at: offset, count) else { return }
    write(redactor.number(octets), at: offset)
  }
}
