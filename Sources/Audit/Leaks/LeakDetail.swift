/// What a leaking packet says in clear besides its addresses: usually a name.
public struct LeakDetail: Hashable, Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    /// The server that a client names: in a TLS or QUIC ClientHello (RFC 6066 section 3), or an HTTP Host header.
    case serverName = "server-name"
    /// An encrypted ClientHello (RFC 9849): the name beside it is the outer one, of the service in front.
    case encryptedHello = "encrypted-hello"
    /// The part of the client's own address that a resolver passes on (EDNS client subnet, RFC 7871).
    case clientSubnet = "client-subnet"
    /// The program that speaks STUN, as it names itself (RFC 8489 section 14.14).
    case software
    /// The shared content, by its BitTorrent info-hash (BEP 3), in hexadecimal.
    case infoHash = "info-hash"
    /// The machine's own name in DHCP (RFC 2132 section 3.14).
    case hostName = "host-name"
  }

  public var kind: Kind
  /// Control characters are escaped as in RFC 4343 section 2.1.
  public var text: String

  public init(_ kind: Kind, _ text: String) {
    self.kind = kind
    self.text = text
  }
}
