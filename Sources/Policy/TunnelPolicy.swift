public import Wire

/// What should go where: everything that the verdict needs to know, as plain values.
///
/// The files and flags that it comes from are read on a floor above; every statement keeps its origin,
/// so that a verdict can be traced to the line that caused it.
public struct TunnelPolicy: Sendable {
  /// Where tunnelled packets go: `Endpoint =` of wg0.conf.
  public var endpoints: [Stated<TunnelEndpoint>] = []
  /// Endpoints given as a host name that nothing has resolved yet. DNS answers in the capture may.
  public var namedEndpoints: [Stated<NamedEndpoint>] = []
  /// Servers that the gateway chooses from by itself: a handshake of its own shows which.
  public var endpointLists: [Stated<EndpointList>] = []
  /// Whether a gateway chooses OpenVPN servers by itself: its sessions show which, with a doubt where no list names them.
  public var infersOpenVPN = false
  /// Whether a WireGuard handshake may show where the tunnel goes; not where every gateway that chooses by itself runs OpenVPN.
  public var infersWireGuard = true
  /// Public keys, one of which the handshake with an inferred Endpoint has to be meant for; none: any.
  public var inferredPeerKeys: [Stated<[UInt8]>] = []
  /// Names of endpoints whose addresses were stated: what a start-up looks up all the same.
  public var resolvedNames: [String] = []
  /// The client's addresses inside the tunnel: `Address =`. A packet *from* one in clear is a leak.
  public var tunnelAddresses: [Stated<IPAddress>] = []
  /// Resolvers that must only be reached inside the tunnel: `DNS =`.
  public var tunnelResolvers: [Stated<IPAddress>] = []
  /// Resolvers that may be asked outside the tunnel.
  public var resolvers: [Stated<IPAddress>] = []
  /// UDP ports on which the audited side serves WireGuard itself (`ListenPort` with a peer without Endpoint).
  public var servedPorts: [Stated<UInt16>] = []
  /// Prefixes that are declared to be on the premises, in addition to private space.
  public var local: [Stated<IPPrefix>] = []
  /// Whether private space that `local` and `audited` do not name is a leak.
  public var strictLocal = false
  /// Whether a handshake towards an Endpoint that is meant for another peer's key is a leak, not only a notice.
  public var requiresVerifiedPeer = false
  /// The audited side.
  public var audited: [Stated<IPPrefix>] = []
  public var auditedMACs: [Stated<MACAddress>] = []
  /// Whether frames that `audited` says nothing about are ingress.
  public var auditedOnly = false
  /// What an interface, by name, is to the audited side.
  public var roles: [String: InterfaceRole] = [:]
  /// Where the role of an interface was stated.
  public var roleOrigins: [String: String] = [:]
  /// Ports of the machine that lead to a container, for which it answers.
  public var publishedPorts: [Stated<PublishedPort>] = []
  /// What the files say of containers. Docker's engine knows more, where it is asked.
  public var containers: [Stated<StatedContainer>] = []
  /// The user's exceptions, in the order in which they were given.
  public var allowRules: [AllowRule] = []
  /// The rule pack, in the order in which its rules are asked.
  public var labelRules = LabelRules()

  public init() {}

  /// Whether datagrams may go to an endpoint that only a later handshake explains.
  public var mayHoldJunk: Bool {
    endpoints.contains { $0.value.amnezia != nil } || namedEndpoints.contains { $0.value.amnezia != nil }
  }
}

/// A statement of the policy and where it was made: `wg0.conf:7`, `--endpoint`, `policy.yaml:12`.
public struct Stated<Value: Sendable>: Sendable {
  public var value: Value
  public var origin: String

  public init(_ value: Value, origin: String) {
    self.value = value
    self.origin = origin
  }
}

/// A port of the machine's that Docker hands on to a container.
public struct PublishedPort: Hashable, Sendable, CustomStringConvertible {
  /// The machine's address and port as written, a range too; empty where the engine chooses.
  public var published: String
  /// The container's port or range as written.
  public var target: String
  /// `tcp` or `udp`.
  public var transport: String

  public init(published: String, target: String, transport: String) {
    self.published = published
    self.target = target
    self.transport = transport
  }

  public var description: String { "\(published.isEmpty ? "any port" : published) -> \(target)/\(transport)" }
}

/// A network namespace of one or more containers, as files state it.
public struct StatedContainer: Hashable, Sendable {
  /// The containers that share it.
  public var names: [String]
  public var addresses: [IPAddress]
  public var macAddresses: [MACAddress]
  /// Whether the tunnel is in it; otherwise its packets leave by themselves.
  public var holdsTunnel: Bool
  /// Whether it is on the NIC's own network (macvlan, ipvlan), where no NAT hides it.
  public var isOnLink: Bool

  public init(
    names: [String], addresses: [IPAddress], macAddresses: [MACAddress], holdsTunnel: Bool, isOnLink: Bool = false
  ) {
    self.isOnLink = isOnLink
    self.names = names
    self.addresses = addresses
    self.macAddresses = macAddresses
    self.holdsTunnel = holdsTunnel
  }
}

/// What an interface is to the audited side (CONTRACT 1, rule 2).
public enum InterfaceRole: String, Sendable, BitwiseCopyable, CaseIterable {
  /// The Docker bridge: what comes in from it is egress.
  case bridge
  /// The physical NIC: what goes out is egress.
  case nic
}
