import Wire

/// pcap: a file header, then records to the end of the file.
extension SavefileReader {
  private static var fileHeaderLength: Int { 24 }

  //      0       4       6       8                       16            20          24
  //     +-------+-------+-------+-----------------------+-------------+-----------+
  //     | magic | major | minor | reserved (zone, digits) | snap length | link type |
  //     +-------+-------+-------+-----------------------+-------------+-----------+
  mutating func readPcapHeader(_ variant: PcapVariant) throws(SavefileError) {
    guard try refill(Self.fileHeaderLength) else { throw cut(needed: UInt64(Self.fileHeaderLength)) }
    let (major, minor) = (window.uint16(at: 4, order), window.uint16(at: 6, order))
    let snapLength = window.uint32(at: 16, order)
    let field = window.uint32(at: 20, order)

    // As in libpcap: the two lengths changed places in version 2.3, and DG/UX's tcpdump wrote version 543.0.
    switch (major, minor) {
    case (2, 0...2), (543, 0): pcap.lengthOrder = .originalFirst
    case (2, 3): pcap.lengthOrder = .smallerIsCaptured
    case (2, 4): pcap.lengthOrder = .capturedFirst
    default: throw SavefileError(.unsupportedVersion(.pcap, major: major, minor: minor))
    }
    // The length of the check sequence in 16-bit units, then the bit that says that it is given; ten bits are reserved.
    guard field & 0x0BFF_0000 == 0 else { throw SavefileError(.reservedLinkTypeBits(field: field)) }
    if field & 0x0400_0000 != 0 { pcap.checkSequenceLength = Int(field >> 28) * 2 }

    pcap.isModified = variant == .modified
    pcap.recordHeaderLength = variant == .modified ? 24 : 16
    pcap.fractionUnit = variant == .nanoseconds ? 1 : 1000
    pcap.captureLimit = Self.captureLimit(snapLength: snapLength)
    linkType = LinkType(rawValue: UInt16(truncatingIfNeeded: field))
    guard linkType.isSupported || skipUnsupported else {
      throw SavefileError(.unsupportedLinkType(linkType, interface: 0, name: nil))
    }
    pcap.isSkipped = !linkType.isSupported
    pcap.isUnusual =
      pcap.lengthOrder != .capturedFirst || pcap.checkSequenceLength > 0 || pcap.isModified || pcap.isSkipped
    interfaces = [
      SavefileInterface(name: nil, linkType: linkType, snapLength: snapLength, isSkipped: pcap.isSkipped)
    ]
    recordLength = Self.fileHeaderLength
  }

  //      0         4          8                 12                16
  //     +---------+----------+-----------------+-----------------+--------
  //     | seconds | fraction | captured length | original length | frame
  //     +---------+----------+-----------------+-----------------+--------
  @inline(always)
  mutating func advancePcap() throws(SavefileError) -> Bool {
    while true {
      window.consume(recordLength)
      if window.available < pcap.recordHeaderLength, !(try refill(pcap.recordHeaderLength)) { return false }
      var (seconds, fraction, captured, original) = window.fourWords(at: 0, order)
      if pcap.isUnusual { orderLengths(&captured, &original) }
      guard captured <= pcap.captureLimit else {
        throw malformed(.capturedLength(UInt64(captured), limit: UInt64(pcap.captureLimit)))
      }
      let length = pcap.recordHeaderLength &+ Int(captured)
      if window.available < length, !(try refill(length)) { return false }

      window.prefetch(at: length)
      number &+= 1
      recordLength = length
      frameStart = pcap.recordHeaderLength
      capturedLength = Int(captured)
      originalLength = Int(max(captured, original))
      // Seconds and fraction have 32 bits each, so the sum fits in 64 bits.
      timestamp = Timestamp(nanoseconds: Int64(seconds) &* 1_000_000_000 &+ Int64(fraction) &* pcap.fractionUnit)
      if pcap.isUnusual {
        if pcap.isSkipped {
          interfaces[0].skippedFrames += 1
          continue
        }
        readUnusualRecord()
      }
      return true
    }
  }

  private func orderLengths(_ captured: inout UInt32, _ original: inout UInt32) {
    switch pcap.lengthOrder {
    case .capturedFirst: break
    case .originalFirst: swap(&captured, &original)
    case .smallerIsCaptured: if captured > original { swap(&captured, &original) }
    }
  }

  private mutating func readUnusualRecord() {
    cutCheckSequence(pcap.checkSequenceLength)
    guard pcap.isModified else { return }
    // After the four words come interface index, protocol, and Linux's packet type (packet(7)).
    direction =
      switch window.uint8(at: 22) {
      case 0...3: .incoming
      case 4: .outgoing
      default: .unknown
      }
  }

  /// Removes the check sequence from the frame: it is not payload, whether or not it was captured.
  mutating func cutCheckSequence(_ length: Int) {
    originalLength = max(0, originalLength - length)
    capturedLength = min(capturedLength, originalLength)
  }
}
