/// An IPv6 packet (RFC 8200 section 3).
///
///      0               1               2               3
///     +-------+---------------+---------------------------------------+
///     |version| traffic class |              flow label               |
///     +-------+---------------+-------+---------------+---------------+
///     |        payload length         |  next header  |   hop limit   |
///     +-------------------------------+---------------+---------------+
///     |                     source address, 16 bytes                  |
///     |                  destination address, 16 bytes                |
///
/// A value exists only if the whole fixed header was captured.
public struct IPv6Packet: ~Escapable {
  public static var headerLength: Int { 40 }

  let bytes: RawSpan

  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(WireError) {
    try bytes.require(Self.headerLength, .ipv6)
    guard bytes.uint8(at: 0) >> 4 == 6 else { throw .malformed(.ipv6) }
    self.bytes = bytes
  }

  /// The length of everything after this header, in bytes; 0 with a jumbo payload (RFC 2675) or segmentation offload.
  public var payloadLength: Int { Int(bytes.uint16(at: 4)) }
  public var nextHeader: IPProtocol { IPProtocol(rawValue: bytes.uint8(at: 6)) }
  public var source: IPAddress { bytes.ipv6Address(at: 8) }
  public var destination: IPAddress { bytes.ipv6Address(at: 24) }
}
