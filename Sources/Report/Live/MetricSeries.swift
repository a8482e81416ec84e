/// State shared by the pages of one watch: which kinds of leaks and which containers have their own series, and how far
/// each counter has got.
///
/// Prometheus treats a drop of a counter as a reset, and would count twice.
package struct MetricSeries: Sendable {
  /// The most kinds of each severity. Further kinds are merged, so that names chosen by strangers cannot fill a
  /// database.
  static let limit = 100

  struct Kind: Hashable, Sendable {
    var reason, severity, origin: String
    var labels: [(String, String)] { [("reason", reason), ("severity", severity), ("origin", origin)] }

    /// The kind that stands for all kinds of one severity beyond the limit.
    var merged: Kind { Kind(reason: "other", severity: severity, origin: "other") }
  }

  private var kinds: Set<Kind> = []
  private var senders: Set<String> = []
  private var counters: [String: Double] = [:]

  package init() {}

  /// The kind as it is shown. A kind that once had its own series keeps it.
  mutating func admit(_ kind: Kind) -> Kind {
    if kinds.contains(kind) { return kind }
    guard kinds.count(where: { $0.severity == kind.severity }) < Self.limit else { return kind.merged }
    kinds.insert(kind)
    return kind
  }

  /// A container that sent leaks, as it is shown: `other` beyond the limit. One that once had its own series keeps it.
  mutating func admit(sender: String) -> String {
    if senders.contains(sender) { return sender }
    guard senders.count < Self.limit else { return "other" }
    senders.insert(sender)
    return sender
  }

  /// A counter's value, never below an earlier one.
  mutating func advance(_ series: String, to value: Double) -> Double {
    let value = max(value, counters[series] ?? value)
    counters[series] = value
    return value
  }
}
