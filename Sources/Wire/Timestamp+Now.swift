import Glibc

extension Timestamp {
  /// The machine's clock, which also stamps the frames of a live capture (clock_gettime(2), CLOCK_REALTIME).
  ///
  /// `unsafe` because the call takes an address. Sound: the variable outlives it.
  public static var now: Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
  }
}
