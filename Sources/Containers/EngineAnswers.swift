/// The parts of the engine's answers that are read (Docker Engine API 1.24 and later). What this program can do without
/// may be missing or null.

/// An element of GET /containers/json.
struct ListedContainer: Decodable {
  var id: String
  var names: [String]?
  var image: String?
  var state: String?
  var labels: [String: String]?
  var host: Host?
  var settings: Settings?
  var mounts: [Mount?]?

  struct Mount: Decodable {
    var source: String?
    var destination: String?

    enum CodingKeys: String, CodingKey {
      case source = "Source"
      case destination = "Destination"
    }
  }

  struct Host: Decodable {
    var networkMode: String?

    enum CodingKeys: String, CodingKey { case networkMode = "NetworkMode" }
  }

  struct Settings: Decodable {
    var networks: [String: Endpoint?]?

    enum CodingKeys: String, CodingKey { case networks = "Networks" }
  }

  struct Endpoint: Decodable {
    var networkID: String?
    var ipv4: String?
    var ipv6: String?
    var macAddress: String?

    enum CodingKeys: String, CodingKey {
      case networkID = "NetworkID"
      case ipv4 = "IPAddress"
      case ipv6 = "GlobalIPv6Address"
      case macAddress = "MacAddress"
    }
  }

  enum CodingKeys: String, CodingKey {
    case id = "Id"
    case names = "Names"
    case image = "Image"
    case state = "State"
    case labels = "Labels"
    case host = "HostConfig"
    case settings = "NetworkSettings"
    case mounts = "Mounts"
  }

  /// Whether it runs as in `docker ps`: a container that is paused or restarting counts, too. So does one that is about
  /// to run: it has its address before its first packet.
  var isRunning: Bool {
    ["running", "paused", "restarting"].contains(state)
      || state == "created" && (settings?.networks ?? [:]).values.contains { $0?.ipv4?.isEmpty == false }
  }

  /// A name with a second slash is an alias that a linked container gave it.
  var name: String {
    let names = (names ?? []).map { $0.hasPrefix("/") ? String($0.dropFirst()) : $0 }
    return names.first { !$0.contains("/") && !$0.isEmpty } ?? shortID(id)
  }
}

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

/// A line of GET /events.
struct ListedEvent: Decodable {
  var type: String?
  var action: String?
  var subject: Subject?
  /// In nanoseconds since the epoch.
  var time: Int64?

  struct Subject: Decodable {
    var id: String?
    var attributes: [String: String]?

    enum CodingKeys: String, CodingKey {
      case id = "ID"
      case attributes = "Attributes"
    }
  }

  enum CodingKeys: String, CodingKey {
    case type = "Type"
    case action = "Action"
    case subject = "Actor"
    case time = "timeNano"
  }
}

func shortID(_ id: String) -> String { String(id.prefix(12)) }
