import TextFiles
import Wire

extension EngineDescription {
  /// These containers as the services of a project. Each statement's origin is its path in what `docker inspect`
  /// prints, and the number of the entry there.
  func project(of members: [InspectedContainer], named name: String) -> ComposeProject {
    var project = ComposeProject(name: name)
    var names: [String: String] = [:]
    var taken: Set<String> = []
    for container in members {
      // The name in its compose file, if that belongs to this project.
      let short = container.label("project") == name ? container.label("service") : nil
      let service = short.flatMap { taken.contains($0) ? nil : $0 } ?? container.name
      taken.insert(service)
      names[container.id] = service
    }
    for label in members.compactMap({ $0.label("project") }) where !project.names.contains(label) {
      project.otherNames.append(label)
    }
    project.services = members.map { container in
      var service = service(container, names)
      service.project = container.label("project").flatMap(project.names.firstIndex) ?? 0
      return service
    }
    let used = Set(project.services.flatMap { $0.networks.map(\.network) })
    project.networks = networks.filter { used.contains($0.name) }.map(network)
    for missing in used.subtracting(networks.map(\.name)).sorted() {
      project.networks.append(ComposeNetwork(key: missing, name: missing, place: nil, isExternal: true))
    }
    return project
  }

  /// - Parameter names: the names of the services, by the containers' ids.
  private func service(_ container: InspectedContainer, _ names: [String: String]) -> ComposeService {
    let whole = SourcePlace("docker inspect \(container.name)")
    func place(_ path: String, _ number: Int? = nil) -> SourcePlace {
      SourcePlace("\(whole.file) \(path)", line: number.map { $0 + 1 })
    }
    func list(_ texts: [String]?, _ path: String) -> [Located<String>] {
      (texts ?? []).enumerated().map { Located($1, at: place(path, $0)) }
    }
    let image = container.imageID.flatMap { images[$0] }
    let config = container.config
    let host = container.host

    var service = ComposeService(name: names[container.id] ?? container.name, place: whole)
    service.containerName = Located(container.name, at: place(".Name"))
    service.image = imageName(config?.image, image).map { Located($0, at: place(".Config.Image")) }
    service.networkMode = mode(of: container, names).map { Located($0, at: place(".HostConfig.NetworkMode")) }
    // A value that the image has, too, counts as the image's, as in a compose file that does not state it.
    if let words = config?.entrypoint, words != image?.config?.entrypoint, !words.words.isEmpty {
      service.entrypoint = Located(words.words.joined(separator: " "), at: place(".Config.Entrypoint"))
    }
    if let words = config?.command, words != image?.config?.command, !words.words.isEmpty {
      service.command = Located(words.words.joined(separator: " "), at: place(".Config.Cmd"))
    }
    service.addedCapabilities = capabilities(list(host?.addedCapabilities, ".HostConfig.CapAdd"))
    service.droppedCapabilities = capabilities(list(host?.droppedCapabilities, ".HostConfig.CapDrop"))
    if let flag = host?.isPrivileged { service.isPrivileged = Located(flag, at: place(".HostConfig.Privileged")) }
    let own = Set(image?.config?.environment ?? []).union(Self.variablesOfEngines)
    for variable in list(config?.environment, ".Config.Env") where !own.contains(variable.value) {
      guard let sign = variable.value.firstIndex(of: "=") else { continue }
      let value = String(variable.value[variable.value.index(after: sign)...])
      service.environment[String(variable.value[..<sign])] = Located(value, at: variable.place)
    }
    for (name, value) in host?.sysctls ?? [:] {
      service.sysctls[name] = Located(value, at: place(".HostConfig.Sysctls"))
    }
    service.mounts = (container.mounts ?? []).enumerated().map { mount($1, at: place(".Mounts", $0)) }
    service.ports = ports(host?.ports ?? [:], at: place(".HostConfig.PortBindings"))
    if let test = config?.healthCheck?.test, test != image?.config?.healthCheck?.test {
      service.healthCheck = ComposeService.HealthCheck(test: test).map { Located($0, at: place(".Config.Healthcheck")) }
    }
    // The first version of Compose did not record it.
    service.tellsDependencies = container.label("project") == nil || container.label("depends_on") != nil
    service.dependencies = dependencies(of: container, names, at: place(".Config.Labels"))
    if let name = host?.restart?.name, !name.isEmpty {
      service.restart = Located(name, at: place(".HostConfig.RestartPolicy"))
    }
    service.resolvers = list(host?.resolvers, ".HostConfig.Dns")
    if service.networkMode == nil {
      let attached = (container.settings?.networks ?? [:]).sorted { $0.key < $1.key }
      service.networks = attached.compactMap { name, end in
        end.map { attachment(name, $0, at: place(".NetworkSettings.Networks.\(name)")) }
      }
    }
    return service
  }

  /// The variables that Docker and podman set if the image does not.
  private static let variablesOfEngines = [
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm", "container=podman",
  ]

