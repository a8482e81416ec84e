package import Audit
package import Wire

/// What only a running watch knows, in addition to its summary so far.
package struct LiveNumbers: Sendable {
  /// When the watch began, and when its summary was made.
  package var started, taken: Timestamp
  /// By the position of the tunnel in the summary.
  var lastHandshakes: [Timestamp?]
  /// By the position of the interface in the summary.
  var claimedMessages: [UInt64]
  /// The number of ways in which the watch currently fails to see what it should.
  package var blindness: Int
  /// Alerts that were given up, by outlet.
  package var undelivered: [(outlet: String, alerts: Int)]

  package init(
    _ summary: AuditSummary, started: Timestamp, taken: Timestamp, blindness: Int,
    undelivered: [(outlet: String, alerts: Int)]
  ) {
    self.started = started
    self.taken = taken
    self.blindness = blindness
    self.undelivered = undelivered
    lastHandshakes = summary.tunnels.map(\.tally.lastHandshake)
    claimedMessages = summary.claimedMessages
  }
}
