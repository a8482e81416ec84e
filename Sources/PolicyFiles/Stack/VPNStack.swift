package import ComposeFiles
package import TextFiles

/// A compose project as somebody sees it who routes containers through one of them: which service holds the tunnel,
/// which use it, and which bypass it.
package struct VPNStack: Sendable {
  package let project: ComposeProject
  /// The services that hold a tunnel, in the order of the files.
  package internal(set) var gateways: [TunnelGateway] = []
  /// Services in the network namespace of a gateway, directly or through others, with the gateway's name.
  package internal(set) var consumers: [(service: ComposeService, gateway: String)] = []
  /// WireGuard servers, which others call: nobody leaves through a tunnel of theirs.
  package internal(set) var servers: [(service: ComposeService, sign: String)] = []
  /// Services that can reach the outside by themselves, including servers.
  package internal(set) var outsiders: [ComposeService] = []
  /// What the project names but could not be read, and what the files leave open.
  package internal(set) var problems: [PolicyFileProblem] = []

  /// The environment variables of the process are not asked again: the project already has them.
  package init(_ project: ComposeProject) {
    self.project = project
    let joined = Set(project.services.compactMap { joins($0)?.name })
    for service in project.services where joins(service) == nil {
      var found: [PolicyFileProblem] = []
      guard var gateway = TunnelGateway(service, isJoined: joined.contains(service.name), &found) else { continue }
      if let sign = gateway.serverSign {
        servers.append((service, sign))
      } else {
        let networks = service.networks.compactMap { project.network($0.network) }
        gateway.forgetResolvers(
          within: networks.flatMap { $0.subnets.map(\.value) } + (gateway.outboundSubnets?.prefixes ?? []))
        gateways.append(gateway)
        problems += found
      }
    }
    let names = Set(gateways.map(\.service.name))
    for service in project.services where !names.contains(service.name) {
      if let gateway = root(of: service), names.contains(gateway.name) {
        consumers.append((service, gateway.name))
      } else if reachesOutside(root(of: service) ?? service) {
        outsiders.append(service)
      }
    }
    problems += strangers
    guard gateways.isEmpty else { return }
    let file = project.services.first?.place.file ?? "compose"
    if let server = servers.first {
      problems.append(
        PolicyFileProblem(
          file: server.service.place.file, line: server.service.place.line,
          message:
            "the service \(quoted(server.service.name)) is a WireGuard server (\(quoted(server.sign))), which others "
            + "call; no service holds a client's tunnel, so there is no kill switch to check"))
    } else if problems.isEmpty {
      problems.append(
        PolicyFileProblem(
          file: file,
          message: """
            no service holds a VPN tunnel: one with cap_add NET_ADMIN, and a folder mounted at /config or \
            /etc/wireguard or gluetun's variables, was looked for; name its configuration with --wg-config
            """))
    }
  }

  /// Services in the network of a container that no file here describes: nobody knows which way their packets take.
  private var strangers: [PolicyFileProblem] {
    var tellers: [(container: String, services: [ComposeService], place: SourcePlace)] = []
    for service in project.services where joins(service) == nil {
      guard case .container(let name)? = service.networkMode?.value, let place = service.networkMode?.place else {
        continue
      }
      if let index = tellers.firstIndex(where: { $0.container == name }) {
        tellers[index].services.append(service)
      } else {
        tellers.append((name, [service], place))
      }
    }
    return tellers.map { teller in
      let names = quotedList(teller.services.map(\.name))
      return PolicyFileProblem(
        file: teller.place.file, line: teller.place.line,
        message: "\(names) \(teller.services.count == 1 ? "uses" : "use") the network of the container "
          + "\(quoted(teller.container)), which belongs to another project: add that project with -f and its folder")
    }
  }

  package func consumers(of gateway: TunnelGateway) -> [ComposeService] {
    consumers.filter { $0.gateway == gateway.service.name }.map(\.service)
  }

  /// The service whose network namespace this one uses.
  func joins(_ service: ComposeService) -> ComposeService? {
    switch service.networkMode?.value {
    case .service(let name): project.service(name)
    case .container(let name):
      project.services.first { project.containerName($0) == name }
        ?? project.services.first { $0.name == name && $0.project == service.project }
    default: nil
    }
  }

  private func root(of service: ComposeService) -> ComposeService? {
    guard var current = joins(service) else { return nil }
    // A cycle of services, which Compose refuses, ends here, too.
    for _ in project.services {
      guard let next = joins(current) else { return current }
      current = next
    }
    return nil
  }

  private func reachesOutside(_ service: ComposeService) -> Bool {
    guard let mode = service.networkMode?.value else {
      return service.networks.isEmpty
        || service.networks.contains { project.network($0.network)?.isInternal != true }
    }
    switch mode {
    case .none, .service, .container: return false
    case .host, .bridge, .other: return true
    }
  }
}
