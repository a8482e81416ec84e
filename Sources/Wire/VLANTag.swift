/// An IEEE 802.1Q or 802.1ad tag, starting after the EtherType that announces it.
///
///      0                 2           4
///     +---+-+-----------+-----------+--------
///     |PCP|D| VLAN id   | EtherType | payload
///     +---+-+-----------+-----------+--------
public struct VLANTag: ~Escapable {
  public static var length: Int { 4 }

  let bytes: RawSpan

  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(WireError) {
    try bytes.require(Self.length, .vlan)
    self.bytes = bytes
  }

  public var identifier: UInt16 { bytes.uint16(at: 0) & 0x0FFF }
  public var etherType: EtherType { EtherType(rawValue: bytes.uint16(at: 2)) }
}
