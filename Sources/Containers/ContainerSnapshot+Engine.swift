import Wire

extension ContainerSnapshot {
  /// A snapshot from the engine's lists of running containers and of networks. Unreadable addresses are left out.
  init(_ listed: [ListedContainer], _ networks: [ListedNetwork]) {
    let byID = Dictionary(listed.map { ($0.id, $0) }) { first, _ in first }
    let byName = Dictionary(listed.map { ($0.name, $0) }) { first, _ in first }

    /// The container whose namespace this one joined, in one or more steps. Nil if it has its own, if the owner does
    /// not run, or if the steps form a circle.
    func owner(of container: ListedContainer) -> ListedContainer? {
      var current = container
      for _ in 0..<16 {
        guard let joined = Self.joined(current) else { return current.id == container.id ? nil : current }
        guard let next = byID[joined] ?? byName[joined] else { return nil }
        current = next
      }
      return nil
    }

    // Network names are not unique; ids may be missing.
    let inUse = Set(
      listed.flatMap(\.endpoints).map { network, endpoint in
        endpoint.networkID.flatMap { $0.isEmpty ? nil : $0 } ?? network
      })
    self.init(
      containers: listed.map { container in
        let owner = owner(of: container)
        return Container(
          name: container.name, id: shortID(container.id), image: container.image ?? "",
          project: container.labels?["com.docker.compose.project"],
          networkMode: container.host?.networkMode ?? "", sharesNamespaceOf: owner?.name,
          isOnHostNetwork: (owner ?? container).host?.networkMode == "host",
          attachments: container.endpoints.map { Attachment($0.network, $0.endpoint) },
          mounts: container.shownPaths)
      }.sorted { ($0.name, $0.id) < ($1.name, $1.id) },
      networks: networks.filter { inUse.contains($0.id) || inUse.contains($0.name) }.map(Network.init)
        .sorted { $0.name < $1.name })
  }

  /// The id or the name of the container whose network namespace this one joined.
  private static func joined(_ container: ListedContainer) -> String? {
    let prefix = "container:"
    guard let mode = container.host?.networkMode, mode.hasPrefix(prefix) else { return nil }
    return String(mode.dropFirst(prefix.count))
  }
}

extension ListedContainer {
  /// The mounts that have a path on the machine; a tmpfs has none.
  fileprivate var shownPaths: [ContainerSnapshot.Mount] {
    // Messages have a limited length, and no relevant container mounts more.
    (mounts ?? []).prefix(64).compactMap { mount in
      guard let source = mount?.source, let target = mount?.destination, source.hasPrefix("/") else { return nil }
      return ContainerSnapshot.Mount(source: source, target: target)
    }
  }

  /// Its networks, by name.
  fileprivate var endpoints: [(network: String, endpoint: Endpoint)] {
    (settings?.networks ?? [:]).compactMap { name, endpoint in endpoint.map { (name, $0) } }
      .sorted { $0.network < $1.network }
  }
}

extension ContainerSnapshot.Attachment {
  fileprivate init(_ network: String, _ endpoint: ListedContainer.Endpoint) {
    self.init(
      network: network,
      addresses: [endpoint.ipv4, endpoint.ipv6].compactMap { $0.flatMap { IPAddress($0) } },
      macAddress: endpoint.macAddress.flatMap { MACAddress($0) })
  }
}

extension ContainerSnapshot.Network {
  fileprivate init(_ network: ListedNetwork) {
    let pools = network.addresses?.pools ?? []
    self.init(
      name: network.name, driver: network.driver ?? "",
      subnets: pools.compactMap { $0.subnet.flatMap { IPPrefix($0) } },
      // For an IPv6 network, some versions append the prefix length.
      gateways: pools.compactMap { $0.gateway.flatMap { IPAddress($0.prefix { $0 != "/" }) } },
      isInternal: network.isInternal, bridge: network.bridge)
  }
}
