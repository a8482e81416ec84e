public import Wire

/// Where a tunnel's packets go, and how they must look.
public struct TunnelEndpoint: Hashable, Sendable {
  public var endpoint: Endpoint
  public var shape: Shape
  /// The 32 bytes of the peer's static public key, if the policy gives it. With it, a handshake shows whom it is for.
  public var publicKey: [UInt8]?
  /// The parameters for the shape `amneziaWG`.
  public var amnezia: AmneziaWG?
  public var source: Source
  public var transport: Transport

  public init(
    _ endpoint: Endpoint, over transport: Transport = .udp, shape: Shape = .wireGuard, publicKey: [UInt8]? = nil,
    amnezia: AmneziaWG? = nil, source: Source = .stated
  ) {
    self.endpoint = endpoint
    self.transport = transport
    self.shape = shape
    self.publicKey = publicKey
    self.amnezia = amnezia
    self.source = source
  }

  /// How it is known that the tunnel goes there (CONTRACT 5, where an Endpoint comes from).
  public enum Source: String, Sendable, BitwiseCopyable {
    /// The user or the user's files; for a name, also the DNS answer with its address.
    case stated
    /// A handshake that the other side answered.
    case inferred
    /// A list that the gateway chooses from, and its handshake with one of the servers.
    case listed
  }

  /// Which parts of WireGuard's wire format are required (CONTRACT 2, step 2).
  public enum Shape: String, Sendable, BitwiseCopyable, CaseIterable {
    /// A known message type, three zero bytes and a length that fits.
    case wireGuard = "wireguard"
    /// The three reserved bytes may hold anything (WARP-like clients).
    case anyReserved = "any-reserved"
    /// The format as changed by AmneziaWG's parameters (`TunnelEndpoint.amnezia`).
    case amneziaWG = "amneziawg"
    /// Mullvad's obfuscation, by the peer's public key (`LWOMessage`).
    case lwo = "lwo"
    /// OpenVPN: address, port and protocol identify the tunnel, and nothing else is checked.
    case openVPN = "openvpn"
    /// Nothing is checked (obfuscated clients whose parameters are not known).
    case any = "any"

    /// Whether address, port and protocol are enough for a packet to count as the tunnel's.
    public var isUnchecked: Bool { self == .any || self == .openVPN }
  }

  /// What carries the tunnel. Only shapes that check nothing can use TCP.
  public enum Transport: String, Sendable, BitwiseCopyable, CaseIterable { case udp, tcp }

  /// The form in options and reports: `203.0.113.9:51820`, `203.0.113.9:443/tcp`.
  public var name: String { transport == .udp ? "\(endpoint)" : "\(endpoint)/\(transport.rawValue)" }
}
