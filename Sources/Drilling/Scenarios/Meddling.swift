extension Scenario {
  static let sleep = Scenario(
    16, "sleep", "The stack sleeps and wakes, and the Endpoint has forgotten it meanwhile.",
    exercise: .noTunnel(.seconds(2))
  ) { stage throws(DrillProblem) in
    let twin = stage.twin
    let container = try twin.containerID(of: twin.gatewayName)
    try twin.endpoint.block("DROP")
    try twin.island.demand("docker pause", ["docker", "pause", container])
    try stage.hold(.seconds(4))
    try twin.endpoint.acceptClient()
    try twin.endpoint.block(nil)
    try twin.island.demand("docker unpause", ["docker", "unpause", container])
    return try stage.recovered()
  }

  static let meddling = Scenario(
    18, "consumer-meddles", "A consumer tries to undo rules and routes with what it was given.", exercise: .attempts,
    isDeliberate: true
  ) { stage throws(DrillProblem) in
    let twin = stage.twin
    guard !twin.consumerNames.isEmpty else { return .doesNotApply("the stack has no consumers") }
    let process = try twin.process(of: twin.gatewayName)
    let attempts =
      [
        "iptables -w -P OUTPUT ACCEPT", "iptables -w -F", "ip6tables -w -P OUTPUT ACCEPT", "ip6tables -w -F",
        "nft flush ruleset", "ip rule flush", "ip route replace default via \(try twin.router())",
      ] + twin.tunnelInterfaces.map { "ip link set \($0) down" }
    for attempt in attempts {
      _ = try twin.island.run(
        ["nsenter", "--target", "\(process)", "--net", "--"] + twin.privileges.words
          + attempt.split(separator: " ").map(String.init), within: .seconds(5))
    }
    try stage.hold(.seconds(3))
    return .well
  }
}
