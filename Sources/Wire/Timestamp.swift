/// Nanoseconds since the Unix epoch, as the capture recorded them; the auditor has no other clock.
///
/// Reaches to the year 2262. A savefile's time beyond that is clamped by its reader.
public struct Timestamp: Hashable, Comparable, Sendable, BitwiseCopyable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static func < (left: Self, right: Self) -> Bool { left.nanoseconds < right.nanoseconds }

  public static var distantFuture: Self { Self(nanoseconds: .max) }
}
