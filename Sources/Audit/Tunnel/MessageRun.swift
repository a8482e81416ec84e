import Wire

/// Counts the transport messages in one datagram. A sender that leaves segmentation to the kernel (UDP_SEGMENT, udp(7))
/// hands over several at once, all but the last of one length, and a capture shows them before they are split.
enum MessageRun {
  /// Where a second message may begin: after the shortest message, and before the end of the longest that Ethernet
  /// carries.
  private static let strides = 32...9000

  static func count(_ message: RawSpan, length: Int) -> UInt64 {
    guard length > 1472, message.byteCount >= 16 else { return 1 }
    let receiver = message.uint32(at: 4)
    let counter = message.uint64(at: 8).byteSwapped
    for stride in strides.lowerBound...min(strides.upperBound, max(strides.lowerBound, message.byteCount - 16))
    where stride + 16 <= message.byteCount && message.uint32(at: stride) == 0x0400_0000
      && message.uint32(at: stride + 4) == receiver
      && message.uint64(at: stride + 8).byteSwapped == counter &+ 1
    {
      // The rest is like the first two, whether or not it was captured.
      return UInt64((length + stride - 1) / stride)
    }
    return 1
  }
}
