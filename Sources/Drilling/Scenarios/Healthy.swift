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
}
