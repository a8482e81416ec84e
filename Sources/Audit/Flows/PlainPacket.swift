import Wire

/// A packet of the plainest form, for which addresses and ports are all that a verdict outside the tunnel needs: after
/// an Ethernet header with at most one tag, or a cooked header; IPv4 without options or IPv6 without extension headers;
/// no fragment; UDP or TCP with all of its ports captured, and lengths that leave room for the transport header.
///
///      0    2       4    6       8     9          12          20      24       26         28
///     +----+-------+----+-------+-----+----------+-----------+-------+--------+----------+------------
///     | 45 | total | id | flags | TTL | protocol | addresses | ports | length | checksum | 04000000 ...
///     +----+-------+----+-------+-----+----------+-----------+-------+--------+----------+------------
///
///      0             4        6      7     8           40      44       46         48
///     +-------------+--------+------+-----+-----------+-------+--------+----------+------------
///     | 6 and class | length | next | hop | addresses | ports | length | checksum | 04000000 ...
///     +-------------+--------+------+-----+-----------+-------+--------+----------+------------
struct PlainPacket {
  let flow: LinkFlow
  /// Where the transport header begins, and the length of header and payload by the network header.
  let offset: Int
  let length: UInt16

  @inline(__always)
  init?(_ bytes: RawSpan, _ linkType: LinkType, interface: Int, _ direction: RecordDirection) {
    var network: Int
    var type: UInt16
    var tag: UInt64 = 0
    let link: LinkWords
    // The link header is read as words here, not through `LinkHeader`: each frame of a known flow is compared with
    // these two words, whatever they mean. Tests check them against `LinkHeader`.
    switch linkType {
    case .ethernet:
      guard bytes.byteCount >= 42 else { return nil }
      type = bytes.uint16(at: 12)
      network = 14
      link = LinkWords(bytes, 0, 4)
      if type == 0x8100 {
        type = bytes.uint16(at: 16)
        network = 18
        tag = 0x8100_0000 | UInt64(bytes.uint16(at: 14))
      }
    // The protocol in a cooked header is an EtherType only for Ethernet-like hardware (ARPHRD_ETHER), with addresses of
    // six bytes. The rest of the address field holds whatever the kernel's ring held there before.
    case .linuxCooked2:
      guard bytes.byteCount >= 48, bytes.uint16(at: 8) == 1, bytes.uint8(at: 11) == 6 else { return nil }
      type = bytes.uint16(at: 0)
      network = 20
      link = LinkWords(bytes, 4, 12, mask: ~0xFFFF)
    default: return nil
    }
    let protocolNumber: UInt8
    var addresses: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
    if type == 0x0800 {
      guard bytes.byteCount >= network &+ 28, bytes.uint8(at: network) == 0x45 else { return nil }
      let word = bytes.uint32(at: network &+ 6)
      let total = bytes.uint16(at: network &+ 2)
      guard word & 0x3FFF_0000 == 0, total >= 20 else { return nil }
      protocolNumber = UInt8(truncatingIfNeeded: word)
      length = total &- 20
      offset = network &+ 20
      addresses.0 = bytes.uint64(at: network &+ 12)
    } else {
      guard type == 0x86DD, bytes.byteCount >= network &+ 48, bytes.uint8(at: network) & 0xF0 == 0x60 else {
        return nil
      }
      protocolNumber = bytes.uint8(at: network &+ 6)
      length = bytes.uint16(at: network &+ 4)
      offset = network &+ 40
      addresses = (
        bytes.uint64(at: network &+ 8), bytes.uint64(at: network &+ 16), bytes.uint64(at: network &+ 24),
        bytes.uint64(at: network &+ 32)
      )
    }
    guard protocolNumber == 17 ? length >= 8 : protocolNumber == 6 && length >= 20 else { return nil }
    guard interface < LinkFlow.interfaces else { return nil }
    flow = LinkFlow(
      link: link, tag: tag, addresses: addresses, isIPv6: type == 0x86DD, ports: bytes.uint32(at: offset),
      protocolNumber: protocolNumber, interface: interface, direction)
  }
}

/// A WireGuard message of transport data in a plain packet: reserved bytes zero, lengths that agree, and short
/// enough to be one message alone (an offloaded datagram carries several).
///
///      0       4        6          8          12         16        24
///     +-------+--------+----------+----------+----------+---------+--------------
///     | ports | length | checksum | 04000000 | receiver | counter | encrypted ...
///     +-------+--------+----------+----------+----------+---------+--------------
struct TransportData {
  let receiver: UInt32
  let counter: MessageCounter
  let isKeepalive: Bool

  /// The UDP lengths of the shortest message, and of the longest without suspected offload: Ethernet's MTU is 1500.
  private static var shortest: UInt16 { 40 }
  private static var longest: (v4: UInt16, v6: UInt16) { (1480, 1460) }

