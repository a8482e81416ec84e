/// A frame of a Linux cooked capture, version 1 (LINKTYPE_LINUX_SLL):
///
///      0        2         4           6              14         16
///     +--------+---------+-----------+--------------+----------+--------
///     | packet | ARPHRD_ | address   | source       | protocol | payload
///     | type   | type    | length    | address      |          |
///     +--------+---------+-----------+--------------+----------+--------
///
/// and version 2 (LINKTYPE_LINUX_SLL2):
///
///      0          2          4           8         10       11        12             20
///     +----------+----------+-----------+---------+--------+---------+--------------+--------
///     | protocol | reserved | interface | ARPHRD_ | packet | address | source       | payload
///     |          |          | index     | type    | type   | length  | address      |
///     +----------+----------+-----------+---------+--------+---------+--------------+--------
public struct LinuxCookedFrame: ~Escapable {
  public static func headerLength(version: Int) -> Int { version == 1 ? 16 : 20 }

  let bytes: RawSpan
  let version: Int

  /// Reads a header of `version` 1 or 2.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan, version: Int) throws(WireError) {
    try bytes.require(Self.headerLength(version: version), .linuxCooked)
    self.bytes = bytes
    self.version = version
  }

  /// 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 sent by us.
  public var packetType: UInt16 { version == 1 ? bytes.uint16(at: 0) : UInt16(bytes.uint8(at: 10)) }

  public var hardwareType: UInt16 { bytes.uint16(at: version == 1 ? 2 : 8) }

  /// ARPHRD_NONE (linux/if_arp.h): tunnels and modems that have no link-layer header.
  public static var noHardwareType: UInt16 { 0xFFFE }

  public var direction: RecordDirection {
    switch packetType {
    case 0...3: .incoming
    case 4: .outgoing
    default: .unknown
    }
  }

  /// The source's link-layer address where it is a 48-bit one.
  public var source: MACAddress? {
    let length = version == 1 ? Int(bytes.uint16(at: 4)) : Int(bytes.uint8(at: 11))
    guard length == 6 else { return nil }
    return MACAddress(bytes.uint64(at: version == 1 ? 6 : 12) >> 16)
  }

  /// An EtherType, or one of Linux's own numbers below 1536: 1 for IEEE 802.3 without LLC, 4 for LLC.
  public var protocolType: EtherType { EtherType(rawValue: bytes.uint16(at: version == 1 ? 14 : 0)) }

  /// Whether libpcap put a VLAN tag where Ethernet has it, behind twelve bytes
  /// (https://github.com/the-tcpdump-group/libpcap/issues/164, 717):
  ///
  ///      6         12     14    16        18         20
  ///     +---------+------+-----+---------+----------+--------
  ///     | address | TPID | TCI | padding | protocol | payload
  ///     +---------+------+-----+---------+----------+--------
  ///
  /// The VLAN's number then stands in the protocol's place, and may look like any.
  public var hasDisplacedTag: Bool {
    guard version == 1, bytes.uint16(at: 4) <= 6 else { return false }
    switch EtherType(rawValue: bytes.uint16(at: 12)) {
    case .vlan, .serviceVLAN, .stackedVLAN, .stackedVLAN2: return true
    default: return false
    }
  }
}
