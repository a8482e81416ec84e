/// The time from one moment to another; less than zero if a clock ran backwards.
///
/// Times come from captures, containers and files, which may hold any value. A result that does not fit becomes the
/// nearest value that does, and no operation traps.
public struct Elapsed: Hashable, Comparable, Sendable, BitwiseCopyable {
  public let nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static func seconds(_ count: Int64) -> Self {
    let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: 1_000_000_000)
    return Self(nanoseconds: overflow ? (count < 0 ? .min : .max) : nanoseconds)
  }

  public static func milliseconds(_ count: Int64) -> Self {
    let (nanoseconds, overflow) = count.multipliedReportingOverflow(by: 1_000_000)
    return Self(nanoseconds: overflow ? (count < 0 ? .min : .max) : nanoseconds)
  }

  /// How much longer the left one is, or the nearest value that fits.
  public static func - (left: Self, right: Self) -> Self {
    let (difference, overflow) = left.nanoseconds.subtractingReportingOverflow(right.nanoseconds)
    return Self(nanoseconds: overflow ? (left < right ? .min : .max) : difference)
  }

  public static var zero: Self { Self(nanoseconds: 0) }

  public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  /// Whether the moments are at most `limit` apart, whichever came first: captures of several interfaces may run a
  /// little backwards.
  public func isWithin(_ limit: Self) -> Bool { nanoseconds.magnitude <= limit.nanoseconds.magnitude }

  /// Whether the later moment is not before the earlier one, and at most `limit` after it.
  public func isBetweenZero(and limit: Self) -> Bool { nanoseconds >= 0 && self <= limit }
}
