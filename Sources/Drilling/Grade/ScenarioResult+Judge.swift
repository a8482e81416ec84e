import Audit
import Summaries
import Text

extension ScenarioResult {
  /// Leaks first: one is a leak, whatever else was not seen.
  ///
  /// - Parameters:
  ///   - kind: on a running stack, nobody tells where an answer came from: there, the tunnel's packets on the wire count.
  ///   - limits: what the watch did not see.
  mutating func judge(
    _ ending: Scenario.Ending, _ exercise: Scenario.Exercise, _ sums: (packets: Int, silent: Duration),
    on kind: DrilledKind, limits: [String]
  ) {
    switch ending {
    case .doesNotApply(let reason):
      reasons.append(reason)
      grade = leaks.isEmpty ? .doesNotApply : .leaks
      return
    case .notDone(let reason): reasons.append(reason)
    case .well: break
    }
    switch exercise {
    case .tunnel:
      if sums.packets == 0 || (kind == .twin && attempts.through == 0) {
        reasons.append("no attempt went through the tunnel")
      }
    case .noTunnel(let least):
      if sums.silent < least {
        reasons.append("the tunnel was never silent for \(least / .milliseconds(1)) ms: it was not down")
      } else if least > EndpointWitness.patience, attemptsWithoutTunnel == 0 {
        // In a shorter pause, consumers may be away as well: they start again with the gateway.
        reasons.append("no attempt was made while the tunnel was down")
      }
    case .leaks:
      if leaks.isEmpty { reasons.append("there was no kill switch, and no leak was seen") }
    case .attempts: break
    }
    if attempts.tried == 0 { reasons.append("no attempt was made") }
    reasons += limits
    if attempts.around > 0, leaks.isEmpty {
      reasons.append(
        "\(Formatting.count(attempts.around, "attempt")) were answered outside of the tunnel, and the wire shows no leak"
      )
    }
    if case .leaks = exercise {
      grade = leaks.isEmpty ? .incomplete : .leakSeen
    } else {
      grade = !leaks.isEmpty ? .leaks : reasons.isEmpty ? .holds : .incomplete
    }
  }

  /// What the watch did not see.
  static func limits(of summary: Summary) -> [String] {
    guard summary.capture?.droppedByKernel == 0, summary.interfaces.allSatisfy({ $0.drops == 0 }) else {
      return summary.incomplete
    }
    // Nothing was lost between the interfaces and the watch. So the tunnel's packets that never came were stopped before
    // them: by a kill switch, or with the link that the scenario took away.
    let explained = summary.interfaces.map { Auditor.missed($0.missedMessages, on: $0.name) }
    return summary.incomplete.filter { !explained.contains($0) }
  }
}
