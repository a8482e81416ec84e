import Wire

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

  var isTagged: Bool { rest & Self.tagged != 0 }

  /// What the kernel compares, of a flow without a tag (`counting.h`).
  var words: (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64) {
    (link.first, link.second, first, second, third, fourth, rest & (0xFFFF_FFFF << 32 | Self.version6 | 0xFF))
  }

  var protocolNumber: UInt8 { UInt8(truncatingIfNeeded: rest) }

  var sourcePort: UInt16 { UInt16(truncatingIfNeeded: rest >> 48) }
  var destinationPort: UInt16 { UInt16(truncatingIfNeeded: rest >> 32) }

  var source: IPAddress {
    isIPv6 ? IPAddress(v6High: first, low: second) : IPAddress(v4: UInt32(truncatingIfNeeded: first >> 32))
  }

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
