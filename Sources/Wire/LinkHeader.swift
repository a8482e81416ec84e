/// The link header of a frame, for every link type that can be decoded (`LinkLayout`).
///
/// A value exists only if the whole header was captured, so no accessor can trap.
public struct LinkHeader: ~Escapable {
  let bytes: RawSpan
  let framing: LinkType.Framing
  let layout: LinkLayout

  @_lifetime(copy bytes)
  @inline(__always)
  public init(_ bytes: RawSpan, _ linkType: LinkType) throws(WireError) {
    guard let framing = linkType.framing else { throw .malformed(.linkLayer) }
    let layout = LinkLayout(framing)
    try bytes.require(layout.length, layout.layer)
    self.bytes = bytes
    self.framing = framing
    self.layout = layout
  }

  @_lifetime(copy frame)
  @inline(__always)
  public init(_ frame: borrowing CapturedFrame) throws(WireError) {
    try self.init(frame.bytes, frame.linkType)
  }

  @inline(__always)
  private func number(_ field: Range<Int>) -> UInt32 {
    switch field.count {
    case 1: UInt32(bytes.uint8(at: field.lowerBound))
    case 2: UInt32(bytes.uint16(at: field.lowerBound))
    default: bytes.uint32(at: field.lowerBound)
    }
  }

  /// The address of the receiving station. Nil if the link has none, or its header does not hold it.
  @inline(__always)
  public var destination: MACAddress? {
    guard let offset = layout.destination else { return nil }
    return MACAddress(UInt64(bytes.uint16(at: offset)) << 32 | UInt64(bytes.uint32(at: offset + 2)))
  }

  /// The address of the sending station, if it is a 48-bit address.
  @inline(__always)
  public var source: MACAddress? {
    guard let offset = layout.source else { return nil }
    if let length = layout.addressLength, number(length) != 6 { return nil }
    return MACAddress(UInt64(bytes.uint16(at: offset)) << 32 | UInt64(bytes.uint32(at: offset + 2)))
  }

  /// The frame's direction by its packet type: 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 sent by us.
  @inline(__always)
  public var direction: RecordDirection {
    guard let field = layout.packetType else { return .unknown }
    switch number(field) {
    case 0...3: return .incoming
    case 4: return .outgoing
    default: return .unknown
    }
  }

  /// The kernel's ARPHRD_ number (linux/if_arp.h).
  @inline(__always)
  public var hardwareType: UInt16? { layout.hardwareType.map { UInt16(truncatingIfNeeded: number($0)) } }

  /// Whether frames of this interface have no link header of their own: they begin with IP, or the kernel says
  /// ARPHRD_NONE, as it does for tunnels and modems.
  public var isWithoutLink: Bool {
    switch framing {
    case .ip, .ipv4, .ipv6: true
    case .linuxCooked, .linuxCooked2: hardwareType == 0xFFFE
    // A log is no interface of the tunnel's own: a rule may log what leaves by any.
    case .ethernet, .addressFamily, .ppp, .hdlc, .pppoe, .nflog: false
    }
  }

  /// The kernel's index of the frame's interface. The header may be cut after it. Nil if no index was captured.
  @inline(__always)
  public static func interfaceIndex(_ bytes: RawSpan, _ linkType: LinkType) -> UInt32? {
    guard let framing = linkType.framing, let field = LinkLayout(framing).interfaceIndex,
      bytes.byteCount >= field.upperBound
    else { return nil }
    return bytes.uint32(at: field.lowerBound)
  }
}

/// What follows the header.
extension LinkHeader {
  /// How to read what follows.
  public enum Next: Hashable, Sendable, BitwiseCopyable {
    case etherType(EtherType)
    /// A PPP protocol number.
    case ppp
    /// IP, whose first bits give the version.
    case ip
  }

  /// What follows, and where it begins. Throws if that is unclear: nothing is guessed.
  @inline(__always)
  public func next() throws(WireError) -> (Next, at: Int) {
    switch framing {
    case .ethernet: return (.etherType(protocolType), layout.length)
    case .linuxCooked, .linuxCooked2: return try nextOfCooked()
    case .ip: return (.ip, 0)
    case .ipv4: return (.etherType(.ipv4), 0)
    case .ipv6: return (.etherType(.ipv6), 0)
    case .addressFamily: return try nextOfFamily()
    case .nflog: return try nextOfLog()
    case .ppp: return nextOfPPP()
    // Decoded as behind an Ethernet header, with the PPPoE header itself.
    case .pppoe: return (.etherType(.pppoeSession), 0)
    case .hdlc:
      // Cisco's HDLC, whose address is 0F or 8F, carries an EtherType; 8035 is its keepalive (SLARP), a link-layer
      // protocol as in Ethernet. Everything else is PPP.
      let isCisco = bytes.uint8(at: 0) & 0x7F == 0x0F
      return isCisco ? (.etherType(EtherType(rawValue: bytes.uint16(at: 2))), 4) : nextOfPPP()
    }
  }

