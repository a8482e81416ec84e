/// An IPv4 or IPv6 address.
///
/// This is a struct of two words and the family, not an enum: equality is three compares without a
/// branch on the case. An IPv4 address is in `low`, and `high` is zero. Because the family is part of
/// the value, a genuine ::ffff:a.b.c.d never equals the IPv4 address a.b.c.d.
public struct IPAddress: Hashable, Sendable, BitwiseCopyable {
  public let high: UInt64
  public let low: UInt64
  public let family: Family

  public enum Family: UInt8, Sendable, BitwiseCopyable {
    case ipv4 = 4
    case ipv6 = 6
  }

  public init(v4 value: UInt32) {
    high = 0
    low = UInt64(value)
    family = .ipv4
  }

  public init(v6High high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
    family = .ipv6
  }

  public var isIPv4: Bool { family == .ipv4 }

  /// The number of bits of an address of this family: 32 or 128.
  public var width: Int { isIPv4 ? 32 : 128 }

  /// 0.0.0.0 or ::.
  public var isUnspecified: Bool { high | low == 0 }
}

extension IPAddress: Comparable {
  /// IPv4 before IPv6, then by value.
  public static func < (left: Self, right: Self) -> Bool {
    (left.family.rawValue, left.high, left.low) < (right.family.rawValue, right.high, right.low)
  }
}
