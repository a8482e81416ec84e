/// An IPv4 packet (RFC 791 section 3.1).
///
///      0               1               2               3
///     +-------+-------+---------------+-------------------------------+
///     |version|  IHL  |      TOS      |         total length          |
///     +-------+-------+---------------+-----+-------------------------+
///     |        identification         |flags|     fragment offset     |
///     +---------------+---------------+-----+-------------------------+
///     |      TTL      |   protocol    |        header checksum        |
///     +---------------+---------------+-------------------------------+
///     |                       source address                          |
///     +---------------------------------------------------------------+
///     |                     destination address                       |
///     +---------------------------------------------------------------+
///     |                  options, up to 40 bytes                      |
///
/// A value exists only if the 20 fixed bytes were captured and are consistent. Options may be cut.
public struct IPv4Packet: ~Escapable {
  public static var minimumHeaderLength: Int { 20 }

  let bytes: RawSpan

  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(WireError) {
    try bytes.require(Self.minimumHeaderLength, .ipv4)
    let first = bytes.uint8(at: 0)
    guard first >> 4 == 4, first & 15 >= 5 else { throw .malformed(.ipv4) }
    let total = bytes.uint16(at: 2)
    guard total == 0 || total >= UInt16(first & 15) * 4 else { throw .malformed(.ipv4) }
    self.bytes = bytes
  }

  /// 20 to 60 bytes, options included.
  public var headerLength: Int { Int(bytes.uint8(at: 0) & 15) * 4 }
  /// Header and payload in bytes; 0 if segmentation offload has not filled it in yet.
  public var totalLength: Int { Int(bytes.uint16(at: 2)) }
  public var identification: UInt16 { bytes.uint16(at: 4) }
  public var moreFragments: Bool { bytes.uint8(at: 6) & 0x20 != 0 }
  /// In bytes.
  public var fragmentOffset: Int { Int(bytes.uint16(at: 6) & 0x1FFF) * 8 }
  public var protocolNumber: IPProtocol { IPProtocol(rawValue: bytes.uint8(at: 9)) }
  public var source: IPAddress { bytes.ipv4Address(at: 12) }
  public var destination: IPAddress { bytes.ipv4Address(at: 16) }
}
