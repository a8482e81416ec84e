import Wire

/// What an interface number of the current pcapng section means. Only plain values, because every packet needs them.
struct SectionInterface: BitwiseCopyable {
  /// The interface's number in the whole file.
  let index: Int
  let linkType: LinkType
  let snapLength: UInt32
  let captureLimit: UInt32
  let resolution: TimestampResolution
  /// Bytes of frame check sequence at the end of each frame, unless a packet says otherwise.
  let checkSequenceLength: Int
  let isSkipped: Bool
  /// Drops so far in this section, counted by statistics and by packets: two counts of the same losses.
  var statisticsDrops: UInt64 = 0
  var packetDrops: UInt64 = 0
  var drops: UInt64 { max(statisticsDrops, packetDrops) }
  /// Frames in this section, and those that its latest statistics say reached the program or were rejected by a filter.
  var frames: UInt64 = 0
  var delivered: UInt64?
  var rejected: UInt64 = 0
}
