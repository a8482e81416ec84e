public import Wire

/// Builds pcapng blocks from plain values (draft-ietf-opsawg-pcapng). The caller decides where the bytes go.
///
/// A section header and blocks written after it are a savefile. An interface's number is the number of interfaces
/// described before it; it can be described anywhere before its first frame.
public enum PcapngWriter {
  /// The maximum number of captured bytes written for one frame. Wireshark rejects the whole file if a frame is longer.
  public static var greatestCapturedLength: Int { Int(SavefileReader.usualCaptureLimit) }

  /// A Section Header Block (section 4.1) for a section of unknown length.
  public static func sectionHeader(
    application: String, operatingSystem: String? = nil, comment: String? = nil
  ) -> [UInt8] {
    var block = PcapngBlockBytes(PcapngBlock.sectionHeader, capacity: 128)
    block.word(PcapngBlock.byteOrderMagic)
    block.word(UInt16(1))
    block.word(UInt16(0))
    block.word(UInt64.max)
    block.option(PcapngOption.comment, comment)
    block.option(PcapngOption.operatingSystem, operatingSystem)
    block.option(PcapngOption.application, application)
    return block.finished()
  }

  /// An Interface Description Block (section 4.2) with frame times in nanoseconds. A snap length of 0 means no limit.
  public static func interfaceDescription(
    name: String, description: String? = nil, linkType: LinkType, snapLength: Int
  ) -> [UInt8] {
    var block = PcapngBlockBytes(PcapngBlock.interfaceDescription, capacity: 64)
    block.word(linkType.rawValue)
    block.word(UInt16(0))
    block.word(UInt32(clamping: snapLength))
    block.option(PcapngOption.interfaceName, name)
    block.option(PcapngOption.interfaceDescription, description)
    block.option(PcapngOption.timestampResolution, [9])
    return block.finished()
  }

  /// An Enhanced Packet Block (section 4.3). The format has no times before 1970; they become 1970.
  public static func enhancedPacket(
    _ frame: [UInt8], originalLength: Int, timestamp: Timestamp, interface: UInt32, direction: RecordDirection,
    comment: String? = nil
  ) -> [UInt8] {
    let captured = frame.count <= greatestCapturedLength ? frame : Array(frame[..<greatestCapturedLength])
    var block = PcapngBlockBytes(PcapngBlock.enhancedPacket, capacity: captured.count + 256)
    block.word(interface)
    block.time(timestamp)
    block.word(UInt32(captured.count))
    block.word(UInt32(clamping: max(originalLength, frame.count)))
    block.padded(captured)
    block.option(PcapngOption.comment, comment)
    switch direction {
    case .unknown: break
    case .incoming: block.option(PcapngOption.flags, 1 as UInt32)
    case .outgoing: block.option(PcapngOption.flags, 2 as UInt32)
    }
    return block.finished()
  }

  /// An Interface Statistics Block (section 4.6) with the counts that are known.
  public static func interfaceStatistics(
    _ counts: CaptureCounts, timestamp: Timestamp, interface: UInt32
  ) -> [UInt8] {
    var block = PcapngBlockBytes(PcapngBlock.interfaceStatistics, capacity: greatestStatisticsLength)
    block.word(interface)
    block.time(timestamp)
    for (code, count) in [
      (PcapngOption.received, counts.received), (PcapngOption.interfaceDrops, counts.interfaceDrops),
      (PcapngOption.systemDrops, counts.systemDrops), (PcapngOption.delivered, counts.delivered),
    ] {
      if let count { block.option(code, count) }
    }
    return block.finished()
  }

  /// The length of an Interface Statistics Block with all counts, in bytes.
  public static var greatestStatisticsLength: Int { PcapngBlock.overhead + 12 + 4 * 12 + 4 }
}

extension PcapngBlockBytes {
  /// Appends a time, upper 32 bits first in any byte order (section 4.3).
  fileprivate mutating func time(_ timestamp: Timestamp) {
    let ticks = UInt64(clamping: timestamp.nanoseconds)
    word(UInt32(truncatingIfNeeded: ticks >> 32))
    word(UInt32(truncatingIfNeeded: ticks))
  }
}
