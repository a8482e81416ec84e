import Glibc

/// What a scenario works with.
final class Stage {
  let twin: Twin
  private let witness: EndpointWitness
  /// How long the tunnel took to come back, once it was let.
  private(set) var recovery: Duration?

  private static let patience = Duration.seconds(45)

  init(_ twin: Twin, _ witness: EndpointWitness) {
    self.twin = twin
    self.witness = witness
  }

  /// Lets time pass, in which attempts are made.
  func hold(_ length: Duration) throws(DrillProblem) {
    let end = ContinuousClock.now + length
    while .now < end {
      try DrillStop.check()
      usleep(20_000)
    }
  }

  /// Waits until packets come out of the tunnel's other end again. False if none does.
  func tunnelComesBack() throws(DrillProblem) -> Bool {
    let before = witness.sums.packets
    let start = ContinuousClock.now
    while witness.sums.packets < before + 3 {
      try DrillStop.check()
      guard .now < start + Self.patience else { return false }
      usleep(20_000)
    }
    recovery = .now - start
    return true
  }

  /// What a scenario answers that ends with the tunnel coming back, or not.
  func recovered() throws(DrillProblem) -> Scenario.Ending {
    try tunnelComesBack() ? .well : .notDone("the tunnel did not come back within 45 s")
  }
}
