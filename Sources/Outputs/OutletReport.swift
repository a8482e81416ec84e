package import Policy
import Text

/// What happened to the alerts that were meant for an outlet.
package struct OutletReport: Sendable, CustomStringConvertible {
  package var name: String
  package var delivered: Int
  /// Alerts that were tried and given up.
  package var failed: Int
  /// Alerts that were refused because too many waited already.
  package var refused: Int
  /// The refused alerts by severity.
  package var refusals: BySeverity<Int>
  /// Alerts that were still waiting or in delivery when the time was up.
  package var waiting: Int
  package var latestFailure: String?

  /// `; refused: 2 high, 1,204 info`.
  package var refusalText: String {
    let text = refusals.text(Formatting.number)
    return text.isEmpty ? "" : "; refused: \(text)"
  }

  package init(
    name: String, delivered: Int, failed: Int, refused: Int, refusals: BySeverity<Int> = BySeverity(repeating: 0),
    waiting: Int, latestFailure: String?
  ) {
    self.name = name
    self.delivered = delivered
    self.failed = failed
    self.refused = refused
    self.refusals = refusals
    self.waiting = waiting
    self.latestFailure = latestFailure
  }

  package var notDelivered: Int { failed + refused + waiting }

  /// `webhook https://ntfy.sh: 3 delivered, 12 not delivered: HTTP 503`.
  package var description: String {
    var text = "\(name): \(Formatting.number(delivered)) delivered"
    guard notDelivered > 0 else { return text }
    text += ", \(Formatting.number(notDelivered)) not delivered"
    let parts = [
      (failed, "failed"), (refused, "refused because too many waited"), (waiting, "still waiting at the end"),
    ].filter { $0.0 > 0 }
    if refused + waiting > 0 {
      text += " (" + parts.map { "\(Formatting.number($0.0)) \($0.1)" }.joined(separator: ", ") + ")"
    }
    return latestFailure.map { "\(text): \($0)" } ?? text
  }
}
