import Policy
import Wire

/// Makes the verdict, in one place: nothing changes it afterwards.
extension Auditor {
  /// The decision on one frame. Its steps are kept for the frame that `keepSteps` asked for.
  mutating func decision(on seen: borrowing Sighting) -> Classifier.Decision {
    guard wanted?.frame == frames else {
      var steps = NoSteps()
      return decide(seen, &steps)
    }
    var steps = StepList()
    let decision = decide(seen, &steps)
    let told = reasons(seen, decision).told(steps.asked)
    wanted?.steps = told
    return decision
  }

  /// Classifies a frame again if the frame itself shows where the tunnel goes.
  private mutating func decide<Steps: StepRecorder>(
    _ seen: borrowing Sighting, _ steps: inout Steps
  ) -> Classifier.Decision {
    var decision = classifier.classify(seen, &steps)
    if decision.candidate >= 0, followCandidate(decision, seen) {
      decision = askAgain(seen, &steps)
    }
    if decision.showsOpenVPN {
      chooseOpenVPN(seen)
      decision = askAgain(seen, &steps)
    }
    if classifier.candidates.isActive, comesBack(seen, decision) {
      let known = policy.endpoints.count
      followAnswer(seen, decision)
      if policy.endpoints.count > known {
        decision = askAgain(seen, &steps)
        // The candidate's tally already counts this packet.
        decision.endpoint = -1
      }
    }
    if decision.mayBeJunk, let foreknown = junk.foreknown {
      decision.mayBeJunk = false
      if foreknown.contains(frames) { decision.verdict = .tunnel(.junk) }
    }
    if control?.accept(seen, decision.verdict) == true { allowControl(&decision, &steps) }
    return decision
  }

  private mutating func askAgain<Steps: StepRecorder>(
    _ seen: borrowing Sighting, _ steps: inout Steps
  ) -> Classifier.Decision {
    steps.restart()
    return classifier.classify(seen, &steps)
  }

  /// Marks a frame that the audit itself sent on purpose (`--control`); it is allowed if it would be a leak.
  private func allowControl<Steps: StepRecorder>(_ decision: inout Classifier.Decision, _ steps: inout Steps) {
    decision.isControl = true
    decision.isForeign = false
    guard case .leak = decision.verdict else { return }
    decision.step = .control
    _ = steps.ask(.control, true)
    decision.verdict = .allowed(.control)
  }
}
