extension Scenario {
  static let endpointGone = [
    Scenario.undoable(5, "endpoint-silent", "The Endpoint falls silent: the tunnel is there, and nothing comes back.") {
      stage throws(DrillProblem) in
      try stage.stack.silenceEndpoint(true)
      try stage.hold(.seconds(4))
      try stage.stack.silenceEndpoint(false)
      return try stage.recovered()
    },
    Scenario(6, "endpoint-refuses", "The Endpoint's host answers that nobody is at that port (ICMP unreachable).") {
      stage throws(DrillProblem) in
      try stage.twin.endpoint.block("REJECT")
      try stage.hold(.seconds(4))
      try stage.twin.endpoint.block(nil)
      return try stage.recovered()
    },
    Scenario(
      6, "endpoint-moves", "The Endpoint's name resolves to another address, and the gateway is restarted.",
      exercise: .noTunnel(.milliseconds(700)), startsGateway: true
    ) { stage throws(DrillProblem) in
      let twin = stage.twin
      guard !twin.endpoint.names.isEmpty else { return .doesNotApply("the Endpoint is stated by its address") }
      try twin.moveEndpoint(true)
      try twin.restartGateway()
      try stage.hold(.seconds(2))
      try twin.bringConsumersBack()
      // A kill switch that knows the old address may refuse the new one.
      _ = try stage.tunnelComesBack(within: .seconds(10))
      try stage.hold(.seconds(2))
      return .well
    },
  ]
}
