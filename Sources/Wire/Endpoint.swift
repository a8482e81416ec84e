/// An address and a port.
public struct Endpoint: Hashable, Sendable, BitwiseCopyable {
  public let address: IPAddress
  public let port: UInt16

  public init(address: IPAddress, port: UInt16) {
    self.address = address
    self.port = port
  }
}

extension Endpoint: CustomStringConvertible {
  /// `192.0.2.1:51820` or `[2001:db8::1]:51820` (RFC 3986 section 3.2.2).
  public var description: String { address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}