  @inline(__always)
  init?(_ packet: PlainPacket, _ bytes: RawSpan) {
    let offset = packet.offset
    guard packet.flow.protocolNumber == 17, bytes.byteCount >= offset &+ 24,
      packet.length >= Self.shortest, packet.length <= (packet.flow.isIPv6 ? Self.longest.v6 : Self.longest.v4),
      bytes.uint16(at: offset &+ 4) == packet.length, bytes.uint32(at: offset &+ 8) == 0x0400_0000
    else { return nil }
    receiver = bytes.uint32(at: offset &+ 12).byteSwapped
    counter = MessageCounter(bytes.uint64(at: offset &+ 16).byteSwapped)
    isKeepalive = packet.length == Self.shortest
  }
}

/// The link header's addresses as raw bytes, for comparison: both of an Ethernet header; of a cooked header the
/// source's, with the interface's index and the packet's type.
struct LinkWords: Sendable, BitwiseCopyable {
  private var first: UInt64 = 0
  private var second: UInt64 = 0

  init() {}

  /// Reads the words at both places, and masks the second: together they cover the header's addresses.
  @inline(__always)
  init(_ bytes: RawSpan, _ first: Int, _ second: Int, mask: UInt64 = .max) {
    self.first = bytes.uint64(at: first)
    self.second = bytes.uint64(at: second) & mask
  }

  /// Zero if both are the same.
  @inline(__always)
  func difference(from other: Self) -> UInt64 { (first ^ other.first) | (second ^ other.second) }
}

/// A flow as one link shows it: the five-tuple in one direction, its two stations, its interface and recorded
/// direction.
struct LinkFlow: Equatable, Sendable, BitwiseCopyable {
  private var link = LinkWords()
  /// Both addresses: IPv4's in the first word, IPv6's in all four.
  private var first: UInt64 = 0
  /// Ports, interface, recorded direction, whether there is a tag, IP version and protocol, from the highest bit down.
  private var rest: UInt64 = 0
  private var second: UInt64 = 0
  private var third: UInt64 = 0
  private var fourth: UInt64 = 0
  /// The tag of a virtual network.
  private var tag: UInt64 = 0

  /// How many interfaces can be told apart.
  static var interfaces: Int { 1 << 20 }
  private static var tagged: UInt64 { 1 << 9 }
  private static var version6: UInt64 { 1 << 8 }

  init() {}

  @inline(__always)
  init(
    link: LinkWords, tag: UInt64, addresses: (UInt64, UInt64, UInt64, UInt64), isIPv6: Bool, ports: UInt32,
    protocolNumber: UInt8, interface: Int, _ direction: RecordDirection
  ) {
    self.link = link
    self.tag = tag
    (first, second, third, fourth) = addresses
    rest =
      UInt64(ports) << 32 | UInt64(truncatingIfNeeded: interface) << 12 | UInt64(direction.rawValue) << 10
      | (tag != 0 ? Self.tagged : 0) | (isIPv6 ? Self.version6 : 0) | UInt64(protocolNumber)
  }

  /// A packet's flow, without its stations.
  init(_ packet: DecodedPacket, interface: Int, _ direction: RecordDirection, isTagged: Bool) {
    let (source, destination) = (packet.source, packet.destination)
    self.init(
      link: LinkWords(), tag: isTagged ? 1 : 0,
      addresses: source.isIPv4
        ? (source.low << 32 | destination.low, 0, 0, 0)
        : (source.high, source.low, destination.high, destination.low),
      isIPv6: !source.isIPv4, ports: UInt32(packet.sourcePort) << 16 | UInt32(packet.destinationPort),
      protocolNumber: packet.protocolNumber.rawValue, interface: interface, direction)
  }

  /// Whether it is the same flow, apart from the stations and the tag.
  func isLike(_ other: Self) -> Bool {
    first == other.first && second == other.second && third == other.third && fourth == other.fourth
      && rest == other.rest
  }

  var interface: Int { Int(truncatingIfNeeded: rest >> 12) & (Self.interfaces - 1) }

  var isIPv6: Bool { rest & Self.version6 != 0 }

  var protocolNumber: UInt8 { UInt8(truncatingIfNeeded: rest) }

  var sourcePort: UInt16 { UInt16(truncatingIfNeeded: rest >> 48) }
  var destinationPort: UInt16 { UInt16(truncatingIfNeeded: rest >> 32) }

  var destination: IPAddress {
    isIPv6 ? IPAddress(v6High: third, low: fourth) : IPAddress(v4: UInt32(truncatingIfNeeded: first))
  }

  /// One multiplication: this runs for every frame, and a collision only costs a flow its place.
  @inline(__always)
  func hash(seed: UInt64) -> UInt64 {
    let product = (first ^ second ^ fourth ^ seed).multipliedFullWidth(
      by: rest ^ third ^ ~(seed &* 0x9E37_79B9_7F4A_7C15))
    return product.high ^ product.low
  }

  /// For IPv4 without a tag the other words are zero, and `rest` shows that.
  @inline(__always)
  static func == (one: Self, other: Self) -> Bool {
    guard
      (one.first ^ other.first) | (one.rest ^ other.rest) | one.link.difference(from: other.link) == 0
    else { return false }
    return one.rest & (Self.tagged | Self.version6) == 0
      || (one.second ^ other.second) | (one.third ^ other.third) | (one.fourth ^ other.fourth) | (one.tag ^ other.tag)
        == 0
  }
}
