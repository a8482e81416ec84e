package import Policy
import Wire

extension VPNStack {
  /// Adds to the policy what the project's files state, each with its origin: the tunnels of every gateway, the networks
  /// that are audited with their bridges, and which container has which address.
  ///
  /// Returns what is wrong in the files, which does not make the policy unusable.
  @discardableResult
  package func apply(to policy: inout TunnelPolicy) -> [PolicyFileProblem] {
    var problems = project.warnings + self.problems
    for gateway in gateways {
      for (path, config) in gateway.configs {
        let wrong = config.apply(to: &policy)
        guard gateway.image == .gluetun, path == "environment", config.peers.isEmpty else {
          problems += wrong
          continue
        }
        problems.append(
          PolicyFileProblem(
            file: gateway.service.place.file, line: gateway.service.place.line,
            message:
              "the Endpoint comes from gluetun's own list of servers: the gateway's handshakes that are answered have "
              + "to show it, or state it with --endpoint"))
      }
      var names = [containerName(gateway.service)]
      names += consumers(of: gateway).map { containerName($0) }
      policy.containers.append(
        Stated(
          .init(
            names: names, addresses: addresses(gateway.service), macAddresses: macAddresses(gateway.service),
            holdsTunnel: true, isOnLink: gateway.service.networks.contains { isOnLink($0.network) }),
          origin: "\(gateway.service.place)"))
      policy.publishedPorts += gateway.service.ports.map { port in
        let host = [port.hostAddress, port.published].compactMap(\.self).joined(separator: ":")
        return Stated(
          PublishedPort(published: host, target: port.target, transport: port.transport), origin: "\(port.place)")
      }
      for attachment in gateway.service.networks {
        guard let network = project.network(attachment.network) else { continue }
        if isOnLink(attachment.network) {
          // The rest of the network is the LAN, which has nothing to do with the stack.
          policy.audited += [attachment.ipv4Address, attachment.ipv6Address].compactMap(\.self).map {
            Stated(IPPrefix($0.value), origin: "\($0.place)")
          }
          continue
        }
        policy.audited += network.subnets.map { Stated($0.value, origin: "\($0.place)") }
        if let bridge = network.bridge {
          policy.roles[bridge.value] = .bridge
          policy.roleOrigins[bridge.value] = "\(bridge.place)"
        }
      }
    }
    for service in outsiders where service.networkMode?.value != .host {
      policy.containers.append(
        Stated(
          .init(
            names: [containerName(service)], addresses: addresses(service), macAddresses: macAddresses(service),
            holdsTunnel: false),
          origin: "\(service.place)"))
    }
    return problems
  }

  /// Lets allow rules that name a service hold for its container, too.
  package func nameContainers(in policy: inout TunnelPolicy) {
    for index in policy.allowRules.indices {
      let services = policy.allowRules[index].containers.compactMap { project.service($0) }
      for name in services.map(containerName) where !policy.allowRules[index].containers.contains(name) {
        policy.allowRules[index].containers.append(name)
      }
    }
  }

  /// What Docker calls the service's container; Compose numbers it where the file gives no name.
  package func containerName(_ service: ComposeService) -> String {
    service.containerName?.value ?? "\(project.name)-\(service.name)-1"
  }

  /// Whether the network is the NIC's own.
  private func isOnLink(_ network: String) -> Bool {
    project.network(network)?.driver.map(ContainerNetworkDriver.isOnLink) ?? false
  }

  private func addresses(_ service: ComposeService) -> [IPAddress] {
    service.networks.flatMap { [$0.ipv4Address, $0.ipv6Address].compactMap { $0?.value } }
  }

  private func macAddresses(_ service: ComposeService) -> [MACAddress] {
    service.networks.compactMap { $0.macAddress?.value }
  }
}
