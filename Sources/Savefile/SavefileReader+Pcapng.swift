import Wire

/// pcapng: blocks up to the end of the file, each with its length at its beginning and end.
extension SavefileReader {
  @inline(never)
  mutating func advancePcapng() throws(SavefileError) -> Bool {
    while true {
      window.consume(recordLength)
      if window.available < PcapngBlock.overhead, !(try refill(PcapngBlock.overhead)) { return false }
      let type = window.uint32(at: 0, order)
      if type == PcapngBlock.enhancedPacket {
        guard try loadBlock(minimum: 32) else { return false }
        if try readEnhancedPacket() { return true }
      } else {
        switch try readOtherBlock(type) {
        case .frame: return true
        case .noFrame: continue
        case .end: return false
        }
      }
    }
  }

  private enum BlockResult {
    case frame, noFrame, end
  }

  @inline(never)
  private mutating func readOtherBlock(_ type: UInt32) throws(SavefileError) -> BlockResult {
    switch type {
    case PcapngBlock.sectionHeader:
      return try readSectionHeader() ? .noFrame : .end
    case PcapngBlock.interfaceDescription:
      guard try loadBlock(minimum: 20) else { return .end }
      try readInterfaceDescription()
      return .noFrame
    case PcapngBlock.interfaceStatistics:
      guard try loadBlock(minimum: 24) else { return .end }
      try readInterfaceStatistics()
      return .noFrame
    case PcapngBlock.simplePacket:
      guard try loadBlock(minimum: 16) else { return .end }
      return try readSimplePacket() ? .frame : .noFrame
    case PcapngBlock.packet:
      guard try loadBlock(minimum: 32) else { return .end }
      return try readObsoletePacket() ? .frame : .noFrame
    default:
      return try skipBlock() ? .noFrame : .end
    }
  }

  //      0      4        8     12      14      16               24
  //     +------+--------+-----+-------+-------+----------------+---------+--------+
  //     | type | length | BOM | major | minor | section length | options | length |
  //     +------+--------+-----+-------+-------+----------------+---------+--------+

  /// Begins a section: sets its byte order, and interface numbers start at 0 again. The section's length is not needed,
  /// because blocks follow until the next section header anyway.
  mutating func readSectionHeader() throws(SavefileError) -> Bool {
    guard try refill(PcapngBlock.overhead) else { return false }
    let magic = window.uint32(at: 8, .native)
    switch magic {
    case PcapngBlock.byteOrderMagic: order = .native
    case PcapngBlock.byteOrderMagic.byteSwapped: order = .swapped
    default: throw malformed(.byteOrderMagic(magic.bigEndian))
    }
    guard try loadBlock(minimum: 28) else { return false }
    let (major, minor) = (window.uint16(at: 12, order), window.uint16(at: 14, order))
    // Some writers gave 1.0 the number 1.2 (section 4.1).
    guard major == 1, minor == 0 || minor == 2 else {
      throw SavefileError(.unsupportedVersion(.pcapng, major: major, minor: minor), at: window.position)
    }
    var options = PcapngOptions(from: 24, to: recordLength - 4, order)
    while try options.next(in: window) != nil {}
    endSection()
    return true
  }

  /// Checks the length of the block at the cursor and reads all of it. Returns false if the stream was stopped.
  @inline(always)
  private mutating func loadBlock(minimum: UInt32) throws(SavefileError) -> Bool {
    let length = window.uint32(at: 4, order)
    guard length >= minimum, length & 3 == 0, length <= PcapngBlock.greatestLength else {
      throw malformedLength(length, minimum: minimum)
    }
    if window.available < Int(length), !(try refill(Int(length))) { return false }
    let trailing = window.uint32(at: Int(length) &- 4, order)
    guard trailing == length else { throw malformed(.trailingLength(trailing, leading: length)) }
    recordLength = Int(length)
    return true
  }

  @inline(never)
  private func malformedLength(_ length: UInt32, minimum: UInt32) -> SavefileError {
    if length < minimum { return malformed(.blockLength(length, minimum: minimum)) }
    if length & 3 != 0 { return malformed(.blockLengthNotMultipleOfFour(length)) }
    return malformed(.blockTooLong(length, limit: PcapngBlock.greatestLength))
  }

  /// Skips a block of any length, without growing the window.
  private mutating func skipBlock() throws(SavefileError) -> Bool {
    let start = window.position
    let length = window.uint32(at: 4, order)
    guard length >= 12, length & 3 == 0 else { throw malformedLength(length, minimum: 12) }
    var remaining = Int(length) - 4
    while remaining > 0 {
      let step = min(remaining, window.available)
      window.consume(step)
      remaining -= step
      if remaining > 0 { try window.fill(1) }
      if window.available == 0 && remaining > 0 { break }
    }
    if remaining == 0, window.available < 4 { try window.fill(4) }
    guard remaining == 0, window.available >= 4 else {
      if window.stream.wasStoppedEarly { return false }
      let available = window.position - start + UInt64(window.available)
      throw SavefileError(.cut(needed: UInt64(length), available: available), at: start)
    }
    let trailing = window.uint32(at: 0, order)
    guard trailing == length else {
      throw SavefileError(.malformed(.trailingLength(trailing, leading: length)), at: start)
    }
    recordLength = 4
    return true
  }
}
