public import Wire

/// The policy: everything that the verdict needs to know, as plain values.
///
/// Code on a higher floor reads the files and flags that it comes from. Every statement keeps its origin,
/// so that a verdict can be traced to the line that caused it.
public struct TunnelPolicy: Sendable {
  /// Where tunnelled packets go: `Endpoint =` in wg0.conf.
  public var endpoints: [Stated<TunnelEndpoint>] = []
  /// Endpoints given as a host name that is not resolved yet. DNS answers in the capture may resolve it.
  public var namedEndpoints: [Stated<NamedEndpoint>] = []
  /// Servers from which a gateway chooses by itself. Its handshake shows which one.
  public var endpointLists: [Stated<EndpointList>] = []
  /// Whether a gateway chooses OpenVPN servers by itself. Its sessions show which; without a list this is uncertain.
  public var infersOpenVPN = false
  /// Whether a WireGuard handshake may show where the tunnel goes. False if every self-choosing gateway runs OpenVPN.
  public var infersWireGuard = true
  /// Public keys. The handshake with an inferred Endpoint must be meant for one of them; if empty, for any key.
  public var inferredPeerKeys: [Stated<[UInt8]>] = []
  /// Names of endpoints whose addresses were stated. The client still looks them up when it starts.
  public var resolvedNames: [String] = []
  /// The client's addresses inside the tunnel: `Address =`. A packet *from* one in clear is a leak.
  public var tunnelAddresses: [Stated<IPAddress>] = []
  /// Resolvers that must only be reached inside the tunnel: `DNS =`.
  public var tunnelResolvers: [Stated<IPAddress>] = []
  /// Resolvers that may be asked outside the tunnel.
  public var resolvers: [Stated<IPAddress>] = []
  /// UDP ports on which the audited side serves WireGuard itself (`ListenPort` with a peer without Endpoint).
  public var servedPorts: [Stated<UInt16>] = []
  /// Prefixes declared to be on the premises, in addition to private space.
  public var local: [Stated<IPPrefix>] = []
  /// Whether packets to private space that `local` and `audited` do not name are leaks.
  public var strictLocal = false
  /// Whether a handshake to an Endpoint, but meant for another peer's key, is a leak and not only a notice.
  public var requiresVerifiedPeer = false
  /// The audited side.
  public var audited: [Stated<IPPrefix>] = []
  public var auditedMACs: [Stated<MACAddress>] = []
  /// Whether frames that `audited` says nothing about are ingress.
  public var auditedOnly = false
  /// The role of each interface, by its name.
  public var roles: [String: InterfaceRole] = [:]
  /// Where the role of each interface was stated.
  public var roleOrigins: [String: String] = [:]
  /// The machine's ports that lead to a container, for which the machine answers.
  public var publishedPorts: [Stated<PublishedPort>] = []
  /// What the files say about containers. Docker's engine knows more, if it is asked.
  public var containers: [Stated<StatedContainer>] = []
  /// The user's exceptions, in the order in which they were given.
  public var allowRules: [AllowRule] = []
  /// The rule pack, in the order in which its rules are tried.
  public var labelRules = LabelRules()

  public init() {}

  /// Whether endpoints may get datagrams that only a later handshake explains.
  public var mayHoldJunk: Bool {
    endpoints.contains { $0.value.amnezia != nil } || namedEndpoints.contains { $0.value.amnezia != nil }
  }
}

/// The role of an interface for the audited side (CONTRACT 1, rule 2).
public enum InterfaceRole: String, Sendable, BitwiseCopyable, CaseIterable {
  /// The Docker bridge: frames that come in from it are egress.
  case bridge
  /// The physical NIC: frames that go out are egress.
  case nic
}
