/// All outlets of a run. An alert goes to each of them, and none waits for another.
package struct Outbox: Sendable {
  /// Extra time after the deadline, to end a command that does not obey SIGTERM.
  private static var grace: Duration { .seconds(1) }

  package let outlets: [OutletThread]

  package init(_ outlets: [OutletThread]) { self.outlets = outlets }

  /// Hands an alert to every outlet without waiting.
  package func post(_ alert: RenderedAlert) {
    for outlet in outlets { outlet.post(alert) }
  }

  /// Has the files of alerts opened anew, without waiting. False if there is none.
  package func reopenFiles() -> Bool {
    for outlet in outlets { outlet.reopen() }
    return outlets.contains(where: \.reopens)
  }

  /// Accepts no more alerts, lets the outlets deliver what waits within the limit, and reports what happened to all
  /// alerts. Returns at most a second later, even if an outlet hangs.
  package func finish(within limit: Duration) -> [OutletReport] {
    let deadline = ContinuousClock.now + limit
    for outlet in outlets { outlet.close(deadline) }
    for outlet in outlets { outlet.join(until: deadline + Self.grace) }
    return outlets.map(\.report)
  }
}
