/// One way in which a tunnel goes away, or a kill switch with it.
///
/// Each begins with a stack that is well, unless it starts it, and leaves one that is well, or that `Twin.recreate`
/// makes well.
package struct Scenario: Sendable {
  /// Its group, as the documentation numbers them.
  package let number: Int
  /// Stays the same between versions: scripts name scenarios by it.
  package let id: String
  /// What happens, in plain English.
  package let what: String
  /// What must have been seen for it to count.
  let exercise: Exercise
  /// Whether the stack is well when it begins; otherwise there is none.
  let startsWell: Bool
  /// Whether it is well afterwards, as it was before: else the next scenario gets new containers.
  let leavesWell: Bool
  /// Whether attempts are made, too, that no ordinary application makes.
  let isDeliberate: Bool
  /// Whether the gateway is started in it.
  let startsGateway: Bool
  let steps: Steps

  enum Steps: Sendable {
    /// All that they do can be undone: they may be run on the user's own stack, as it runs.
    case undoable(@Sendable (Stage) throws(DrillProblem) -> Ending)
    case onTwin(@Sendable (TwinStage) throws(DrillProblem) -> Ending)
  }

  /// Whether the tunnel stays as it is all the time.
  var keepsTunnel: Bool {
    if case .tunnel = exercise { startsWell } else { false }
  }

  enum Exercise: Sendable {
    /// Attempts went through the tunnel, and came out of its other end.
    case tunnel
    /// Nothing came out of the tunnel's other end for this long in all, while attempts were made.
    case noTunnel(Duration)
    /// Attempts were made.
    case attempts
    /// Attempts leaked.
    case leaks
  }

  enum Ending: Sendable {
    case well
    /// What it needs is not in this stack; a sentence says what.
    case doesNotApply(String)
    /// It could not be carried out.
    case notDone(String)
  }

  init(
    _ number: Int, _ id: String, _ what: String, exercise: Exercise = .noTunnel(.seconds(2)), startsWell: Bool = true,
    leavesWell: Bool = false,
    isDeliberate: Bool = false, startsGateway: Bool = false,
    onTwin steps: @escaping @Sendable (TwinStage) throws(DrillProblem) -> Ending
  ) {
    self.init(number, id, what, exercise, startsWell, leavesWell, isDeliberate, startsGateway, .onTwin(steps))
  }

  /// One whose steps can be undone. It starts with a stack that is well.
  static func undoable(
    _ number: Int, _ id: String, _ what: String, exercise: Exercise = .noTunnel(.seconds(2)), leavesWell: Bool = false,
    startsGateway: Bool = false,
    steps: @escaping @Sendable (Stage) throws(DrillProblem) -> Ending
  ) -> Scenario {
    Scenario(number, id, what, exercise, true, leavesWell, false, startsGateway, .undoable(steps))
  }

  private init(
    _ number: Int, _ id: String, _ what: String, _ exercise: Exercise, _ startsWell: Bool, _ leavesWell: Bool,
    _ isDeliberate: Bool, _ startsGateway: Bool, _ steps: Steps
  ) {
    self.number = number
    self.id = id
    self.what = what
    self.exercise = exercise
    self.startsWell = startsWell
    self.leavesWell = leavesWell
    self.isDeliberate = isDeliberate
    self.startsGateway = startsGateway || !startsWell
    self.steps = steps
  }

  /// Whether it may be run on the user's own stack, as it runs.
  package var canBeUndone: Bool { if case .undoable = steps { true } else { false } }

  /// All, in the order in which they are run.
  package static let all: [Scenario] =
    [baseline, coldStart, composedStart] + tunnelTakenDown + processEnded + endpointGone + gatewayRestarted
    + consumersMoved
    + malformedConfigs + [wrongKey] + hooks + networkChanged + engineChanged + [
      ipv6Appears, resolverLeft, sleep, largePackets, meddling, rewriting,
    ]
}
