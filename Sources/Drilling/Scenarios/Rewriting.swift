import ComposeFiles
import PolicyFiles

extension Scenario {
  static let rewriting = Scenario(
    18, "consumer-rewrites",
    "A consumer empties the gateway's start-up scripts where they are mounted in it; the gateway is restarted, and its tunnel "
      + "deleted.", exercise: .attempts, startsGateway: true
  ) { stage throws(DrillProblem) in
    let twin = stage.twin
    let scripts = twin.scriptsOfConsumers
    guard !scripts.isEmpty else { return .doesNotApply("no consumer has a start-up script of the gateway's") }
    var texts: [String: String] = [:]
    for script in scripts { texts[script.path] = twin.files.text(script.path) }
    let outcome = Result { () throws(DrillProblem) in try empty(scripts, stage) }
    for (path, text) in texts { try twin.files.write(text, to: path) }
    return try outcome.get()
  }

  private static func empty(_ scripts: [Twin.ConsumersScript], _ stage: TwinStage) throws(DrillProblem) -> Ending {
    let twin = stage.twin
    var hasShell = false
    for script in scripts {
      // As the consumer's own user, in its own mounts: whether it may is the question.
      let outcome = try twin.island.run(
        ["docker", "exec", try twin.containerID(of: script.consumer), "sh", "-c", ": >\"$1\"", "sh", script.target],
        within: .seconds(10))
      hasShell = hasShell || ![126, 127].contains(outcome.status)
    }
    guard hasShell else { return .doesNotApply("the consumers' images have no shell to write with") }
    try twin.restartGateway()
    try stage.hold(.seconds(2))
    try twin.bringConsumersBack()
    _ = try stage.tunnelComesBack(within: .seconds(10))
    for interface in twin.tunnelInterfaces {
      _ = try twin.inGatewayNetwork(["ip", "link", "delete", interface])
    }
    try stage.hold(.seconds(3))
    return .well
  }
}

extension Twin {
  /// A start-up script of the gateway's in a mount of a consumer's.
  struct ConsumersScript {
    var consumer: String
    /// On the island, and in the consumer.
    var path, target: String
  }

  fileprivate var scriptsOfConsumers: [ConsumersScript] {
    let paths = Set(plan.gateway.scripts.map(\.path).filter { $0.hasPrefix("/") }.map(TwinFiles.canonical)).sorted()
    return plan.consumers.flatMap { consumer in
      consumer.mounts.flatMap { mount -> [ConsumersScript] in
        guard case .bind(let source) = mount.kind else { return [] }
        let folder = TwinFiles.canonical(source)
        return paths.compactMap { path in
          guard path == folder || path.hasPrefix(folder + "/") else { return nil }
          return ConsumersScript(
            consumer: consumer.name, path: path, target: mount.target + path.dropFirst(folder.count))
        }
      }
    }
  }
}
