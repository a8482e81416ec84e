package import ComposeFiles
package import Policy
package import TextFiles
import Wire

extension VPNStack {
  /// Adds to the policy what the project's files state, each with its origin: the tunnels of every gateway, the
  /// networks that are audited with their bridges, and which container has which address.
  /// Returns what is wrong in the files. This does not make the policy unusable.
  /// Returns what is wrong in the files, which does not make the policy unusable.
  @discardableResult
  package func apply(to policy: inout TunnelPolicy) -> [PolicyFileProblem] {
    var problems = project.warnings + self.problems
    for gateway in gateways {
      if let missing = gateway.missingConfig { problems.append(missing) }
      for (path, config) in gateway.configs {
        let wrong = config.apply(to: &policy)
        // If gluetun chooses its server, a missing Endpoint is no mistake; a line may still hold one.
        problems += path == "environment" && gateway.choosesItsEndpoint ? wrong.filter { $0.line != nil } : wrong
      }
      if let (text, origin) = gateway.openVPNEndpoint {
        let transport = gateway.openVPNTransport
        switch text {
        case .address(let address):
          policy.endpoints.append(Stated(TunnelEndpoint(address, over: transport, shape: .openVPN), origin: origin))
        case .name(let name, let port):
          policy.namedEndpoints.append(
            Stated(NamedEndpoint(name: name, port: port, over: transport, shape: .openVPN), origin: origin))
        }
      } else if gateway.runsOpenVPN, gateway.choosesItsEndpoint {
        policy.infersOpenVPN = true
      }
      switch gateway.serverList() {
      case .found(let list)?: policy.endpointLists.append(list)
      case .none(let reason)?: problems.append(gateway.noList(reason))
      case nil: break
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
    // If one gateway may choose any peer, no key can be required.
    let choosing = gateways.filter(\.choosesItsEndpoint)
    policy.infersWireGuard = choosing.isEmpty || choosing.contains { !$0.runsOpenVPN }
    if choosing.allSatisfy({ $0.chosenPeerKey != nil }) {
      policy.inferredPeerKeys += choosing.compactMap { gateway in
        gateway.chosenPeerKey.map {
          Stated($0.value.bytes, origin: "\(gateway.service.place.file):\($0.line)")
        }
      }
    }
    // A service in another's network has no address of its own.
    for service in outsiders where service.networkMode?.value != .host && joins(service) == nil {
      policy.containers.append(
        Stated(
          .init(
            names: [containerName(service)], addresses: addresses(service), macAddresses: macAddresses(service),
            holdsTunnel: false),
          origin: "\(service.place)"))
    }
    return problems
  }

  /// Adds the lists of servers whose place only the engine knows, if the files alone did not lead to them.
  ///
  /// - Parameters:
  ///   - problems: what was said about the files; what the engine knows better is removed.
  ///   - mounts: those of a container by its name, each a path of this machine and one of the container; nil if it does
  ///     not run.
  ///   - volumes: where the engine keeps its volumes, by name. It has them before a container runs, and after.
  package func readLists(
    into policy: inout TunnelPolicy, _ problems: inout [PolicyFileProblem],
    mounts: (String) -> [(source: String, target: String)]?, volumes: () -> [String: String]
  ) {
    for gateway in gateways {
      guard case .none(let former)? = gateway.serverList(),
        let mounts = mounts(containerName(gateway.service)) ?? Self.places(gateway.service, volumes())
      else { continue }
      problems.removeAll { $0 == gateway.noList(former) }
      let shown = mounts.map {
        ComposeService.Mount(
          kind: .bind($0.source), target: $0.target, isReadOnly: true, place: gateway.service.place)
      }
      switch gateway.serverList(mounts: shown) {
      case .found(let list)?: policy.endpointLists.append(list)
      case .none(let reason)?: problems.append(gateway.noList(reason))
      case nil: break
      }
    }
  }

  /// A service's mounts as its files and the engine's volumes state them; nil if none of its volumes is known.
  private static func places(
    _ service: ComposeService, _ volumes: [String: String]
  ) -> [(source: String, target: String)]? {
    var isKnown = false
    let places: [(source: String, target: String)] = service.mounts.compactMap { mount in
      if case .bind(let source) = mount.kind { return (source, mount.target) }
      guard let source = mount.volumeName.flatMap({ volumes[$0] }) else { return nil }
      isKnown = true
      return (source, mount.target)
    }
    return isKnown ? places : nil
  }

  /// Removes the problem that a gateway's Endpoint is not known, once the gateway has told it.
  package func drop(whatIsMissingOf gateway: TunnelGateway, from problems: inout [PolicyFileProblem]) {
    problems.removeAll { $0 == gateway.missingConfig }
    if case .none(let reason)? = gateway.serverList() { problems.removeAll { $0 == gateway.noList(reason) } }
  }

  /// Makes allow rules that name a service hold for its container, too.
  package func nameContainers(in policy: inout TunnelPolicy) {
    for index in policy.allowRules.indices {
      let services = policy.allowRules[index].containers.compactMap { project.service($0) }
      for name in services.map(containerName) where !policy.allowRules[index].containers.contains(name) {
        policy.allowRules[index].containers.append(name)
      }
    }
  }

  /// Docker's name for the service's container. Compose numbers it if the file gives no name.
  package func containerName(_ service: ComposeService) -> String { project.containerName(service) }

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

extension TunnelGateway {
  /// The problem that only the gateway's handshakes can show where its tunnel goes, and why.
  fileprivate func noList(_ reason: String) -> PolicyFileProblem {
    let rest: String
    switch (runsOpenVPN, openVPNTransport) {
    case (false, _):
      rest = "an answered handshake of the gateway has to show the Endpoint, or state it with --endpoint"
    case (true, .udp):
      rest = "the start of an OpenVPN session has to show the Endpoint, or state it with --endpoint address:port"
    case (true, .tcp): rest = "over TCP nothing else shows the Endpoint: state it with --endpoint address:port/tcp"
    }
    return PolicyFileProblem(
      file: service.place.file, line: service.place.line,
      message: "gluetun chooses its server by itself, and \(reason): \(rest)")
  }
}
