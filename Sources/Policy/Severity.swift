import Wire

/// How bad a leak is (CONTRACT 3).
public enum Severity: String, Sendable, BitwiseCopyable, CaseIterable, Comparable {
  case info, low, medium, high, critical

  public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  /// The severity as a number, from 0 for the mildest.
  public var rank: Int {
    switch self {
    case .info: 0
    case .low: 1
    case .medium: 2
    case .high: 3
    case .critical: 4
    }
  }
}
