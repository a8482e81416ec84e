import Audit
import MallocCounter
import TestSupport
import Wire

/// Keeps a frame's first bytes, as a live audit does with every frame.
enum ContextStage {
  private static var frameLength: Int { 128 }

  /// Nanoseconds and allocations for so many frames of 128 bytes.
  static func measure(frames: Int) -> (nanoseconds: Double, allocations: UInt64) {
    let bytes = (0..<2 * frameLength).map { UInt8($0) }
    let span = bytes.rawSpan
    var ring = ContextRing()
    let before = malloc_count()
    let start = ContinuousClock.now
    for number in 0..<frames {
      let offset = number % frameLength
      ring.keep(
        CapturedFrame(
          bytes: span.extracting(offset..<offset + frameLength), originalLength: frameLength,
          timestamp: Timestamp(nanoseconds: Int64(number)), linkType: .ethernet, interface: 0,
          recordDirection: .unknown))
    }
    let time = (ContinuousClock.now - start) / .nanoseconds(1)
    let allocations = malloc_count() - before
    return ring.drain().isEmpty ? (.infinity, .max) : (time / Double(frames), allocations)
  }
}
