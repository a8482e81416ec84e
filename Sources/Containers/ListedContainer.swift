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
