import Glibc
import Wire

/// The kernel's two clocks: its programs know only the monotonic one.
///
/// `unsafe` because clock_gettime(2) takes an address. Sound: it outlives the call.
struct KernelClock: Sendable {
  /// Between both when the monotonic clock was read last, in nanoseconds.
  private var difference: Int64 = 0

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// The monotonic clock, in nanoseconds.
  mutating func monotonic() -> UInt64 {
    let monotonic = Self.read(CLOCK_MONOTONIC)
    difference = Self.read(CLOCK_REALTIME) &- monotonic
    return UInt64(bitPattern: monotonic)
  }

  func time(ofMonotonic moment: UInt64) -> Timestamp {
    Timestamp(nanoseconds: Int64(bitPattern: moment) &+ difference)
  }
}
