import ComposeFiles
import Foundation
package import PolicyFiles
import StackCheck
import Text
import TextFiles

/// What of a stack is twinned, and what cannot be.
package struct TwinPlan: Sendable {
  let project: ComposeProject
  let gateway: TunnelGateway
  /// Services behind the tunnel, and those beside it.
  private(set) var consumers: [ComposeService]
  private(set) var others: [ComposeService] = []
  /// Those of the others that want the tunnel, as `check` finds them: attempts are made beside them, too.
  var strays: [ComposeService] { others.filter { wanting.contains($0.name) } }
  private let wanting: Set<String>
  /// As the engine knows them, without doubles.
  private(set) var images: [String] = []
  /// What the twin has not, and why: a sentence each.
  package private(set) var leftOut: [String] = []
  /// The tunnel's configurations: the path on this machine, the path in the container, and what it says.
  let configs: [Config]
  /// What gluetun's variables say, where they are the configuration.
  let variables: WireGuardConfig?

  struct Config: Sendable {
    var path, target: String
    var config: WireGuardConfig
  }

  package init(_ stack: VPNStack, environment: [String: String]) throws(DrillProblem) {
    project = stack.project
    guard let gateway = stack.gateways.first else {
      throw DrillProblem(
        .stack, stack.problems.first.map(\.description) ?? "no service of these files holds a tunnel")
    }
    self.gateway = gateway
    configs = gateway.configs.filter { $0.path.hasPrefix("/") }.map {
      Config(path: $0.config.fileName, target: $0.path, config: $0.config)
    }
    variables =
      gateway.image == .gluetun && configs.isEmpty
      ? gateway.configs.first { $0.path == "environment" && !$0.config.addresses.isEmpty }?.config : nil
    guard !configs.isEmpty || variables != nil else {
      throw DrillProblem(
        .stack,
        "the service '\(Formatting.safe(gateway.service.name))' has no wg0.conf among its mounted files, and no "
          + "variables of gluetun's for WireGuard: OpenVPN, and what is in a volume of the engine, cannot be twinned")
    }
    consumers = stack.consumers(of: gateway)
    wanting = Set(stack.strays.map(\.name))
    try chooseServices(stack, environment)
  }

  private mutating func chooseServices(_ stack: VPNStack, _ environment: [String: String]) throws(DrillProblem) {
    for other in stack.gateways.dropFirst() {
      leftOut.append("the tunnel of \(Formatting.safe(other.service.name)): one tunnel is drilled at a time")
    }
    let profiles = Set((environment["COMPOSE_PROFILES"] ?? "").split(separator: ",").map(String.init))
    let taken = Set(stack.gateways.map(\.service.name) + stack.consumers.map(\.service.name))
    others = project.services.filter { !taken.contains($0.name) }
    try addImage(of: gateway.service, isNeeded: true)
    func keep(_ services: [ComposeService], isNeeded: Bool) throws(DrillProblem) -> [ComposeService] {
      var kept: [ComposeService] = []
      for service in services {
        if !service.profiles.isEmpty, profiles.isDisjoint(with: service.profiles.map(\.value)) { continue }
        if !isNeeded, service.mounts.contains(where: { $0.kind == .bind("/") }) {
          leftOut.append("\(Formatting.safe(service.name)): it mounts the whole file system of this machine")
          continue
        }
        if try addImage(of: service, isNeeded: isNeeded) { kept.append(service) }
      }
      return kept
    }
    consumers = try keep(consumers, isNeeded: true)
    others = try keep(others, isNeeded: false)
  }

  /// Finds the service's image in this machine's engine.
  @discardableResult
  private mutating func addImage(of service: ComposeService, isNeeded: Bool) throws(DrillProblem) -> Bool {
    // Compose names what it builds after the project; its first version with another sign between.
    let names = service.image.map { [$0.value] } ?? ["-", "_"].map { "\(project.name)\($0)\(service.name)" }
    for name in names where try TwinEngine.has(name) {
      if !images.contains(name) { images.append(name) }
      return true
    }
    let sentence =
      "\(Formatting.safe(service.name)): its image \(Formatting.safe(names[0])) is not in this machine's engine"
    guard !isNeeded else {
      throw DrillProblem(.missing, "\(sentence): pull or build it first (docker compose pull, docker compose build)")
    }
    leftOut.append(sentence)
    return false
  }

  /// The names of the services that hold the tunnel and use it.
  var names: (gateway: String, consumers: [String]) { (gateway.service.name, consumers.map(\.name)) }

  /// What the tunnel is configured with.
  var tunnelConfigs: [WireGuardConfig] { variables.map { [$0] } ?? configs.map(\.config) }

  var services: [ComposeService] { [gateway.service] + consumers + others }

  /// What of this machine's files the containers use, or Compose reads.
  var paths: [String] {
    project.files.map { URL(filePath: TwinFiles.whole($0)).deletingLastPathComponent().path }
      + services.flatMap(\.mounts).compactMap { mount in
        if case .bind(let source) = mount.kind { source } else { nil }
      }
  }

  /// What starts empty: the engine's volumes.
  var emptyVolumes: [String] {
    let names = services.flatMap(\.mounts).compactMap { mount -> String? in
      guard case .volume(let name) = mount.kind else { return nil }
      return mount.volumeName ?? name
    }
    return Set(names).sorted()
  }
}
