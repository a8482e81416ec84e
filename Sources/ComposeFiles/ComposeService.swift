package import TextFiles
package import Wire

package struct ComposeService: Sendable {
  package internal(set) var name: String
  /// The position of its project in the `names` of the joined projects.
  package internal(set) var project = 0
  /// The name in its own project, if another project has a service of the same name.
  var ownName: String?
  /// The line of the service's name, in the last file that states it.
  package internal(set) var place: SourcePlace
  package internal(set) var image: Located<String>?
  package internal(set) var containerName: Located<String>?
  package internal(set) var networkMode: Located<NetworkMode>?
  /// The container's first command, which replaces the image's; its words are joined by spaces.
  package internal(set) var entrypoint: Located<String>?
  /// The arguments of that, or the whole command if the image has no first command.
  package internal(set) var command: Located<String>?
  /// `post_start` and `pre_stop`, if they have commands.
  package internal(set) var hooks: [Located<String>] = []
  /// Empty if a network mode is given; else at least `default`.
  package internal(set) var networks: [Attachment] = []
  /// Capabilities in capitals without `CAP_`.
  package internal(set) var addedCapabilities: [Located<String>] = []
  package internal(set) var droppedCapabilities: [Located<String>] = []
  package internal(set) var isPrivileged: Located<Bool>?
  /// `environment` over `env_file`. A name without value and without one in the project's environment is absent.
  package internal(set) var environment: [String: Located<String>] = [:]
  package internal(set) var mounts: [Mount] = []
  package internal(set) var ports: [Port] = []
  package internal(set) var sysctls: [String: Located<String>] = [:]
  package internal(set) var healthCheck: Located<HealthCheck>?
  package internal(set) var dependencies: [Located<Dependency>] = []
  /// False if whoever made the container may have had it wait for others without recording it.
  package internal(set) var tellsDependencies = true
  package internal(set) var restart: Located<String>?
  package internal(set) var resolvers: [Located<String>] = []
  package internal(set) var profiles: [Located<String>] = []
  /// `pid`: whose processes the container sees.
  package internal(set) var processes: Located<String>?
  /// `use_api_socket`: whether Compose mounts the engine's socket, with the credentials for it.
  package internal(set) var usesEngineSocket: Located<Bool>?
  /// `volumes_from`: whose mounts it has, too. They are not in `mounts`.
  package internal(set) var mountsOf: [Located<String>] = []

  /// Keys that may decide where packets go, but are not read.
  package internal(set) var unreadKeys: [UnreadKey] = []

  package struct UnreadKey: Hashable, Sendable {
    package var name: String
    package var concern: Concern
    package var reason: String
    package var place: SourcePlace

    /// Whom it concerns: only the container that makes the rules, or any container in its network, too.
    package enum Concern: Hashable, Sendable { case gateway, anyone }
  }

  package enum NetworkMode: Hashable, Sendable {
    case service(String)
    case container(String)
    case host
    case none
    /// Docker's default bridge.
    case bridge
    case other(String)
  }

  /// A network that the service is attached to.
  package struct Attachment: Sendable {
    /// The network's key in the project, not its name.
    package var network: String
    package var place: SourcePlace
    package var ipv4Address: Located<IPAddress>?
    package var ipv6Address: Located<IPAddress>?
    package var macAddress: Located<MACAddress>?
    /// The name that the interface is to get.
    package var interfaceName: Located<String>?
    /// Higher ones are attached first.
    package var priority = 0
  }

  /// The names of the container's own interfaces except the loopback: `eth0` and on, in the order in which Compose
  /// attaches the networks, or the names that are stated.
  package var interfaceNames: [String] {
    if case .none? = networkMode?.value { return [] }
    let attached = networks.sorted { ($1.priority, $0.network) < ($0.priority, $1.network) }
    return attached.isEmpty ? ["eth0"] : attached.enumerated().map { $1.interfaceName?.value ?? "eth\($0)" }
  }

  /// What is visible at a container path: a bind mount, a volume, or a config or secret from a file.
  package struct Mount: Sendable {
    package var kind: Kind
    /// The path inside of the container, without a trailing slash.
    package var target: String
    package var isReadOnly: Bool
    package var place: SourcePlace
    /// The engine's name for a named volume.
    package var volumeName: String?

    package init(kind: Kind, target: String, isReadOnly: Bool, place: SourcePlace, volumeName: String? = nil) {
      self.kind = kind
      self.target = target
      self.isReadOnly = isReadOnly
      self.place = place
      self.volumeName = volumeName
    }

    package enum Kind: Hashable, Sendable {
      /// A file or folder of the machine, as a path that can be opened from here.
      case bind(String)
      /// A named or anonymous volume, or a config or secret that the engine keeps; the engine has its files.
      case volume(String?)
      /// A config whose text is in the compose file itself.
      case content(String)
      case tmpfs
    }
  }

  package struct Port: Hashable, Sendable {
    package var hostAddress: String?
    /// As written, which may be a range; nil if the engine chooses.
    package var published: String?
    package var target: String
    /// `tcp` or `udp`.
    package var transport: String
    package var place: SourcePlace
  }

  package struct HealthCheck: Hashable, Sendable {
    package var isDisabled: Bool
    /// The program and its arguments, or one text for a shell.
    package var test: Test?

    package enum Test: Hashable, Sendable {
      case shell(String)
      case arguments([String])
    }
  }

  package struct Dependency: Hashable, Sendable {
    package var service: String
    /// `service_started` if none is given.
    package var condition: String
    /// Whether this service restarts when Compose restarts the other.
    package var restarts: Bool
  }
}
