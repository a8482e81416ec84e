import ComposeFiles
import Foundation
import Glibc
import PolicyFiles
import Probing
import Text
import TextFiles
import Wire

/// A copy of a stack on an island: the same images, files and settings, an Endpoint with keys of its own, and an
/// internet that answers at every address.
package final class Twin: DrilledStack {
  package let island: Island
  let plan: TwinPlan
  let engine: TwinEngine
  let endpoint: TwinEndpoint
  let files: TwinFiles
  /// The configurations as the twin has them, with its keys.
  let configs: [(path: String, target: String, text: String)]
  let compose: TwinCompose
  /// The stack's own, and what is laid over them.
  package let composeFiles: [String]
  let privileges: ConsumerPrivileges

  /// How long a container may take to end by itself.
  static let patience = "1"

  package init(
    _ plan: TwinPlan, on island: Island, environmentFiles: [String], say: (String) -> Void
  ) throws(DrillProblem) {
    self.plan = plan
    self.island = island
    privileges = ConsumerPrivileges(plan.consumers + plan.strays)
    var files = TwinFiles(island)
    for path in plan.paths.sorted() + plan.configs.map(\.path) { try files.cover(path) }
    self.files = files
    let keys = try TwinKeys(shared: plan.tunnelConfigs.contains { $0.peers.contains(where: \.hasPresharedKey) })
    var configs: [(path: String, target: String, text: String)] = []
    for config in plan.configs {
      let path = TwinFiles.canonical(config.path)
      guard let text = files.text(path) else {
        throw DrillProblem(.failed, "\(Formatting.safe(config.path)): it cannot be read")
      }
      configs.append((path, config.target, keys.replacingKeys(in: text)))
      try files.write(configs[configs.count - 1].text, to: path)
    }
    self.configs = configs
    endpoint = try TwinEndpoint(island, keys, for: plan.tunnelConfigs, mayChoose: plan.variables != nil)
    var composeFiles = plan.project.files.map(TwinFiles.whole)
    if plan.variables != nil {
      let text = GluetunVariables.file(
        GluetunVariables.replacing(
          plan.gateway.service.environment.keys, keys, address: endpoint.address, port: endpoint.port),
        service: plan.gateway.service.name,
        version: composeFiles.first.flatMap { files.text($0) }.flatMap(GluetunVariables.version))
      composeFiles.append("\(island.folder)/variables.yaml")
      guard FileManager.default.createFile(atPath: composeFiles[composeFiles.count - 1], contents: Data(text.utf8))
      else {
        throw DrillProblem(.failed, "\(island.folder): nothing can be written there")
      }
    }
    self.composeFiles = composeFiles
    engine = try TwinEngine(island)
    say("copying \(Formatting.count(plan.images.count, "image")) into an engine of the twin's own")
    try engine.load(plan.images)
    compose = try TwinCompose(
      island, project: plan.project.name, files: composeFiles,
      environmentFiles: environmentFiles.map(TwinFiles.whole))
    // The network is there before the first container, as it is whenever a stack starts again.
    try compose.makeExternals(of: plan)
    try compose.make(plan.services.map(\.name))
    // What is beside the tunnel runs all the time; the stack may ask it for names.
    do { try startOthers() } catch {
      guard error.kind != .stopped else { throw error }
      say("a service beside the tunnel does not start in the twin: \(error.message)")
    }
  }

  var machine: any Machine { island }
  var kind: DrilledKind { .twin }
  var tunnel: DrilledTunnel { plan.tunnel }
  var tunnelAddresses: [IPAddress] { endpoint.tunnelAddresses }
  var lanRouter: String { island.network.router }
  var consumerNames: [String] { plan.consumers.map(\.name) }
  var probedNames: Set<String> {
    Set((consumerNames.isEmpty ? [gatewayName] : consumerNames) + plan.strays.map(\.name))
  }
  var endpointAddress: IPAddress? { endpoint.address }
  /// Names that the stack looks up to find its Endpoint.
  package var endpointNames: [String] { endpoint.names.map { $0.lowercased() } }
  var restartPolicy: String { plan.gateway.service.restart?.value ?? "no" }

  /// Starts the island's internet. Returns a process of it, as this machine numbers it.
  func startInternet() throws(DrillProblem) -> Int {
    try moveEndpoint(false)
    let internet = try island.start(
      "internet", island.internetWords([Island.program, "drill-internet", "--names", namesFile]),
      input: island.standstill)
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      try DrillStop.check()
      if island.log("internet") == "ready", let process = internet.worker { return Int(process) }
      guard .now < deadline else {
        throw DrillProblem(.failed, "the twin's internet does not answer: \(island.log("internet"))")
      }
      usleep(20_000)
    }
  }

  private var namesFile: String { "\(island.folder)/names" }

  /// From now on the Endpoint's names resolve to its other address, or to its usual one again. It answers at both.
  func moveEndpoint(_ isMoved: Bool) throws(DrillProblem) {
    let address = isMoved ? TwinEndpoint.otherAddress : endpoint.address
    let text = endpoint.names.map { "\($0)=\(address)\n" }.joined()
    do { try Data(text.utf8).write(to: URL(filePath: namesFile), options: .atomic) } catch {
      throw DrillProblem(.failed, "\(island.folder): nothing can be written there")
    }
  }

  // MARK: - Containers

  func containerID(of service: String) throws(DrillProblem) -> String {
    guard let id = try engine.containers(of: [service]).first else {
      throw DrillProblem(.failed, "\(Formatting.safe(service)) has no container")
    }
    return id
  }

  /// Starts the gateway, and the services beside it.
  func startGateway(recreating: Bool = false) throws(DrillProblem) {
    try compose.up([gatewayName], recreating: recreating)
  }

  func startConsumers(recreating: Bool = false) throws(DrillProblem) {
    // A consumer is in the network of a container, not of a service: where that is another one now, so must it be.
    guard !plan.consumers.isEmpty else { return }
    try compose.up(plan.consumers.map(\.name), recreating: recreating)
  }

  func bringConsumersBack() throws(DrillProblem) { try startConsumers(recreating: true) }

  func startOthers() throws(DrillProblem) {
    if !plan.others.isEmpty { try compose.up(plan.others.map(\.name)) }
  }

  /// Kills the gateway and its consumers, and removes them; networks and volumes stay. Nothing is watched meanwhile.
  func removeStack() throws(DrillProblem) {
    let containers = try engine.containers(of: consumerNames + [gatewayName])
    guard !containers.isEmpty else { return }
    try island.demand("docker rm", ["docker", "rm", "--force"] + containers, within: .seconds(180))
  }

  func restart(_ services: [String]) throws(DrillProblem) {
    try compose.run(["restart", "--timeout", Self.patience] + services)
  }

  func restartGateway() throws(DrillProblem) { try restart([gatewayName]) }
  func restartConsumers() throws(DrillProblem) { try restart(consumerNames) }

  func inGateway(_ words: [String]) throws(DrillProblem) -> Command.Outcome {
    try island.run(["docker", "exec", try containerID(of: gatewayName)] + words, within: .seconds(30))
  }

  func gatewayID() throws(DrillProblem) -> String { try containerID(of: gatewayName) }
  func gatewayProcess() throws(DrillProblem) -> Int { try process(of: gatewayName) }

  func killGateway() throws(DrillProblem) {
    try island.demand("kill", ["kill", "-s", "KILL", "\(try gatewayProcess())"])
  }

  /// The first process of a service's container, as the island numbers it.
  func process(of service: String) throws(DrillProblem) -> Int {
    let text = try island.demand(
      "the process of \(service)",
      ["docker", "inspect", "--format", "{{.State.Pid}}", try containerID(of: service)])
    guard let number = Int(text.prefix { $0.isNumber }), number > 0 else {
      throw DrillProblem(.failed, "the container of \(Formatting.safe(service)) does not run")
    }
    return number
  }

  func inGatewayNetwork(_ words: [String]) throws(DrillProblem) -> Command.Outcome {
    let process = try process(of: gatewayName)
    return try island.run(["nsenter", "--target", "\(process)", "--net", "--"] + words)
  }

  func service(ofContainer id: String) -> String? {
    let outcome = try? island.run(
      ["docker", "inspect", "--format", "{{index .Config.Labels \"com.docker.compose.service\"}}", id],
      within: .seconds(5))
    guard let outcome, outcome.succeeded else { return nil }
    return String(outcome.output.prefix { !$0.isNewline })
  }

  /// The gateway of Docker's network, on the bridge.
  func router() throws(DrillProblem) -> String {
    let text = try island.demand(
      "docker inspect",
      [
        "docker", "inspect", "--format", "{{range .NetworkSettings.Networks}}{{.Gateway}}\n{{end}}",
        try containerID(of: gatewayName),
      ])
    guard let router = text.split(separator: "\n").first.map(String.init), IPAddress(router) != nil else {
      throw DrillProblem(.failed, "the gateway is attached to no network")
    }
    return router
  }

  // MARK: - The tunnel

  var gatewayWords: String {
    let outcome = try? island.run(["docker", "logs", "--tail", "20", (try? containerID(of: gatewayName)) ?? ""])
    return outcome?.lastWord ?? "nothing is known of it"
  }

  /// Whether a configuration is mounted as a file, and not with its folder.
  var hasLoneConfig: Bool {
    let mounted = Set(plan.paths.map(TwinFiles.canonical))
    return configs.contains { mounted.contains($0.path) }
  }

  /// The configurations as they are when all is well.
  func restoreConfigs() throws(DrillProblem) {
    for config in configs { try files.write(config.text, to: config.path) }
  }

  /// No containers of the tunnel's, and an Endpoint that has forgotten the last session.
  func clear() throws(DrillProblem) {
    try endpoint.block(nil)
    try moveEndpoint(false)
    try restoreConfigs()
    try removeStack()
    endConnections()
    try endpoint.acceptClient()
  }

  /// Ends what the last scenario's consumers had open, at the other end: what that sends once more would meet a gateway which
  /// has no rules yet, and whose answer would be taken for a leak. Only where the kernel can do it.
  private func endConnections() {
    _ = try? Command.run(
      island.internetWords(["ss", "--kill", "--tcp", "state", "connected"]), environment: island.environment)
  }

  func silenceEndpoint(_ isSilent: Bool) throws(DrillProblem) { try endpoint.block(isSilent ? "DROP" : nil) }
  func wasUnseen() -> Bool { false }
  func errorsToEndpoint() -> Int { endpoint.errorsReceived() }

  /// New containers, as when the stack is started for the first time.
  func makeWell() throws(DrillProblem) {
    try clear()
    try startGateway()
    try startConsumers()
  }
}
