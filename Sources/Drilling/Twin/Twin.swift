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
package final class Twin: Sendable {
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
  /// What the consumers may do.
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

  var gatewayName: String { plan.gateway.service.name }
  var consumerNames: [String] { plan.consumers.map(\.name) }
  /// The services beside which attempts are made: the gateway, where the application is in it.
  var probedNames: Set<String> {
    Set((consumerNames.isEmpty ? [gatewayName] : consumerNames) + plan.strays.map(\.name))
  }
  /// Names that the stack looks up to find its Endpoint.
  package var endpointNames: [String] { endpoint.names.keys.map { $0.lowercased() } }
  /// What the engine does when the gateway ends by itself: `no`, `always` and so on.
  var restartPolicy: String { plan.gateway.service.restart?.value ?? "no" }

  // MARK: - Containers

  func containerID(of service: String) throws(DrillProblem) -> String {
    let text = try compose.run(["ps", "--quiet", service])
    return String(text.prefix { !$0.isNewline })
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

  func startOthers() throws(DrillProblem) {
    if !plan.others.isEmpty { try compose.up(plan.others.map(\.name)) }
  }

  /// Removes the gateway and its consumers; networks and volumes stay.
  func removeStack() throws(DrillProblem) {
    try compose.run(["stop", "--timeout", Self.patience] + plan.consumers.map(\.name) + [gatewayName])
    try compose.run(["rm", "--force"] + plan.consumers.map(\.name) + [gatewayName])
  }

  func restart(_ services: [String]) throws(DrillProblem) {
    try compose.run(["restart", "--timeout", Self.patience] + services)
  }

  /// Runs a program in the gateway.
  func inGateway(_ words: [String], within limit: Duration = .seconds(30)) throws(DrillProblem) -> Command.Outcome {
    try island.run(["docker", "exec", try containerID(of: gatewayName)] + words, within: limit)
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

  /// Runs a program of this machine in the gateway's network, with all privileges.
  func inGatewayNetwork(_ words: [String]) throws(DrillProblem) -> Command.Outcome {
    let process = try process(of: gatewayName)
    return try island.run(["nsenter", "--target", "\(process)", "--net", "--"] + words)
  }

  /// The service whose container has this id; nil if the engine does not know.
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

  /// The resolvers that its probes ask.
  var catalogue: ProbeCatalogue {
    ProbeCatalogue(
      containerResolver: plan.gateway.service.resolvers.lazy.compactMap { IPAddress($0.value) }.first,
      tunnelResolver: plan.tunnelConfigs.flatMap(\.resolvers).first?.value,
      lanResolver: IPAddress(island.network.router), endpoint: endpoint.address)
  }

  /// The last thing that the gateway said.
  var gatewayWords: String {
    let outcome = try? island.run(["docker", "logs", "--tail", "20", (try? containerID(of: gatewayName)) ?? ""])
    return outcome?.lastWord ?? "nothing is known of it"
  }

  /// What a prober is told of the network that it is in.
  func probeOptions(process: Int) -> [String] {
    var options = ["--lan-resolver", island.network.router, "--endpoint", "\(endpoint.address)"]
    if let resolver = plan.tunnelConfigs.flatMap(\.resolvers).first?.value {
      options += ["--tunnel-resolver", "\(resolver)"]
    }
    for address in endpoint.tunnelAddresses { options += ["--tunnel-address", "\(address)"] }
    // Docker's own resolver has a probe of its own.
    if let resolver = resolvers(process: process).first(where: { $0 != "127.0.0.11" }) {
      options += ["--container-resolver", resolver]
    }
    return options
  }

  /// The resolvers that a container's resolv.conf names now.
  ///
  /// - Parameter process: one of the container's, as the island numbers it.
  func resolvers(process: Int) -> [String] {
    let file = RootedFile.read("/etc/resolv.conf", root: island.outside("/proc/\(process)/root"), limit: 1 << 16)
    return (file ?? "").split(separator: "\n").compactMap { line in
      let words = line.split(whereSeparator: \.isWhitespace)
      guard words.count > 1, words[0] == "nameserver", IPAddress(words[1]) != nil else { return nil }
      return String(words[1])
    }
  }

  /// The interfaces that the gateway's configurations make.
  var tunnelInterfaces: [String] {
    // gluetun's is tun0, and wg0 in former versions; only one of them is there.
    plan.variables != nil
      ? ["tun0", "wg0"] : configs.map { URL(filePath: $0.target).deletingPathExtension().lastPathComponent }
  }

  /// Why scenarios that change a configuration do not apply; nil if they do.
  var lacksConfig: String? { configs.isEmpty ? "the tunnel is not made from a wg0.conf" : nil }

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
    try restoreConfigs()
    try removeStack()
    try endpoint.acceptClient()
  }

  /// New containers, as when the stack is started for the first time.
  func recreate() throws(DrillProblem) {
    try clear()
    try startGateway()
    try startConsumers()
  }
}