  /// The engine has only the id if the image was built without a name, or if its name now means another image.
  private func imageName(_ text: String?, _ image: InspectedImage?) -> String? {
    guard let text, !text.hasPrefix("sha256:") else { return image?.tags?.first ?? text }
    return text
  }

  /// Nil for a container on networks that somebody created.
  private func mode(of container: InspectedContainer, _ names: [String: String]) -> ComposeService.NetworkMode? {
    switch container.host?.networkMode {
    case "host": return .host
    case "none": return ComposeService.NetworkMode.none
    case let mode? where mode.hasPrefix("container:"):
      if let owner = owner(of: container), let name = names[owner.id] { return .service(name) }
      return .container(String(mode.dropFirst("container:".count)))
    default: return nil
    }
  }

  private func capabilities(_ texts: [Located<String>]) -> [Located<String>] {
    texts.map { Located($0.value.hasPrefix("CAP_") ? String($0.value.dropFirst(4)) : $0.value, at: $0.place) }
  }

  /// A volume's files are where the engine says, if that is on this machine.
  private func mount(_ mount: InspectedContainer.Mount, at place: SourcePlace) -> ComposeService.Mount {
    let kind: ComposeService.Mount.Kind
    switch mount.kind {
    case "tmpfs": kind = .tmpfs
    case "bind", "volume":
      if isOfThisMachine, let source = mount.source, source.hasPrefix("/") {
        kind = .bind(source)
      } else {
        kind = .volume(mount.name)
      }
    default: kind = .volume(mount.name)
    }
    let target = mount.target.count > 1 && mount.target.hasSuffix("/") ? String(mount.target.dropLast()) : mount.target
    return .init(kind: kind, target: target, isReadOnly: mount.isWritable == false, place: place)
  }

  private func ports(
    _ bindings: [String: [InspectedContainer.Host.Binding]?], at place: SourcePlace
  ) -> [ComposeService.Port] {
    bindings.sorted { $0.key < $1.key }.flatMap { key, bound in
      let parts = key.split(separator: "/", maxSplits: 1)
      return (bound ?? []).map { binding in
        ComposeService.Port(
          hostAddress: binding.address.flatMap { $0.isEmpty ? nil : $0 },
          published: binding.port.flatMap { $0.isEmpty ? nil : $0 }, target: parts.first.map(String.init) ?? key,
          transport: parts.count > 1 ? String(parts[1]) : "tcp", place: place)
      }
    }
  }

  /// Compose writes `depends_on` to a label: `gluetun:service_healthy:false,…`.
  private func dependencies(
    of container: InspectedContainer, _ names: [String: String], at place: SourcePlace
  ) -> [Located<ComposeService.Dependency>] {
    (container.label("depends_on") ?? "").split(separator: ",").compactMap { text in
      let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 3,
        let other = containers.first(where: {
          $0.label("service") == parts[0] && $0.label("project") == container.label("project")
        }), let name = names[other.id]
      else { return nil }
      return Located(.init(service: name, condition: parts[1], restarts: parts[2] == "true"), at: place)
    }
  }

  private func attachment(
    _ network: String, _ end: InspectedContainer.Attachment, at place: SourcePlace
  ) -> ComposeService.Attachment {
    ComposeService.Attachment(
      network: network, place: place,
      ipv4Address: end.ipv4.flatMap { IPAddress($0) }.map { Located($0, at: place) },
      ipv6Address: end.ipv6.flatMap { IPAddress($0) }.map { Located($0, at: place) },
      macAddress: end.macAddress.flatMap { MACAddress($0) }.map { Located($0, at: place) })
  }

  private func network(_ network: InspectedNetwork) -> ComposeNetwork {
    let place = SourcePlace("docker network inspect \(network.name)")
    var result = ComposeNetwork(key: network.name, name: network.name, place: place)
    result.isInternal = network.isInternal ?? false
    result.enablesIPv6 = network.enablesIPv6 ?? false
    result.driver = network.driver
    result.subnets = (network.addresses?.pools ?? []).compactMap { pool in
      pool.subnet.flatMap { IPPrefix($0) }.map { Located($0, at: place) }
    }
    // If the engine names the bridge after the network's id, the name changes when the network is created again. So it
    // is asked for.
    if let name = network.options?["com.docker.network.bridge.name"], !name.isEmpty {
      result.bridge = Located(name, at: place)
    }
    return result
  }
}

extension ComposeService.HealthCheck {
  /// Reads a test as the engine and a compose file's list write it; nil if its first word is unknown.
  init?(test words: [String]) {
    switch words.first {
    case "NONE": self.init(isDisabled: true, test: nil)
    case "CMD": self.init(isDisabled: false, test: .arguments(Array(words.dropFirst())))
    case "CMD-SHELL": self.init(isDisabled: false, test: .shell(words.dropFirst().joined(separator: " ")))
    default: return nil
    }
  }
}
