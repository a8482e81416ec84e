import Wire

/// Reads pcapng's three packet blocks. Each is read in one piece, so its options are available.
extension SavefileReader {
  //      0      4        8           12     16    20         24         28
  //     +------+--------+-----------+------+-----+----------+----------+-------+---------+--------+
  //     | type | length | interface | high | low | captured | original | frame | options | length |
  //     +------+--------+-----------+------+-----+----------+----------+-------+---------+--------+

  /// Returns false if the frame is skipped.
  @inline(always)
  mutating func readEnhancedPacket() throws(SavefileError) -> Bool {
    let (number, high, low, captured) = window.fourWords(at: 8, order)
    let original = window.uint32(at: 24, order)
    return try readPacket(number, ticks: UInt64(high) << 32 | UInt64(low), captured, original)
  }

  /// Reads the obsolete Packet Block, whose interface number shares its word with a drop count.
  mutating func readObsoletePacket() throws(SavefileError) -> Bool {
    let (number, drops) = (UInt32(window.uint16(at: 8, order)), window.uint16(at: 10, order))
    let (high, low, captured, original) = window.fourWords(at: 12, order)
    guard Int(number) < section.count else {
      throw malformed(.undescribedInterface(number, described: section.count))
    }
    // All ones means not known.
    if drops != .max { addPacketDrops(UInt64(drops), interface: Int(number)) }
    return try readPacket(number, ticks: UInt64(high) << 32 | UInt64(low), captured, original)
  }

  @inline(always)
  private mutating func readPacket(
    _ number: UInt32, ticks: UInt64, _ captured: UInt32, _ original: UInt32
  ) throws(SavefileError) -> Bool {
    guard number < section.count else {
      throw malformed(.undescribedInterface(number, described: section.count))
    }
    let described = section[Int(number)]
    self.number &+= 1
    let room = recordLength &- 32
    guard captured <= described.captureLimit else {
      throw malformed(.capturedLength(UInt64(captured), limit: UInt64(described.captureLimit)))
    }
    guard Int(captured) <= room else {
      throw malformed(.capturedLengthBeyondBlock(captured: UInt64(captured), room: UInt64(room)))
    }
    countFrame(of: number)
    frameStart = 28
    capturedLength = Int(captured)
    originalLength = Int(max(captured, original))
    timestamp = described.resolution.timestamp(ticks: ticks)
    linkType = described.linkType
    interface = described.index
    direction = .unknown

    var checkSequence = described.checkSequenceLength
    let optionsStart = 28 &+ PcapngBlock.padded(Int(captured))
    if optionsStart < recordLength &- 4 {
      checkSequence = try readPacketOptions(from: optionsStart, interface: Int(number)) ?? checkSequence
    }
    if checkSequence > 0 { cutCheckSequence(checkSequence) }
    if described.isSkipped {
      interfaces[described.index].skippedFrames += 1
      return false
    }
    return true
  }

  /// Reads direction and drop count. Returns the check sequence's length if the packet gives it.
  private mutating func readPacketOptions(from start: Int, interface: Int) throws(SavefileError) -> Int? {
    var checkSequence: Int?
    var options = PcapngOptions(from: start, to: recordLength - 4, order)
    while let option = try options.next(in: window) {
      switch option.code {
      case PcapngOption.flags:
        let flags = try uint32(option)
        direction =
          switch flags & 3 {
          case 1: .incoming
          case 2: .outgoing
          default: .unknown
          }
        let length = Int(flags >> 5 & 0xF)
        if length > 0 { checkSequence = length }
      case PcapngOption.dropCount:
        addPacketDrops(try uint64(option), interface: interface)
      default: break
      }
    }
    return checkSequence
  }

  //      0      4        8          12
  //     +------+--------+----------+-------+--------+
  //     | type | length | original | frame | length |
  //     +------+--------+----------+-------+--------+

  /// Reads a Simple Packet Block, which has neither interface nor time. It belongs to the first interface and gets
  /// the time of the frame before. The captured length follows from the snap length and the block's length.
  mutating func readSimplePacket() throws(SavefileError) -> Bool {
    guard let described = section.first else { throw malformed(.undescribedInterface(0, described: 0)) }
    let original = window.uint32(at: 8, order)
    let snapLength = described.snapLength == 0 ? .max : described.snapLength
    let captured = min(original, snapLength, UInt32(recordLength - 16))
    guard captured <= described.captureLimit else {
      throw malformed(.capturedLength(UInt64(captured), limit: UInt64(described.captureLimit)))
    }
    countFrame(of: 0)
    self.number &+= 1
    frameStart = 12
    capturedLength = Int(captured)
    originalLength = Int(original)
    linkType = described.linkType
    interface = described.index
    direction = .unknown
    cutCheckSequence(described.checkSequenceLength)
    if described.isSkipped { interfaces[described.index].skippedFrames += 1 }
    return !described.isSkipped
  }
}
