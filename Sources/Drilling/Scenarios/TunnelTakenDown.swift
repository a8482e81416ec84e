extension Scenario {
  static let tunnelTakenDown = [
    Scenario.undoable(3, "wg-quick-down", "wg-quick takes the tunnel down, as its owner would.") {
      stage throws(DrillProblem) in
      let stack = stage.stack
      if let reason = stack.lacksConfig { return .doesNotApply(reason) }
      for config in stack.tunnel.configs {
        let outcome = try stack.inGateway(["wg-quick", "down", config.target])
        if [126, 127].contains(outcome.status) { return .doesNotApply("the gateway's image has no wg-quick") }
        if !outcome.succeeded { return .notDone("wg-quick down: \(outcome.lastWord)") }
      }
      try stage.holdThroughHealthCheck(least: .seconds(3))
      return .well
    },
    Scenario.undoable(3, "interface-deleted", "The tunnel's interface is deleted; no hook runs.") {
      stage throws(DrillProblem) in
      var last = ""
      var deleted = 0
      for interface in stage.stack.tunnelInterfaces {
        let outcome = try stage.stack.inGatewayNetwork(["ip", "link", "delete", interface])
        if outcome.succeeded { deleted += 1 } else { last = "ip link delete \(interface): \(outcome.lastWord)" }
      }
      guard deleted > 0 else { return .notDone(last) }
      try stage.hold(.seconds(3))
      return .well
    },
  ]

  static let processEnded = [
    Scenario(4, "vpn-terminated", "The process that makes the tunnel is asked to end (SIGTERM).") {
      stage throws(DrillProblem) in try endProcess(stage, "TERM")
    },
    Scenario(4, "vpn-killed", "The process that makes the tunnel is killed (SIGKILL).") {
      stage throws(DrillProblem) in try endProcess(stage, "KILL")
    },
  ]

  /// Programs that make a tunnel outside of the kernel.
  private static let programs: Set = [
    "wireguard-go", "boringtun", "boringtun-cli", "amneziawg-go", "wireproxy", "openvpn", "openvpn2.6", "openvpn2.5",
    "gluetun-entrypo",
  ]

  private static func endProcess(_ stage: TwinStage, _ signal: String) throws(DrillProblem) -> Ending {
    let twin = stage.twin
    let list = try twin.island.run([
      "docker", "top", try twin.containerID(of: twin.gatewayName), "-eo", "pid,comm",
    ])
    let numbers = list.output.split(separator: "\n").compactMap { line -> String? in
      let fields = line.split(separator: " ", maxSplits: 1)
      guard fields.count == 2 else { return nil }
      return programs.contains(fields[1].trimmingBlanks) ? String(fields[0]) : nil
    }
    guard !numbers.isEmpty else { return .doesNotApply("the kernel makes the tunnel: no process can be ended") }
    try twin.island.demand("kill", ["kill", "-s", signal] + numbers)
    try stage.hold(.seconds(3))
    return .well
  }
}

extension Substring {
  var trimmingBlanks: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
