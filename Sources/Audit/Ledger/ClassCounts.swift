import Policy
import Wire

/// A count for each class of verdict.
public struct ClassCounts: Sendable, BitwiseCopyable {
  private var counts = [5 of Count](repeating: Count())

  public init() {}

  public subscript(verdictClass: VerdictClass) -> Count {
    get { counts[verdictClass.rawValue] }
    set { counts[verdictClass.rawValue] = newValue }
  }

  public var total: Count { VerdictClass.allCases.reduce(Count()) { $0 + self[$1] } }

  mutating func add(_ verdictClass: VerdictClass, _ length: Int) { counts[verdictClass.rawValue].add(length) }

  public static func + (left: Self, right: Self) -> Self {
    var sum = Self()
    for verdictClass in VerdictClass.allCases { sum[verdictClass] = left[verdictClass] + right[verdictClass] }
    return sum
  }
}
