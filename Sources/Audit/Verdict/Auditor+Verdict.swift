import Policy
import Wire

/// The verdict, made in one place: nothing changes it afterwards.
extension Auditor {
  /// The decision on one frame. Its steps are kept where they are asked for (`keepSteps`).
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

  /// What the frame itself shows of where the tunnel goes holds for the frame, too: then it is asked again.
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
        // The candidate's tally has it.
        decision.endpoint = -1
      }
    }
    if decision.mayBeJunk, let foreknown = junk.foreknown {
      decision.mayBeJunk = false
      if foreknown.contains(frames) { decision.verdict = .tunnel(.junk) }
    }
    if control?.take(seen, decision.verdict) == true { take(&decision, &steps) }
    return decision
  }

  private mutating func askAgain<Steps: StepRecorder>(
    _ seen: borrowing Sighting, _ steps: inout Steps
  ) -> Classifier.Decision {
    steps.restart()
    return classifier.classify(seen, &steps)
  }

  /// Whoever audits sent the frame, and asked for that.
  private func take<Steps: StepRecorder>(_ decision: inout Classifier.Decision, _ steps: inout Steps) {
    decision.isControl = true
    decision.isForeign = false
    guard case .leak = decision.verdict else { return }
    decision.step = .control
    _ = steps.ask(.control, true)
    decision.verdict = .allowed(.control)
  }
}
