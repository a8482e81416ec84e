import Wire

/// What an interface number of the current pcapng section means: plain values, because each packet looks here.
struct SectionInterface: BitwiseCopyable {
  /// Its number over the whole file.
  let index: Int
  let linkType: LinkType
  let snapLength: UInt32
  let captureLimit: UInt32
  let resolution: TimestampResolution
  /// Bytes of frame check sequence at the end of each frame, where a packet does not say otherwise.
  let checkSequenceLength: Int
  let isSkipped: Bool
  /// Drops so far in this section: as statistics count them, and as packets do. Two counts of the same losses.
  var statisticsDrops: UInt64 = 0
  var packetDrops: UInt64 = 0
  var drops: UInt64 { max(statisticsDrops, packetDrops) }
  /// Frames in this section; what its latest statistics say reached the program, and what a filter turned away.
  var frames: UInt64 = 0
  var delivered: UInt64?
  var rejected: UInt64 = 0
}
