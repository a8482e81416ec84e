import Wire

/// The link header's addresses as raw bytes, for comparison: both of an Ethernet header; of a cooked header the
/// source's, with the interface's index and the packet's type.
struct LinkWords: Sendable, BitwiseCopyable {
  private(set) var first: UInt64 = 0
  private(set) var second: UInt64 = 0

  init() {}

  /// Reads the words at both places, and masks the second: together they cover the header's addresses.
  @inline(__always)
  init(_ bytes: RawSpan, _ first: Int, _ second: Int, mask: UInt64 = .max) {
    self.first = bytes.uint64(at: first)
    self.second = bytes.uint64(at: second) & mask
  }

  /// Zero if both are the same.
  @inline(__always)
  func difference(from other: Self) -> UInt64 { (first ^ other.first) | (second ^ other.second) }
}
