/// What the Docker Engine API answers, as far as it is used (API 1.24 and later; the paths carry no version, so the engine
/// uses its own). Unknown keys are passed over, and what may be absent is optional.
enum EngineAnswers {
  /// GET /containers/json
  struct Container: Decodable {
    struct HostConfig: Decodable { var NetworkMode: String? }
    struct Endpoint: Decodable {
      var NetworkID, IPAddress, GlobalIPv6Address, MacAddress: String?
    }
    struct NetworkSettings: Decodable { var Networks: [String: Endpoint?]? }

    var Id: String
    var Names: [String]?
    var Image, State: String?
    var HostConfig: HostConfig?
    var NetworkSettings: NetworkSettings?
  }

  /// GET /networks
  struct Network: Decodable {
    struct Configuration: Decodable { var Subnet, Gateway: String? }
    struct IPAM: Decodable { var Config: [Configuration]? }

    var Id, Name: String
    var Driver: String?
    var Internal: Bool?
    var IPAM: IPAM?
    var Options: [String: String]?
  }

  /// GET /events, one a line
  struct Event: Decodable {
    struct Actor: Decodable {
      var ID: String?
      var Attributes: [String: String]?
    }

    var `Type`, Action: String?
    var Actor: Actor?
    var timeNano: Int64?
  }
}

extension ContainerSnapshot {
  /// Containers that run, or are about to and have an address already.
  init(_ containers: [EngineAnswers.Container], _ networks: [EngineAnswers.Network]) {
    let alive = containers.filter { container in
      let endpoints = (container.NetworkSettings?.Networks ?? [:]).values.compactMap(\.self)
      return container.State == "running" || endpoints.contains { $0.IPAddress?.isEmpty == false }
    }
    let used = Set(
      alive.flatMap { ($0.NetworkSettings?.Networks ?? [:]).values.compactMap { $0?.NetworkID } })
    self.init(
      containers: alive.map(Container.init).sorted { $0.name < $1.name },
      networks: networks.filter { used.contains($0.Id) }.map(Network.init).sorted { $0.name < $1.name })
  }
}

extension ContainerSnapshot.Container {
  init(_ answer: EngineAnswers.Container) {
    let endpoints = answer.NetworkSettings?.Networks ?? [:]
    let known = endpoints.keys.sorted().compactMap { endpoints[$0] ?? nil }
    // Names begin with a slash; a second slash is a link's alias.
    let names = (answer.Names ?? []).map { String($0.drop { $0 == "/" }) }
    name = names.first { !$0.contains("/") } ?? names.first ?? String(answer.Id.prefix(12))
    id = String(answer.Id.prefix(12))
    image = answer.Image ?? ""
    networkMode = answer.HostConfig?.NetworkMode ?? ""
    addresses = known.flatMap { [$0.IPAddress, $0.GlobalIPv6Address] }.compactMap(\.self).filter { !$0.isEmpty }
    hardwareAddresses = known.compactMap(\.MacAddress).filter { !$0.isEmpty }
    networks = endpoints.keys.sorted()
  }
}

extension ContainerSnapshot.Network {
  init(_ answer: EngineAnswers.Network) {
    name = answer.Name
    driver = answer.Driver ?? ""
    subnets = (answer.IPAM?.Config ?? []).compactMap(\.Subnet)
    gateways = (answer.IPAM?.Config ?? []).compactMap(\.Gateway)
    isInternal = answer.Internal ?? false
    let options = answer.Options ?? [:]
    bridge =
      driver != "bridge"
      ? nil
      : options["com.docker.network.bridge.name"]
        ?? (options["com.docker.network.bridge.default_bridge"] == "true" ? "docker0" : "br-\(answer.Id.prefix(12))")
  }
}
