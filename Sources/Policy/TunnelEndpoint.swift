public import Wire

/// Where a tunnel's packets go, and how they must look.
public struct TunnelEndpoint: Hashable, Sendable {
  public var endpoint: Endpoint
  public var shape: Shape
  /// The 32 bytes of the peer's static public key, where the policy gives it: a handshake then shows whom it is for.
  public var publicKey: [UInt8]?
  /// With the shape `amneziaWG`.
  public var amnezia: AmneziaWG?

  public init(
    _ endpoint: Endpoint, shape: Shape = .wireGuard, publicKey: [UInt8]? = nil, amnezia: AmneziaWG? = nil
  ) {
    self.endpoint = endpoint
    self.shape = shape
    self.publicKey = publicKey
    self.amnezia = amnezia
  }

  /// What of WireGuard's wire format is demanded (semantics 2, step 2).
  public enum Shape: String, Sendable, BitwiseCopyable, CaseIterable {
    /// A known message type, three zero bytes and a length that fits.
    case wireGuard = "wireguard"
    /// The three reserved bytes may hold anything (WARP-like clients).
    case anyReserved = "any-reserved"
    /// What AmneziaWG's parameters make of the format (`TunnelEndpoint.amnezia`).
    case amneziaWG = "amneziawg"
    /// Mullvad's obfuscation, by the peer's public key (`LWOMessage`).
    case lwo = "lwo"
    /// Nothing is checked (obfuscated clients whose parameters are not known).
    case any = "any"
  }
}

/// An endpoint given by host name; the name is compared as DNS compares names, without regard to case.
public struct NamedEndpoint: Hashable, Sendable {
  public var name: String
  public var port: UInt16
  public var shape: TunnelEndpoint.Shape
  public var publicKey: [UInt8]?
  public var amnezia: AmneziaWG?

  public init(
    name: String, port: UInt16, shape: TunnelEndpoint.Shape = .wireGuard, publicKey: [UInt8]? = nil,
    amnezia: AmneziaWG? = nil
  ) {
    self.name = name
    self.port = port
    self.shape = shape
    self.publicKey = publicKey
    self.amnezia = amnezia
  }

  /// The endpoint, once an address of the name is known.
  public func endpoint(at address: IPAddress) -> TunnelEndpoint {
    TunnelEndpoint(Endpoint(address: address, port: port), shape: shape, publicKey: publicKey, amnezia: amnezia)
  }
}
