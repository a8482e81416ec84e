import Wire

/// The layouts that share the name pcap, by their magic.
enum PcapVariant: BitwiseCopyable {
  case microseconds, nanoseconds
  /// Alexey Kuznetsov's patch of libpcap: longer record headers that also say which way a packet went.
  case modified
}

/// How a pcap file's records are laid out, as its header says.
struct PcapLayout: BitwiseCopyable {
  /// In which order a record gives its two lengths. It changed at version 2.3, but some writers of 2.3 did not.
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

  /// Whether a record is more than its four words.
  var isUnusual = false
}
