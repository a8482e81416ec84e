public import Wire

/// Keeps the latest frames' first bytes: they are the context of a leak, if one comes.
///
///         oldest        next
///           |            |
///     +-----+-----+-----+-----+-----+
///     | ... | cut | cut |     | ... |   slots of `captureLimit` bytes
///     +-----+-----+-----+-----+-----+
///
/// All memory is allocated at the beginning: keeping a frame overwrites the oldest, and allocates nothing.
public struct ContextRing: ~Copyable, Sendable {
  /// How many bytes are kept of a frame at most.
  public let captureLimit: Int
  /// Frames kept since the last `drain`, at most one per slot.
  public private(set) var count = 0
  private var slots: [Slot]
  private var storage: [UInt8]
  private var next = 0

  private struct Slot: BitwiseCopyable {
    var capturedLength = 0
    var originalLength = 0
    var timestamp = Timestamp(nanoseconds: 0)
    var linkType = LinkType.null
    var interface = 0
    var recordDirection = RecordDirection.unknown
  }

  /// A ring has at least one slot, and a slot at least one byte.
  public init(slots: Int = 32, captureLimit: Int = 256) {
    self.captureLimit = max(1, captureLimit)
    self.slots = Array(repeating: Slot(), count: max(1, slots))
    storage = Array(repeating: 0, count: self.slots.count * self.captureLimit)
  }

  /// Keeps a frame's first bytes, in place of the oldest frame if the ring is full.
  public mutating func keep(_ frame: borrowing CapturedFrame) {
    let bytes = frame.bytes.extracting(first: captureLimit)
    slots[next] = Slot(
      capturedLength: bytes.byteCount, originalLength: max(frame.originalLength, frame.bytes.byteCount),
      timestamp: frame.timestamp, linkType: frame.linkType, interface: frame.interface,
      recordDirection: frame.recordDirection)
    let start = next &* captureLimit
    var target = storage.mutableSpan
    bytes.copy(to: &target, at: start)
    next = next &+ 1 == slots.count ? 0 : next &+ 1
    count = min(count &+ 1, slots.count)
  }

  /// Forgets the frame that was kept last.
  public mutating func forgetLatest() {
    guard count > 0 else { return }
    next = (next - 1 + slots.count) % slots.count
    count -= 1
  }

  /// Takes out the kept frames except the `latest` ones, in order of arrival, and forgets all.
  public mutating func drain(exceptLatest latest: Int = 0) -> [KeptFrame] {
    let oldest = next - count + slots.count
    let frames = (0..<max(0, count - latest)).map { index in
      let position = (oldest + index) % slots.count
      let slot = slots[position]
      let start = position * captureLimit
      return KeptFrame(
        bytes: Array(storage[start..<start + slot.capturedLength]), originalLength: slot.originalLength,
        timestamp: slot.timestamp, linkType: slot.linkType, interface: slot.interface,
        recordDirection: slot.recordDirection)
    }
    count = 0
    return frames
  }
}
