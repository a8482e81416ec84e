package import Wire

/// The running containers and their networks, as the engine described them at one moment.
package struct ContainerSnapshot: Codable, Equatable, Sendable {
  package struct Container: Codable, Equatable, Sendable {
    package var name: String
    /// The first twelve digits.
    package var id: String
    package var image: String
    /// As the engine says it: `bridge`, a network's name, `host`, `none`, `container:ID`.
    package var networkMode: String
    package var addresses: [String]
    package var hardwareAddresses: [String]
    /// Names of other networks of this list that it is on.
    package var networks: [String]
  }

  package struct Network: Codable, Equatable, Sendable {
    package var name: String
    package var driver: String
    package var subnets: [String]
    package var gateways: [String]
    package var isInternal: Bool
    /// The host's bridge, where the driver makes one.
    package var bridge: String?
  }

  package var containers: [Container]
  /// Networks that a container of this list is on.
  package var networks: [Network]

  package init(containers: [Container], networks: [Network]) {
    self.containers = containers
    self.networks = networks
  }

  /// Who shares each container's network namespace, by its id: itself first, then the others by name.
  private var sharers: [String: [String]] {
    var shared: [String: [String]] = [:]
    for container in containers where container.networkMode.hasPrefix("container:") {
      shared[String(container.networkMode.dropFirst("container:".count).prefix(12)), default: []].append(container.name)
    }
    return containers.reduce(into: [:]) { $0[$1.id] = [$1.name] + (shared[$1.id] ?? []).sorted() }
  }

  /// Names by address.
  package var names: [IPAddress: [String]] {
    let sharers = sharers
    return containers.reduce(into: [:]) { names, container in
      for address in container.addresses.compactMap({ IPAddress($0) }) { names[address] = sharers[container.id] }
    }
  }

  /// Names by link-layer address.
  package var namesByMAC: [MACAddress: [String]] {
    let sharers = sharers
    return containers.reduce(into: [:]) { names, container in
      for address in container.hardwareAddresses.compactMap({ MACAddress($0) }) {
        names[address] = sharers[container.id]
      }
    }
  }

  /// Bridges of the networks that containers are on.
  package var bridges: [String] { networks.compactMap(\.bridge).sorted() }
}