  @inline(__always)
  private var protocolType: EtherType { EtherType(rawValue: bytes.uint16(at: layout.protocolType ?? 0)) }

  /// With or without the address and control bytes of RFC 1662.
  private func nextOfPPP() -> (Next, at: Int) { (.ppp, bytes.uint16(at: 0) == 0xFF03 ? 2 : 0) }

  /// LINKTYPE_NULL's family is in the byte order of the capturing machine, LINKTYPE_LOOP's in network byte order.
  /// Family numbers are small, so the value shows its byte order.
  private func nextOfFamily() throws(WireError) -> (Next, at: Int) {
    let value = bytes.uint32(at: 0)
    switch value > 0xFFFF ? value.byteSwapped : value {
    case 2: return (.etherType(.ipv4), 4)
    // AF_INET6 on Linux, on NetBSD and OpenBSD, on FreeBSD, and on Darwin.
    case 10, 24, 28, 30: return (.etherType(.ipv6), 4)
    default: throw .malformed(.family)
    }
  }

  /// Walks the attributes to the one that holds the packet (NFULA_PAYLOAD). Each is at least four bytes long, so the
  /// frame's length bounds the loop. Types are small numbers, so the first one shows the byte order.
  private func nextOfLog() throws(WireError) -> (Next, at: Int) {
    guard bytes.uint8(at: 1) == 0 else { throw .malformed(.family) }
    var offset = layout.length
    try bytes.extracting(droppingFirst: offset).require(4, .family)
    let isSwapped = bytes.uint16(at: offset + 2) & 0x7FFF > 0xFF
    var hardwareProtocol: UInt16?
    while true {
      try bytes.extracting(droppingFirst: offset).require(4, .family)
      var (length, type) = (bytes.uint16(at: offset), bytes.uint16(at: offset + 2))
      if isSwapped { (length, type) = (length.byteSwapped, type.byteSwapped) }
      guard length >= 4, type & 0x7FFF <= 0xFF else { throw .malformed(.family) }
      switch type & 0x7FFF {
      // NFULA_PACKET_HDR: the EtherType, in network byte order, and the hook.
      case 1:
        try bytes.extracting(droppingFirst: offset + 4).require(2, .family)
        hardwareProtocol = bytes.uint16(at: offset + 4)
      case 9: return (try nextOfLog(hardwareProtocol), offset + 4)
      default: break
      }
      offset += (Int(length) + 3) & ~3
    }
  }

  /// The family is PF_INET or PF_INET6. Other tables log under their own number, and the packet's is in the attributes.
  private func nextOfLog(_ hardwareProtocol: UInt16?) throws(WireError) -> Next {
    switch bytes.uint8(at: 0) {
    case 2: return .etherType(.ipv4)
    case 10: return .etherType(.ipv6)
    default:
      guard let hardwareProtocol, hardwareProtocol > 0x05FF else { throw .malformed(.family) }
      return .etherType(EtherType(rawValue: hardwareProtocol))
    }
  }

  private func nextOfCooked() throws(WireError) -> (Next, at: Int) {
    // With these hardware types the protocol is not an EtherType: Frame Relay, IEEE 802.11 with radiotap, netlink.
    switch hardwareType {
    case 770, 801, 802, 803, 824: throw .malformed(.linuxCooked)
    default: break
    }
    var type = protocolType
    var offset = layout.length
    if hasDisplacedTag {
      try bytes.require(offset + VLANTag.length, .linuxCooked)
      // The padding is now between the tag and the protocol. If it is not zero, it may be the beginning of a packet
      // after padding that only looks like a tag. Neither is guessed.
      guard bytes.uint16(at: offset) == 0 else { throw .malformed(.linuxCooked) }
      type = EtherType(rawValue: bytes.uint16(at: offset + 2))
      offset += VLANTag.length
    }
    switch type.rawValue {
    // Linux's own numbers for IEEE 802.3 without LLC and for LLC. The kernel has not kept their length.
    case 1, 4: return (.etherType(.jumboLLC), offset)
    case 0...0x05FF: throw .malformed(.linuxCooked)
    default: return (.etherType(type), offset)
    }
  }

  /// Whether libpcap put a VLAN tag after twelve bytes, where Ethernet has it
  /// (https://github.com/the-tcpdump-group/libpcap/issues/164, 717):
  ///
  ///      6         12     14    16        18         20
  ///     +---------+------+-----+---------+----------+--------
  ///     | address | TPID | TCI | padding | protocol | payload
  ///     +---------+------+-----+---------+----------+--------
  ///
  /// The VLAN's number is then in the place of the protocol, and may look like any protocol.
  private var hasDisplacedTag: Bool {
    guard framing == .linuxCooked, let length = layout.addressLength, number(length) <= 6 else { return false }
    switch EtherType(rawValue: bytes.uint16(at: 12)) {
    case .vlan, .serviceVLAN, .stackedVLAN, .stackedVLAN2: return true
    default: return false
    }
  }
}
