/// An Ethernet II or IEEE 802.3 frame (IEEE 802.3, clause 3), without preamble or check sequence.
///
///      0              6             12      14
///     +--------------+--------------+------+---------
///     | destination  | source       | type | payload
///     +--------------+--------------+------+---------
///
/// A value exists only if the whole header was captured, so no accessor can trap.
public struct EthernetFrame: ~Escapable {
  public static var headerLength: Int { 14 }

  let bytes: RawSpan

  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan) throws(WireError) {
    try bytes.require(Self.headerLength, .ethernet)
    self.bytes = bytes
  }

  public var destination: MACAddress { MACAddress(bytes.uint64(at: 0) >> 16) }
  public var source: MACAddress { MACAddress(bytes.uint64(at: 6) >> 16) }

  /// The type, or in an IEEE 802.3 frame the length of what follows (at most 1500).
  public var etherType: EtherType { EtherType(rawValue: bytes.uint16(at: 12)) }

  public var payload: RawSpan {
    @_lifetime(copy self) get { bytes.extracting(droppingFirst: Self.headerLength) }
  }
}

/// An IEEE 802.1Q or 802.1ad tag, after the EtherType that announced it.
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
