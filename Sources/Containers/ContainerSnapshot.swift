package import Wire

/// What ran at one moment, as Docker's engine reports it: running containers and their networks.
package struct ContainerSnapshot: Codable, Hashable, Sendable {
  /// Sorted by name.
  package var containers: [Container]
  /// Sorted by name; only those with at least one running container.
  package var networks: [Network]

  package init(containers: [Container] = [], networks: [Network] = []) {
    self.containers = containers
    self.networks = networks
  }

  package struct Container: Codable, Hashable, Sendable {
    /// Without the engine's leading slash.
    package var name: String
    /// The first 12 digits, as `docker ps` shows it.
    package var id: String
    package var image: String
    /// The Compose project that created it.
    package var project: String?
    /// As the engine writes it: `stack`, `host`, `none`, `container:ID`.
    package var networkMode: String
    /// The name of the running container whose network namespace this one is in.
    package var sharesNamespaceOf: String?
    /// Whether its packets are the host's own.
    package var isOnHostNetwork: Bool
    package var attachments: [Attachment]
    package var mounts: [Mount]
  }

  /// A folder or file of the machine (or of a volume) that a container sees.
  package struct Mount: Codable, Hashable, Sendable {
    /// The path on the engine's machine.
    package var source: String
    /// The path inside the container.
    package var target: String
  }

  /// A container's end on one network.
  package struct Attachment: Codable, Hashable, Sendable {
    package var network: String
    package var addresses: [IPAddress]
    package var macAddress: MACAddress?
  }

  package struct Network: Codable, Hashable, Sendable {
    package var name: String
    package var driver: String
    package var subnets: [IPPrefix]
    package var gateways: [IPAddress]
    /// Whether nothing leads out of it; nil if the engine does not say.
    package var isInternal: Bool?
    /// The bridge interface on the host, for a network with the bridge driver.
    package var bridge: String?
  }
}

extension ContainerSnapshot {
  /// Who sends from an address: first the container it belongs to, then, by name, those that share its namespace.
  package var namesByAddress: [IPAddress: [String]] { table { $0.attachments.flatMap(\.addresses) } }

  package var namesByMACAddress: [MACAddress: [String]] { table { $0.attachments.compactMap(\.macAddress) } }

  /// An address that two networks assigned has the names of both containers.
  private func table<Key: Hashable>(_ keys: (Container) -> [Key]) -> [Key: [String]] {
    let sharers = Dictionary(grouping: containers.filter { $0.sharesNamespaceOf != nil }) { $0.sharesNamespaceOf }
    var table: [Key: [String]] = [:]
    for container in containers where !container.attachments.isEmpty {
      let names = [container.name] + (sharers[container.name] ?? []).map(\.name).sorted()
      for key in Set(keys(container)) { table[key, default: []] += names }
    }
    return table
  }
}
