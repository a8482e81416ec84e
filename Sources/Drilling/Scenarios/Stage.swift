import Glibc

/// What a scenario works with that can be undone, and so is run on any stack.
class Stage {
  let stack: any DrilledStack
  private let witness: EndpointWitness
  /// How long the tunnel took to come back, once it was let.
  private(set) final var recovery: Duration?

  static let patience = Duration.seconds(45)

  init(_ stack: any DrilledStack, _ witness: EndpointWitness) {
    self.stack = stack
    self.witness = witness
  }

  /// Lets time pass, in which attempts are made.
  final func hold(_ length: Duration) throws(DrillProblem) {
    let end = ContinuousClock.now + length
    while .now < end {
      try DrillStop.check()
      usleep(20_000)
    }
  }

  /// Waits until packets come out of the tunnel's other end again. False if none does.
  final func tunnelComesBack(within patience: Duration = Stage.patience) throws(DrillProblem) -> Bool {
    let before = witness.sums.packets
    let start = ContinuousClock.now
    while witness.sums.packets < before + 3 {
      try DrillStop.check()
      guard .now < start + patience else { return false }
      usleep(20_000)
    }
    recovery = .now - start
    return true
  }

  /// What a scenario answers that ends with the tunnel coming back, or not.
  final func recovered() throws(DrillProblem) -> Scenario.Ending {
    try tunnelComesBack() ? .well : .notDone("the tunnel did not come back within 45 s")
  }
}

/// What the others work with: only a twin's files, engine and world may be changed.
final class TwinStage: Stage {
  let twin: Twin

  init(_ twin: Twin, _ witness: EndpointWitness) {
    self.twin = twin
    super.init(twin, witness)
  }
}
