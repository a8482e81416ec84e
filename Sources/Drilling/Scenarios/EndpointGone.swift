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
  ]
}
