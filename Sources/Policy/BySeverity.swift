/// A value for each severity. The limits for alerts, findings and evidence are kept per severity, so that chaff of one
/// severity never displaces a worse one (CONTRACT 3).
public struct BySeverity<Value> {
  private var values: [5 of Value]

  public init(repeating value: Value) { values = [5 of Value](repeating: value) }

  public subscript(severity: Severity) -> Value {
    get { values[severity.rank] }
    // Changes happen in place: a setter would copy the value's content with every change.
    _modify { yield &values[severity.rank] }
  }
}

extension BySeverity: Sendable where Value: Sendable {}

extension BySeverity: Equatable where Value: Equatable {
  public static func == (left: Self, right: Self) -> Bool { Severity.allCases.allSatisfy { left[$0] == right[$0] } }
}

extension BySeverity: Hashable where Value: Hashable {
  public func hash(into hasher: inout Hasher) {
    for severity in Severity.allCases { hasher.combine(self[severity]) }
  }
}

extension BySeverity<Int> {
  public var total: Int { Severity.allCases.reduce(0) { $0 + self[$1] } }

  /// `2 high, 1,204 info`, the worst first. Empty if all are zero. `number` formats each number.
  public func text(_ number: (Int) -> String = { "\($0)" }) -> String {
    Severity.worstFirst.filter { self[$0] > 0 }.map { "\(number(self[$0])) \($0.rawValue)" }.joined(separator: ", ")
  }
}

extension Severity {
  public static var worstFirst: [Severity] { [.critical, .high, .medium, .low, .info] }
}
