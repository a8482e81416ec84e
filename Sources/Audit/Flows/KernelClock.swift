import Glibc
import Wire

/// The kernel's two clocks: its programs know only the time since the machine was started, which goes on while it sleeps.
///
/// `unsafe` because clock_gettime(2) takes an address. Sound: it outlives the call.
struct KernelClock: Sendable {
  /// Between both when they were read last, in nanoseconds.
  private var difference: Int64 = 0

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Int64(time.tv_sec) &* 1_000_000_000 &+ Int64(time.tv_nsec)
  }

  /// The time since the machine was started, in nanoseconds.
  mutating func sinceBoot() -> UInt64 {
    let sinceBoot = Self.read(CLOCK_BOOTTIME)
    difference = Self.read(CLOCK_REALTIME) &- sinceBoot
    return UInt64(bitPattern: sinceBoot)
  }

  func time(sinceBoot moment: UInt64) -> Timestamp {
    Timestamp(nanoseconds: Int64(bitPattern: moment) &+ difference)
  }
}
