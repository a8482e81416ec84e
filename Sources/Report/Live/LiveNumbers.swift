package import Audit
package import Wire

/// What only a watch that runs can tell, beside its summary so far.
package struct LiveNumbers: Sendable {
  /// When the watch began, and when its summary was made.
  package var started, taken: Timestamp
  /// By the position of the summary's tunnels.
  var lastHandshakes: [Timestamp?]
  /// By the position of the summary's interfaces.
  var claimedMessages: [UInt64]
  /// In how many ways it does not see now what it should.
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
