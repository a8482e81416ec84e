public import Wire

/// A network namespace of one or more containers, according to the files.
public struct StatedContainer: Hashable, Sendable {
  /// The containers that share the namespace.
  public var names: [String]
  public var addresses: [IPAddress]
  public var macAddresses: [MACAddress]
  /// Whether the tunnel is in this namespace. Otherwise its packets leave without the tunnel.
  public var holdsTunnel: Bool
  /// Whether the namespace is on the NIC's own network (macvlan, ipvlan), where no NAT hides it.
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
