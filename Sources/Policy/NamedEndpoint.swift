public import Wire

/// An endpoint given by host name. The name is compared as in DNS, where case makes no difference.
public struct NamedEndpoint: Hashable, Sendable {
  public var name: String
  public var port: UInt16
  public var shape: TunnelEndpoint.Shape
  public var publicKey: [UInt8]?
  public var amnezia: AmneziaWG?
  public var transport: TunnelEndpoint.Transport

  public init(
    name: String, port: UInt16, over transport: TunnelEndpoint.Transport = .udp,
    shape: TunnelEndpoint.Shape = .wireGuard, publicKey: [UInt8]? = nil, amnezia: AmneziaWG? = nil
  ) {
    self.transport = transport
    self.name = name
    self.port = port
    self.shape = shape
    self.publicKey = publicKey
    self.amnezia = amnezia
  }

  /// The endpoint, once an address of the name is known.
  public func endpoint(at address: IPAddress) -> TunnelEndpoint {
    TunnelEndpoint(
      Endpoint(address: address, port: port), over: transport, shape: shape, publicKey: publicKey, amnezia: amnezia)
  }
}
