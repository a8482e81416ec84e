/// Savefiles in memory, field by field, in either byte order.
struct ByteBuilder {
  let isBigEndian: Bool
  private(set) var bytes: [UInt8] = []

  init(bigEndian: Bool = false) { isBigEndian = bigEndian }

  mutating func append(_ more: [UInt8]) { bytes += more }

  mutating func word<Word: FixedWidthInteger>(_ value: Word) {
    let size = Word.bitWidth / 8
    for index in 0..<size {
      let shift = 8 * (isBigEndian ? size - 1 - index : index)
      bytes.append(UInt8(truncatingIfNeeded: value >> Word(shift)))
    }
  }

  // MARK: pcap

  mutating func pcapHeader(
    magic: UInt32 = 0xA1B2_C3D4, version: (UInt16, UInt16) = (2, 4), snapLength: UInt32 = 262_144,
    linkType: UInt32 = 1
  ) {
    word(magic)
    word(version.0)
    word(version.1)
    word(UInt64(0))
    word(snapLength)
    word(linkType)
  }

  /// A record whose first length is the captured one unless given otherwise.
  mutating func pcapRecord(
    seconds: UInt32 = 1, fraction: UInt32 = 2, _ frame: [UInt8], captured: UInt32? = nil, original: UInt32? = nil
  ) {
    word(seconds)
    word(fraction)
    word(captured ?? UInt32(frame.count))
    word(original ?? UInt32(frame.count))
    append(frame)
  }

  // MARK: pcapng

  mutating func block(_ type: UInt32, length: UInt32? = nil, trailing: UInt32? = nil, _ body: (inout Self) -> Void) {
    var inner = ByteBuilder(bigEndian: isBigEndian)
    body(&inner)
    while inner.bytes.count % 4 != 0 { inner.append([0]) }
    let actual = UInt32(inner.bytes.count + 12)
    word(type)
    word(length ?? actual)
    append(inner.bytes)
    word(trailing ?? length ?? actual)
  }

  mutating func option(_ code: UInt16, _ value: [UInt8]) {
    word(code)
    word(UInt16(value.count))
    append(value)
    while bytes.count % 4 != 0 { append([0]) }
  }

  mutating func option<Word: FixedWidthInteger>(_ code: UInt16, word value: Word) {
    word(code)
    word(UInt16(Word.bitWidth / 8))
    word(value)
    while bytes.count % 4 != 0 { append([0]) }
  }

  mutating func endOfOptions() { word(UInt32(0)) }

  mutating func section(
    length: Int64 = -1, version: (UInt16, UInt16) = (1, 0), options: (inout Self) -> Void = { _ in }
  ) {
    block(0x0A0D_0D0A) {
      $0.word(UInt32(0x1A2B_3C4D))
      $0.word(version.0)
      $0.word(version.1)
      $0.word(length)
      options(&$0)
    }
  }

  mutating func interface(
    _ name: String? = nil, linkType: UInt16 = 1, snapLength: UInt32 = 0, options: (inout Self) -> Void = { _ in }
  ) {
    block(1) {
      $0.word(linkType)
      $0.word(UInt16(0))
      $0.word(snapLength)
      if let name { $0.option(2, Array(name.utf8)) }
      options(&$0)
    }
  }

  mutating func enhancedPacket(
    _ frame: [UInt8], interface: UInt32 = 0, ticks: UInt64 = 1_000_002, captured: UInt32? = nil,
    original: UInt32? = nil, options: (inout Self) -> Void = { _ in }
  ) {
    block(6) {
      $0.word(interface)
      $0.word(UInt32(truncatingIfNeeded: ticks >> 32))
      $0.word(UInt32(truncatingIfNeeded: ticks))
      $0.word(captured ?? UInt32(frame.count))
      $0.word(original ?? UInt32(frame.count))
      $0.append(frame)
      while $0.bytes.count % 4 != 0 { $0.append([0]) }
      options(&$0)
    }
  }

  mutating func statistics(interface: UInt32 = 0, options: (inout Self) -> Void) {
    block(5) {
      $0.word(interface)
      $0.word(UInt64(0))
      options(&$0)
    }
  }
}

/// The bytes of a savefile in one expression.
func savefile(bigEndian: Bool = false, _ build: (inout ByteBuilder) -> Void) -> [UInt8] {
  var builder = ByteBuilder(bigEndian: bigEndian)
  build(&builder)
  return builder.bytes
}

/// A frame of so many bytes, each different from its neighbours.
func sampleFrame(_ count: Int, seed: Int = 0) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7 &+ seed) }
}
