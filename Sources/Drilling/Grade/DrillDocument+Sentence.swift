import Text

extension DrillDocument {
  /// Those that were really exercised, but for the control.
  private var exercised: [ScenarioResult] { results.filter { $0.grade == .holds || $0.grade == .leaks } }

  func makeSentence() -> String {
    let ways = exercised
    let silent = ways.reduce(0) { $0 + $1.millisecondsWithoutTunnel }
    // On a running stack nobody answers to tell the way, so that only those count that found no tunnel.
    let outside = ways.reduce(0) {
      $0 + (drilled == .twin ? $1.attempts.outsideTheTunnel : $1.attemptsWithoutTunnel)
    }
    let fate = drilled == .twin ? "did not get into the tunnel" : "found no tunnel"
    let leaking = ways.filter { $0.grade == .leaks }
    let packets = leaking.reduce(0) { $0 + $1.leakedPackets }
    var text =
      "exercised \(Formatting.count(ways.count, "way")), \(silent / 1000) s without a tunnel in all; "
      + "\(Formatting.count(outside, "attempt")) \(fate), "
    text +=
      leaking.isEmpty
      ? "and nothing got out beside it."
      : "and \(Formatting.count(packets, "packet")) got out beside it in \(Formatting.count(leaking.count, "way")): "
        + leaking.map(\.id).joined(separator: ", ") + "."
    let incomplete = results.filter { $0.grade == .incomplete }
    if !incomplete.isEmpty {
      text += " Not exercised: " + incomplete.map(\.id).joined(separator: ", ") + "."
    }
    if !results.contains(where: { $0.grade == .leakSeen }) {
      text += " There was no positive control, so that nothing is proved."
    }
    if let problem { text += " It ended early: \(problem)." }
    return "\(conclusion.uppercased()): " + text
  }
}

extension ScenarioResult.Attempts {
  /// Those that nobody answered through the tunnel.
  package var outsideTheTunnel: Int { tried - through - answered }
}
