import Glibc

extension Scenario {
  static let gatewayRestarted = [
    Scenario.undoable(
      7, "gateway-restarted", "The gateway is restarted.", exercise: .noTunnel(.milliseconds(700)), startsGateway: true
    ) { stage throws(DrillProblem) in
      try stage.stack.restartGateway()
      // In its old network, consumers would never see the tunnel again.
      try stage.hold(.seconds(2))
      try stage.stack.bringConsumersBack()
      return try stage.recovered()
    },
    Scenario(
      7, "gateway-recreated", "The gateway's container is replaced by a new one, and so are its consumers.",
      exercise: .noTunnel(.milliseconds(700)), startsGateway: true
    ) { stage throws(DrillProblem) in
      try stage.twin.startGateway(recreating: true)
      try stage.twin.startConsumers(recreating: true)
      return try stage.recovered()
    },
    Scenario.undoable(
      7, "gateway-killed", "The gateway's first process is killed five times; its restart policy starts it again.",
      exercise: .noTunnel(.milliseconds(700)), startsGateway: true
    ) { stage throws(DrillProblem) in
      let stack = stage.stack
      guard stack.restartPolicy != "no" else { return .doesNotApply("the gateway has no restart policy") }
      for _ in 0..<5 {
        let process = try stack.gatewayProcess()
        try stack.killGateway()
        var next: Int?
        let deadline = ContinuousClock.now + .seconds(40)
        while next == nil {
          guard .now < deadline else { return .notDone("the engine did not start the gateway again") }
          usleep(200_000)
          if let found = try? stack.gatewayProcess(), found != process { next = found }
        }
        try stage.hold(.seconds(1))
      }
      try stack.bringConsumersBack()
      return try stage.recovered()
    },
  ]

  static let consumersMoved = [
    Scenario.undoable(8, "consumer-restarted", "The consumers are restarted alone.", exercise: .tunnel) {
      stage throws(DrillProblem) in
      guard !stage.stack.consumerNames.isEmpty else { return .doesNotApply("the stack has no consumers") }
      try stage.stack.restartConsumers()
      try stage.hold(.seconds(2))
      return .well
    },
    Scenario(
      8, "consumer-left-behind", "The gateway is replaced under running consumers, which stay in its old network.",
      exercise: .noTunnel(.milliseconds(700)), startsGateway: true
    ) { stage throws(DrillProblem) in
      guard !stage.twin.consumerNames.isEmpty else { return .doesNotApply("the stack has no consumers") }
      try stage.twin.startGateway(recreating: true)
      try stage.hold(.seconds(3))
      try stage.twin.startConsumers(recreating: true)
      return try stage.recovered()
    },
  ]
}
