public import Wire

/// Servers among which a gateway chooses by itself, as the list that it reads names them (CONTRACT 5, where an Endpoint comes
/// from).
public struct EndpointList: Sendable {
  public struct Server: Hashable, Sendable {
    public var endpoint: Endpoint
    /// The 32 bytes of its static public key, where the list gives it.
    public var publicKey: [UInt8]?

    public init(_ endpoint: Endpoint, publicKey: [UInt8]? = nil) {
      self.endpoint = endpoint
      self.publicKey = publicKey
    }
  }

  /// Whose list it is, as people call it: `gluetun's list of servers`.
  public var name: String
  /// Which of its servers these are: `512 servers of mullvad, port 51820`.
  public var extent: String
  public var servers: [Server]
  /// How the gateway's client sends to them: `wireGuard`, or `openVPN` over one of the transports.
  public var shape: TunnelEndpoint.Shape
  public var transport: TunnelEndpoint.Transport

  public init(
    name: String, extent: String, servers: [Server], shape: TunnelEndpoint.Shape = .wireGuard,
    over transport: TunnelEndpoint.Transport = .udp
  ) {
    self.shape = shape
    self.transport = transport
    self.name = name
    self.extent = extent
    self.servers = servers
  }
}
