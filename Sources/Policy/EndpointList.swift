public import Wire

/// The servers from which a gateway chooses by itself, as in the list that it reads (CONTRACT 5, where an Endpoint
/// comes from).
public struct EndpointList: Sendable {
  public struct Server: Hashable, Sendable {
    public var endpoint: Endpoint
    /// The 32 bytes of the server's static public key, if the list gives it.
    public var publicKey: [UInt8]?

    public init(_ endpoint: Endpoint, publicKey: [UInt8]? = nil) {
      self.endpoint = endpoint
      self.publicKey = publicKey
    }
  }

  /// The list's name for people: `gluetun's list of servers`.
  public var name: String
  /// Which servers of the list these are: `512 servers of mullvad, port 51820`.
  public var extent: String
  public var servers: [Server]
  /// How the gateway's client sends to the servers: `wireGuard`, or `openVPN` over one of the transports.
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
