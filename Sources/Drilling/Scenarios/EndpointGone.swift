extension Scenario {
  static let endpointGone = [
    Scenario(5, "endpoint-silent", "The Endpoint falls silent: the tunnel is there, and nothing comes back.") {
      stage throws(DrillProblem) in try withoutEndpoint(stage, "DROP")
    },
    Scenario(6, "endpoint-refuses", "The Endpoint's host answers that nobody is at that port (ICMP unreachable).") {
      stage throws(DrillProblem) in try withoutEndpoint(stage, "REJECT")
    },
  ]

  private static func withoutEndpoint(_ stage: Stage, _ target: String) throws(DrillProblem) -> Ending {
    try stage.twin.endpoint.block(target)
    try stage.hold(.seconds(4))
    try stage.twin.endpoint.block(nil)
    return try stage.recovered()
  }
}
