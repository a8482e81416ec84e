/// One pcapng block as bytes, field after field (draft-ietf-opsawg-pcapng, section 3.1).
///
///      0      4        8
///     +------+--------+--------+---------+--------+
///     | type | length | fields | options | length |
///     +------+--------+--------+---------+--------+
///
/// Little-endian on every machine, which the byte-order magic says: files can then be compared byte by byte.
struct PcapngBlockBytes {
  private var bytes: [UInt8] = []
  private var hasOptions = false

  /// `capacity`: an estimate of the fields' and options' bytes, so that a block is allocated once.
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

  /// Bytes of any number, then zeros to the next 32 bits (section 3.6.2).
  mutating func padded(_ value: [UInt8]) {
    bytes += value
    bytes += repeatElement(0, count: PcapngBlock.padded(value.count) - value.count)
  }

  /// An option (section 3.5). Its value must be shorter than 64 KiB.
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

  /// A text of bounded length; none where there is nothing to say.
  mutating func option(_ code: UInt16, _ text: String?) {
    guard let text, !text.isEmpty else { return }
    option(code, PcapngText.bytes(text))
  }

  /// The whole block: a list of options is closed, both lengths are set.
  consuming func finished() -> [UInt8] {
    if hasOptions { word(UInt32(PcapngOption.end)) }
    let length = UInt32(bytes.count + 4)
    word(length)
    for index in 0..<4 { bytes[4 + index] = UInt8(truncatingIfNeeded: length >> UInt32(8 * index)) }
    return bytes
  }
}

/// Text as the options of a block carry it.
enum PcapngText {
  /// In bytes. What does not fit is cut.
  static var greatestLength: Int { 4096 }

  /// UTF-8 of bounded length, cut between two characters' scalars and then ending in an ellipsis. A zero byte would
  /// end the text for its readers (section 3.5) and hide what follows: it becomes U+FFFD.
  static func bytes(_ text: String, atMost limit: Int = greatestLength) -> [UInt8] {
    let ellipsis = Array("…".utf8)
    var bytes: [UInt8] = []
    var roomForEllipsis = 0
    for scalar in text.unicodeScalars {
      bytes += UTF8.encode(scalar == "\0" ? "\u{FFFD}" : scalar) ?? UTF8.encodedReplacementCharacter
      if bytes.count > limit { return Array(bytes[..<roomForEllipsis]) + ellipsis }
      if bytes.count + ellipsis.count <= limit { roomForEllipsis = bytes.count }
    }
    return bytes
  }
}
