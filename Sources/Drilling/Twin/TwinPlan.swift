import ComposeFiles
import Foundation
package import PolicyFiles
import StackCheck
import Text
import TextFiles

/// What of a stack is twinned, and what cannot be.
package struct TwinPlan: Sendable {
  let project: ComposeProject
  let tunnel: DrilledTunnel
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

  package init(_ stack: VPNStack, environment: [String: String]) throws(DrillProblem) {
    project = stack.project
    tunnel = try DrilledTunnel(stack)
    consumers = stack.consumers(of: tunnel.gateway)
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
  package var names: (gateway: String, consumers: [String]) { (gateway.service.name, consumers.map(\.name)) }

  var gateway: TunnelGateway { tunnel.gateway }
  var configs: [DrilledTunnel.Config] { tunnel.configs }
  var variables: WireGuardConfig? { tunnel.variables }
  var tunnelConfigs: [WireGuardConfig] { tunnel.wireGuard }

  var services: [ComposeService] { [gateway.service] + consumers + others }

  /// What of this machine's files the containers use, or Compose reads.
  var paths: [String] {
    project.files.map { URL(filePath: TwinFiles.whole($0)).deletingLastPathComponent().path }
      + services.flatMap(\.mounts).compactMap { mount in
        if case .bind(let source) = mount.kind { source } else { nil }
      }
  }

  /// What starts empty: the engine's volumes.
  package var emptyVolumes: [String] {
    let names = services.flatMap(\.mounts).compactMap { mount -> String? in
      guard case .volume(let name) = mount.kind else { return nil }
      return mount.volumeName ?? name
    }
    return Set(names).sorted()
  }
}
