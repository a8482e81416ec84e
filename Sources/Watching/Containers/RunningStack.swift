import ComposeFiles
package import Containers
import Foundation
package import Policy
package import PolicyFiles
package import TextFiles
import Wire

/// What a project's running containers add to its files: addresses that Docker chose, and bridge names.
package enum RunningStack {
  static let origin = "Docker's engine"

  /// Adds this to the policy that the files made.
  package static func complete(_ policy: inout TunnelPolicy, _ stack: VPNStack, _ snapshot: ContainerSnapshot) {
    let onLink = Set(snapshot.networks.filter { ContainerNetworkDriver.isOnLink($0.driver) }.map(\.name))
    for index in policy.containers.indices {
      guard let name = policy.containers[index].value.names.first,
        let running = snapshot.containers.first(where: { $0.name == name })
      else { continue }
      let stated = policy.containers[index].value
      policy.containers[index].value.addresses = unique(stated.addresses + running.attachments.flatMap(\.addresses))
      policy.containers[index].value.macAddresses = unique(
        stated.macAddresses + running.attachments.compactMap(\.macAddress))
      for attachment in running.attachments where onLink.contains(attachment.network) {
        policy.containers[index].value.isOnLink = true
        guard stated.holdsTunnel else { continue }
        for prefix in attachment.addresses.map({ IPPrefix($0) })
        where !policy.audited.contains(where: { $0.value == prefix }) {
          policy.audited.append(Stated(prefix, origin: origin))
        }
      }
    }
    let audited = networks(of: stack.gateways.map(\.service), stack)
    let own = ownNetworks(stack, snapshot)
    for network in snapshot.networks where own.contains(network.name) {
      if audited.contains(network.name), !onLink.contains(network.name) {
        for subnet in network.subnets where !policy.audited.contains(where: { $0.value == subnet }) {
          policy.audited.append(Stated(subnet, origin: origin))
        }
      }
      guard let bridge = network.bridge, policy.roles[bridge] == nil else { continue }
      policy.roles[bridge] = .bridge
      policy.roleOrigins[bridge] = origin
    }
  }

  /// Adds the server lists that gateways choose from, if the engine knows their folders.
  package static func readLists(
    _ policy: inout TunnelPolicy, _ problems: inout [PolicyFileProblem], _ stack: VPNStack,
    _ snapshot: ContainerSnapshot
  ) {
    var known: [String: String]?
    stack.readLists(into: &policy, &problems) { name in
      snapshot.containers.first { $0.name == name }?.mounts.map { ($0.source, $0.target) }
    } volumes: {
      if known == nil {
        known = EngineVolumes.places(environment: ProcessInfo.processInfo.environment, within: .seconds(2))
      }
      return known ?? [:]
    }
  }

  /// The bridges that the files name for all networks of the project that lead outside. Nil if one has no name yet:
  /// Docker then makes one from its id.
  static func statedBridges(of stack: VPNStack) -> [String]? {
    var bridges: [String] = []
    for attachment in unique((stack.gateways.map(\.service) + stack.outsiders).flatMap { $0.networks.map(\.network) }) {
      guard let network = stack.project.network(attachment), !network.isInternal else { continue }
      guard let bridge = network.bridge?.value else { return nil }
      bridges.append(bridge)
    }
    return bridges.isEmpty ? nil : unique(bridges)
  }

  /// Bridges of networks that no container of the project is on.
  static func foreignBridges(_ stack: VPNStack, _ snapshot: ContainerSnapshot) -> Set<String> {
    let own = ownNetworks(stack, snapshot)
    return Set(snapshot.networks.filter { !own.contains($0.name) }.compactMap(\.bridge))
  }

  /// Bridges of networks that lead outside and that a container of the project is on, whatever its files say: anybody
  /// may connect it to more networks.
  static func ownBridges(_ stack: VPNStack, _ snapshot: ContainerSnapshot) -> [String] {
    let own = ownNetworks(stack, snapshot)
    return unique(snapshot.networks.filter { own.contains($0.name) && $0.isInternal != true }.compactMap(\.bridge))
  }

  private static func ownNetworks(_ stack: VPNStack, _ snapshot: ContainerSnapshot) -> Set<String> {
    let stated = Set(stack.project.services.map(stack.containerName))
    let own = snapshot.containers.filter { container in
      container.project.map(stack.project.names.contains) == true || stated.contains(container.name)
    }
    return networks(of: stack.gateways.map(\.service) + stack.outsiders, stack)
      .union(own.flatMap { $0.attachments.map(\.network) })
  }

  /// Docker's names for the networks of these services.
  private static func networks(of services: [ComposeService], _ stack: VPNStack) -> Set<String> {
    var names = Set(services.flatMap { $0.networks.compactMap { stack.project.network($0.network)?.name } })
    if services.contains(where: { $0.networkMode?.value == .bridge }) { names.insert("bridge") }
    return names
  }

  private static func unique<Value: Hashable>(_ values: [Value]) -> [Value] {
    var seen: Set<Value> = []
    return values.filter { seen.insert($0).inserted }
  }
}
