import ComposeFiles
import TextFiles

/// The starts of a whole stack.
extension Twin {
  /// All at once, as an engine starts what was running when the machine went down.
  ///
  /// Not by Compose: its first version waits for what depends_on says, whatever it is told.
  func startAll() throws(DrillProblem) {
    let names = plan.services.map(\.name)
    // And it puts a consumer into the gateway's network only while the gateway runs.
    try startGateway()
    let rest = names.filter { $0 != gatewayName }
    if !rest.isEmpty { try compose.make(rest) }
    try compose.run(["stop", "--timeout", Self.patience, gatewayName])
    try endpoint.acceptClient()
    var words = ["docker", "start"]
    for name in names { words.append(try containerID(of: name)) }
    try island.demand("the start of all containers", words, within: .seconds(180))
  }

  /// Whether each service that one of the twin's depends on is in the twin, too.
  var hasAllDependencies: Bool {
    let names = Set(plan.services.map(\.name))
    return plan.services.allSatisfy { $0.dependencies.allSatisfy { names.contains($0.value.service) } }
  }

  /// After a start of the engine, which has started what its restart policies say: the rest is started as its owner would,
  /// each service once what it depends on is well.
  func startRest() throws(DrillProblem) {
    try startGateway()
    // A health check may need what a twin has not.
    if !consumerNames.isEmpty, hasAllDependencies { _ = try? compose.upInOrder(consumerNames) }
    try startConsumers()
  }

  /// As `docker compose up` does: each service once what its depends_on names is as it says there.
  func startInOrder() throws(DrillProblem) { try compose.upInOrder(plan.services.map(\.name)) }
}
