/// One option of a block, with the place of its value counted from the window's cursor.
struct PcapngOptionPlace {
  let code: UInt16
  let start: Int
  let length: Int
}

/// The options at the end of a block, one after the other (draft-ietf-opsawg-pcapng, section 3.5).
///
///      0      2        4
///     +------+--------+-------+---------+
///     | code | length | value | padding |
///     +------+--------+-------+---------+
struct PcapngOptions {
  private var cursor: Int
  private let end: Int
  private let order: ByteOrder

  init(from start: Int, to end: Int, _ order: ByteOrder) {
    cursor = start
    self.end = end
    self.order = order
  }

  /// The next option. Nil after the last one, whether or not opt_endofopt closes the list.
  mutating func next(in window: borrowing SavefileWindow) throws(SavefileError) -> PcapngOptionPlace? {
    // Blocks are whole words, so a rest shorter than an option's header cannot occur.
    guard cursor + 4 <= end else { return nil }
    let (code, length) = (window.uint16(at: cursor, order), Int(window.uint16(at: cursor + 2, order)))
    if code == PcapngOption.end { return nil }
    let start = cursor + 4
    guard PcapngBlock.padded(length) <= end - start else {
      throw SavefileError(
        .malformed(.optionBeyondBlock(code: code, length: length, room: end - start)), at: window.position)
    }
    cursor = start + PcapngBlock.padded(length)
    return PcapngOptionPlace(code: code, start: start, length: length)
  }
}

extension SavefileReader {
  /// The comment of the packet that `advance` moved to (opt_comment, section 3.5), as it is in the file; nil if it has
  /// none. Only enhanced packet blocks are asked. It is read when it is wanted: most readers do not.
  package func comment() throws(SavefileError) -> String? {
    guard phase == .pcapng, recordLength >= 32, window.uint32(at: 0, order) == PcapngBlock.enhancedPacket else {
      return nil
    }
    let start = 28 + PcapngBlock.padded(Int(window.uint32(at: 20, order)))
    var options = PcapngOptions(from: start, to: recordLength - 4, order)
    while let option = try options.next(in: window) {
      guard option.code == PcapngOption.comment else { continue }
      return String(decoding: window.copy(at: option.start, atMost: option.length), as: UTF8.self)
    }
    return nil
  }

  func uint8(_ option: PcapngOptionPlace) throws(SavefileError) -> UInt8 {
    try check(option, length: 1)
    return window.uint8(at: option.start)
  }

  func uint32(_ option: PcapngOptionPlace) throws(SavefileError) -> UInt32 {
    try check(option, length: 4)
    return window.uint32(at: option.start, order)
  }

  func uint64(_ option: PcapngOptionPlace) throws(SavefileError) -> UInt64 {
    try check(option, length: 8)
    return window.uint64(at: option.start, order)
  }

  private func check(_ option: PcapngOptionPlace, length: Int) throws(SavefileError) {
    guard option.length == length else {
      throw malformed(.optionLength(code: option.code, length: option.length))
    }
  }
}
