/// The counter of a transport message (WireGuard whitepaper section 5.4.6): its sender raises it by one for each.
///
/// A capture, or a container that forges messages, may hold any value: no operation traps or wraps.
public struct MessageCounter: Hashable, Comparable, Sendable, BitwiseCopyable {
  public let value: UInt64

  public init(_ value: UInt64) { self.value = value }

  public static func < (left: Self, right: Self) -> Bool { left.value < right.value }

  /// So many messages later; the last counter is followed by itself.
  public func advanced(by messages: UInt64) -> Self {
    let (sum, overflow) = value.addingReportingOverflow(messages)
    return Self(overflow ? .max : sum)
  }

  /// Where this counter stands, seen from the one that is expected next.
  public func distance(fromExpected expected: Self) -> CounterDistance {
    self < expected ? .behind(expected.value - value) : .ahead(value - expected.value)
  }
}

/// How far a counter is from the one that is expected next.
public enum CounterDistance: Hashable, Sendable, BitwiseCopyable {
  /// So many counters were left out; zero is the one expected.
  case ahead(UInt64)
  /// So many counters late, at least one.
  case behind(UInt64)
}

extension FixedWidthInteger {
  /// The sum, or the number next to it that fits.
  @inlinable
  public func addingSaturating(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}
