/// An element of GET /networks.
struct ListedNetwork: Decodable {
  var id: String
  var name: String
  var driver: String?
  var isInternal: Bool?
  var addresses: Addresses?
  var options: [String: String]?

  struct Addresses: Decodable {
    var pools: [Pool]?

    enum CodingKeys: String, CodingKey { case pools = "Config" }
  }

  struct Pool: Decodable {
    var subnet: String?
    var gateway: String?

    enum CodingKeys: String, CodingKey {
      case subnet = "Subnet"
      case gateway = "Gateway"
    }
  }

  enum CodingKeys: String, CodingKey {
    case id = "Id"
    case name = "Name"
    case driver = "Driver"
    case isInternal = "Internal"
    case addresses = "IPAM"
    case options = "Options"
  }

  /// The engine's name for the bridge interface on the host.
  var bridge: String? {
    guard driver == "bridge" else { return nil }
    if let name = options?["com.docker.network.bridge.name"], !name.isEmpty { return name }
    return options?["com.docker.network.bridge.default_bridge"] == "true" ? "docker0" : "br-\(shortID(id))"
  }
}
