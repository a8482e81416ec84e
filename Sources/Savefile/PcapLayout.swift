import Wire

/// The file layouts called pcap, which differ by their magic.
enum PcapVariant: BitwiseCopyable {
  case microseconds, nanoseconds
  /// Alexey Kuznetsov's patch of libpcap: longer record headers that also give a packet's direction.
  case modified
}

/// The layout of a pcap file's records, according to its header.
struct PcapLayout: BitwiseCopyable {
  /// The order of a record's two lengths. It changed in version 2.3, but some writers of 2.3 kept the old order.
  enum LengthOrder: BitwiseCopyable {
    case capturedFirst, originalFirst, smallerIsCaptured
  }

  var recordHeaderLength = 16
  /// Nanoseconds per unit of a record's fraction of a second.
  var fractionUnit: Int64 = 1000
  var captureLimit = SavefileReader.usualCaptureLimit
  var lengthOrder = LengthOrder.capturedFirst
  /// Bytes of frame check sequence at the end of each frame.
  var checkSequenceLength = 0
  var isModified = false
  var isSkipped = false

  /// Whether records need more than reading their four words.
  var isUnusual = false
}
