public import Wire

/// The first bytes of the latest frames, copied into memory that is taken once: context for a leak that may come.
///
/// Words instead of bytes, so that a frame's copy is a loop of loads without `unsafe`.
public struct ContextRing: Sendable {
  public struct Frame: Sendable {
    public var bytes: [UInt8]
    public var originalLength: Int
    public var timestamp: Timestamp
    public var interface: Int
    public var direction: RecordDirection
  }

  private struct Slot: BitwiseCopyable {
    var length = 0
    var originalLength = 0
    var timestamp = Timestamp(nanoseconds: 0)
    var interface = 0
    var direction = RecordDirection.unknown
  }

  private let wordsPerFrame: Int
  private var words: [UInt64]
  private var slots: [Slot]
  private var next = 0
  private var count = 0

  /// Keeps `frames` frames with at most `length` bytes each, a multiple of eight.
  public init(frames: Int, length: Int) {
    wordsPerFrame = max(1, length / 8)
    words = Array(repeating: 0, count: max(1, frames) * wordsPerFrame)
    slots = Array(repeating: Slot(), count: max(1, frames))
  }

  public mutating func keep(_ frame: borrowing CapturedFrame) {
    let bytes = frame.bytes
    let length = min(bytes.byteCount, wordsPerFrame &* 8)
    let whole = length / 8
    let start = next &* wordsPerFrame
    for index in 0..<whole { words[start &+ index] = bytes.uint64(at: index &* 8) }
    if whole &* 8 < length {
      var last: UInt64 = 0
      for offset in whole &* 8..<length { last = last << 8 | UInt64(bytes.uint8(at: offset)) }
      words[start &+ whole] = last << UInt64(64 &- (length &- whole &* 8) &* 8)
    }
    slots[next] = Slot(
      length: length, originalLength: max(frame.originalLength, bytes.byteCount), timestamp: frame.timestamp,
      interface: frame.interface, direction: frame.recordDirection)
    next = next &+ 1 == slots.count ? 0 : next &+ 1
    if count < slots.count { count &+= 1 }
  }

  public mutating func forgetLatest() {
    guard count > 0 else { return }
    next = (next - 1 + slots.count) % slots.count
    count -= 1
  }

  /// The frames kept, oldest first, without the `latest` ones, and forgets all.
  public mutating func drain(exceptLatest latest: Int) -> [Frame] {
    let first = (next - count + slots.count) % slots.count
    let frames = (0..<max(0, count - latest)).map { step in
      let position = (first + step) % slots.count
      let slot = slots[position]
      let bytes = (0..<slot.length).map { offset in
        UInt8(truncatingIfNeeded: words[position * wordsPerFrame + offset / 8] >> UInt64(56 - offset % 8 * 8))
      }
      return Frame(
        bytes: bytes, originalLength: slot.originalLength, timestamp: slot.timestamp, interface: slot.interface,
        direction: slot.direction)
    }
    count = 0
    return frames
  }
}
