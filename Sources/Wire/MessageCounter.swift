/// The counter of a transport message (WireGuard whitepaper section 5.4.6). The sender adds one for each message.
///
/// Any value may come from a capture or from a container that forges messages, so no operation traps or wraps.
public struct MessageCounter: Hashable, Comparable, Sendable, BitwiseCopyable {
  public let value: UInt64

  public init(_ value: UInt64) { self.value = value }

  public static func < (left: Self, right: Self) -> Bool { left.value < right.value }

  /// The counter after so many more messages, at most the greatest counter.
  public func advanced(by messages: UInt64) -> Self {
    let (sum, overflow) = value.addingReportingOverflow(messages)
    return Self(overflow ? .max : sum)
  }

  /// How far this counter is from the one that is expected next.
  public func distance(fromExpected expected: Self) -> CounterDistance {
    self < expected ? .behind(expected.value - value) : .ahead(value - expected.value)
  }
}

/// How far a counter is from the one that is expected next.
public enum CounterDistance: Hashable, Sendable, BitwiseCopyable {
  /// This many counters were skipped; zero means that the counter is the expected one.
  case ahead(UInt64)
  /// The counter is this many behind, at least one.
  case behind(UInt64)
}

extension FixedWidthInteger {
  /// The sum, or the nearest value that fits.
  @inlinable
  public func addingSaturating(_ other: Self) -> Self {
    let (sum, overflow) = addingReportingOverflow(other)
    return overflow ? (other < 0 ? .min : .max) : sum
  }
}
