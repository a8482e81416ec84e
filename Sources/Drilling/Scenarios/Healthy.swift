extension Scenario {
  static let baseline = Scenario.undoable(
    1, "baseline", "Nothing happens: the tunnel works, and attempts go through it.", exercise: .tunnel, leavesWell: true
  ) { stage throws(DrillProblem) in
    try stage.hold(.seconds(4))
    return .well
  }

  static let coldStart = Scenario(
    2, "cold-start",
    "The whole stack starts from nothing, and consumers wait for nobody, as when the machine starts.",
    exercise: .tunnel, startsWell: false, leavesWell: true
  ) { stage throws(DrillProblem) in
    try stage.twin.startAll()
    guard try stage.tunnelComesBack() else { return .notDone("the tunnel did not come up within 45 s") }
    try stage.hold(.seconds(1))
    return .well
  }

  static let composedStart = Scenario(
    2, "composed-start", "Compose starts the stack from nothing, and consumers wait for what their depends_on says.",
    exercise: .tunnel, startsWell: false, leavesWell: true
  ) { stage throws(DrillProblem) in
    let twin = stage.twin
    guard !twin.consumerNames.isEmpty else { return .doesNotApply("the stack has no consumers") }
    guard twin.hasAllDependencies else { return .doesNotApply("a service that is waited for is not in the twin") }
    try twin.startInOrder()
    guard try stage.tunnelComesBack() else { return .notDone("the tunnel did not come up within 45 s") }
    try stage.hold(.seconds(1))
    return .well
  }
}
