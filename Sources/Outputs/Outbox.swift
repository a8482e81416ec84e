/// All outlets of a run. An alert goes to each of them, and none waits for another.
package struct Outbox: Sendable {
  /// What may still be ended after the deadline: a command that does not obey SIGTERM.
  private static var grace: Duration { .seconds(1) }

  package let outlets: [OutletThread]

  package init(_ outlets: [OutletThread]) { self.outlets = outlets }

  /// Hands an alert to every outlet without waiting.
  package func post(_ alert: RenderedAlert) {
    for outlet in outlets { outlet.post(alert) }
  }

  /// Takes no more alerts, lets the outlets deliver what waits for as long as given, and tells what became of all
  /// of it. Returns at most a second later, also if an outlet hangs.
  package func finish(within limit: Duration) -> [OutletReport] {
    let deadline = ContinuousClock.now + limit
    for outlet in outlets { outlet.close(deadline) }
    for outlet in outlets { outlet.join(until: deadline + Self.grace) }
    return outlets.map(\.report)
  }
}
