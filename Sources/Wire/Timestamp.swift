/// Nanoseconds since the Unix epoch, as the capture recorded them; the auditor has no other clock.
///
/// The range ends in the year 2262. The reader of a savefile clamps later times.
public struct Timestamp: Hashable, Comparable, Sendable, BitwiseCopyable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// A time as clocks give it, or the nearest moment in the range: a clock may be set to anything.
  public init(seconds: Int64, nanoseconds: Int64) { self = Self(nanoseconds: nanoseconds) + .seconds(seconds) }

  public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  /// The earliest and the latest moment of the range.
  public static var distantPast: Self { Self(nanoseconds: .min) }
  public static var distantFuture: Self { Self(nanoseconds: .max) }

  /// The time from the right moment to the left one.
  public static func - (later: Self, earlier: Self) -> Elapsed {
    let (difference, overflow) = later.nanoseconds.subtractingReportingOverflow(earlier.nanoseconds)
    return Elapsed(nanoseconds: overflow ? (later < earlier ? .min : .max) : difference)
  }

  /// The moment that is later by `elapsed`, or the last one in the range.
  public static func + (moment: Self, elapsed: Elapsed) -> Self {
    let (sum, overflow) = moment.nanoseconds.addingReportingOverflow(elapsed.nanoseconds)
    return Self(nanoseconds: overflow ? (elapsed.nanoseconds < 0 ? .min : .max) : sum)
  }
}
