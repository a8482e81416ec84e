/// The parts that are read of the engine's answer for one container (Docker Engine API, GET /containers/{id}/json),
/// which `docker inspect` prints. Values that this program can do without may be missing or null.
struct InspectedContainer: Decodable {
  var id: String
  /// With a slash before it.
  var slashedName: String
  /// The image's id, whatever its name means now.
  var imageID: String?
  var state: State?
  var config: Config?
  var host: Host?
  var mounts: [Mount]?
  var settings: Settings?

  var name: String { slashedName.hasPrefix("/") ? String(slashedName.dropFirst()) : slashedName }

  /// A label that Compose set.
  func label(_ name: String) -> String? { config?.labels?["com.docker.compose." + name] }

  struct State: Decodable {
    var pid: Int?

    enum CodingKeys: String, CodingKey { case pid = "Pid" }
  }

  /// What the container was made with; for an image, its defaults.
  struct Config: Decodable {
    var image: String?
    var environment: [String]?
    var entrypoint: Words?
    var command: Words?
    var labels: [String: String]?
    var healthCheck: HealthCheck?

    enum CodingKeys: String, CodingKey {
      case image = "Image"
      case environment = "Env"
      case entrypoint = "Entrypoint"
      case command = "Cmd"
      case labels = "Labels"
      case healthCheck = "Healthcheck"
    }
  }

  struct HealthCheck: Decodable {
    /// Begins with NONE, CMD or CMD-SHELL.
    var test: [String]?

    enum CodingKeys: String, CodingKey { case test = "Test" }
  }

  struct Host: Decodable {
    var networkMode: String?
    var addedCapabilities: [String]?
    var droppedCapabilities: [String]?
    var isPrivileged: Bool?
    var sysctls: [String: String]?
    var restart: Restart?
    var resolvers: [String]?
    var ports: [String: [Binding]?]?

    struct Restart: Decodable {
      var name: String?

      enum CodingKeys: String, CodingKey { case name = "Name" }
    }

    struct Binding: Decodable {
      var address: String?
      var port: String?

      enum CodingKeys: String, CodingKey {
        case address = "HostIp"
        case port = "HostPort"
      }
    }

    enum CodingKeys: String, CodingKey {
      case networkMode = "NetworkMode"
      case addedCapabilities = "CapAdd"
      case droppedCapabilities = "CapDrop"
      case isPrivileged = "Privileged"
      case sysctls = "Sysctls"
      case restart = "RestartPolicy"
      case resolvers = "Dns"
      case ports = "PortBindings"
    }
  }

  struct Mount: Decodable {
    /// `bind`, `volume`, `tmpfs` and others.
    var kind: String?
    var name: String?
    var source: String?
    var target: String
    var isWritable: Bool?

    enum CodingKeys: String, CodingKey {
      case kind = "Type"
      case name = "Name"
      case source = "Source"
      case target = "Destination"
      case isWritable = "RW"
    }
  }

  struct Settings: Decodable {
    var networks: [String: Attachment?]?

    enum CodingKeys: String, CodingKey { case networks = "Networks" }
  }

  /// A container's attachment to a network; addresses are empty while it does not run.
  struct Attachment: Decodable {
    var ipv4: String?
    var ipv6: String?
    var macAddress: String?

    enum CodingKeys: String, CodingKey {
      case ipv4 = "IPAddress"
      case ipv6 = "GlobalIPv6Address"
      case macAddress = "MacAddress"
    }
  }

  enum CodingKeys: String, CodingKey {
    case id = "Id"
    case slashedName = "Name"
    case imageID = "Image"
    case state = "State"
    case config = "Config"
    case host = "HostConfig"
    case mounts = "Mounts"
    case settings = "NetworkSettings"
  }

  /// A list, which some engines write as a single text.
  struct Words: Decodable, Hashable {
    var words: [String]

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let text = try? container.decode(String.self) {
        words = [text]
      } else {
        words = try container.decode([String].self)
      }
    }
  }
}
