/// What the pages of one watch have in common: which kinds of leaks are told apart, and how far each counter came.
///
/// Whoever reads the pages takes a counter that falls for one that began anew, and would count twice.
package struct MetricSeries: Sendable {
  /// Kinds beyond these are one, so that no stranger's names fill a database: so many of each severity.
  static let limit = 100

  struct Kind: Hashable, Sendable {
    var reason, severity, origin: String
    var labels: [(String, String)] { [("reason", reason), ("severity", severity), ("origin", origin)] }

    /// What all kinds of one severity beyond the limit are.
    var merged: Kind { Kind(reason: "other", severity: severity, origin: "other") }
  }

  private var kinds: Set<Kind> = []
  private var counters: [String: Double] = [:]

  package init() {}

  /// The kind as it is shown: once told apart, always told apart.
  mutating func admit(_ kind: Kind) -> Kind {
    if kinds.contains(kind) { return kind }
    guard kinds.count(where: { $0.severity == kind.severity }) < Self.limit else { return kind.merged }
    kinds.insert(kind)
    return kind
  }

  /// A counter's value that is not below any earlier one.
  mutating func advance(_ series: String, to value: Double) -> Double {
    let value = max(value, counters[series] ?? value)
    counters[series] = value
    return value
  }
}
