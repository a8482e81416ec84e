/// The bytes of one pcapng block, built field by field (draft-ietf-opsawg-pcapng, section 3.1).
///
///      0      4        8
///     +------+--------+--------+---------+--------+
///     | type | length | fields | options | length |
///     +------+--------+--------+---------+--------+
///
/// Blocks are little-endian on every machine, as the byte-order magic says, so files can be compared byte by byte.
struct PcapngBlockBytes {
  private var bytes: [UInt8] = []
  private var hasOptions = false

  /// `capacity` estimates the bytes of the fields and options, so that a block is allocated once.
  init(_ type: UInt32, capacity: Int) {
    bytes.reserveCapacity(capacity + PcapngBlock.overhead)
    word(type)
    word(UInt32(0))
  }

  mutating func word<Word: FixedWidthInteger>(_ value: Word) {
    for shift in stride(from: 0, to: Word.bitWidth, by: 8) {
      bytes.append(UInt8(truncatingIfNeeded: value >> Word(shift)))
    }
  }

  /// Appends any number of bytes, then zeros up to the next 32 bits (section 3.6.2).
  mutating func padded(_ value: [UInt8]) {
    bytes += value
    bytes += repeatElement(0, count: PcapngBlock.padded(value.count) - value.count)
  }

  /// Appends an option (section 3.5). Its value must be shorter than 64 KiB.
  mutating func option(_ code: UInt16, _ value: [UInt8]) {
    hasOptions = true
    word(code)
    word(UInt16(value.count))
    padded(value)
  }

  mutating func option(_ code: UInt16, _ value: UInt32) {
    hasOptions = true
    word(code)
    word(UInt16(4))
    word(value)
  }

  mutating func option(_ code: UInt16, _ value: UInt64) {
    hasOptions = true
    word(code)
    word(UInt16(8))
    word(value)
  }

  /// Appends a text option of bounded length, or nothing if the text is nil or empty.
  mutating func option(_ code: UInt16, _ text: String?) {
    guard let text, !text.isEmpty else { return }
    option(code, PcapngText.bytes(text))
  }

  /// The whole block, with the option list closed and both lengths set.
  consuming func finished() -> [UInt8] {
    if hasOptions { word(UInt32(PcapngOption.end)) }
    let length = UInt32(bytes.count + 4)
    word(length)
    for index in 0..<4 { bytes[4 + index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index)) }
    return bytes
  }
}
