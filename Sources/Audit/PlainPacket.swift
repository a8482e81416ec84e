import Wire

/// An IPv4 packet of the plainest form: a header without options, no fragment, UDP or TCP with all of its ports
/// captured, and lengths that leave room for the transport header. Of such a packet addresses and ports say all
/// that a verdict outside the tunnel needs.
///
///      0    2       4    6       8     9          12          20      24       26         28
///     +----+-------+----+-------+-----+----------+-----------+-------+--------+----------+------------
///     | 45 | total | id | flags | TTL | protocol | addresses | ports | length | checksum | 04000000 ...
///     +----+-------+----+-------+-----+----------+-----------+-------+--------+----------+------------
struct PlainPacket {
  let addresses: UInt64
  let ports: UInt32
  let protocolNumber: UInt8
  let totalLength: UInt16

  /// Where the packet begins, if the frame's link header is a plain one that says IPv4; else past every end.
  @inline(__always)
  static func offset(_ bytes: RawSpan, _ linkType: LinkType) -> Int {
    switch linkType {
    case .ethernet: bytes.byteCount >= 14 && bytes.uint16(at: 12) == 0x0800 ? 14 : .max - 64
    // A protocol behind the cooked header is an EtherType only of Ethernet-like hardware (ARPHRD_ETHER).
    case .linuxCooked2:
      bytes.byteCount >= 20 && bytes.uint16(at: 0) == 0x0800 && bytes.uint16(at: 8) == 1 ? 20 : .max - 64
    default: .max - 64
    }
  }

  @inline(__always)
  init?(_ bytes: RawSpan, at offset: Int) {
    guard bytes.byteCount >= offset &+ 28, bytes.uint8(at: offset) == 0x45 else { return nil }
    let word = bytes.uint32(at: offset &+ 6)
    guard word & 0x3FFF_0000 == 0 else { return nil }
    protocolNumber = UInt8(truncatingIfNeeded: word)
    totalLength = bytes.uint16(at: offset &+ 2)
    guard protocolNumber == 17 ? totalLength >= 28 : protocolNumber == 6 && totalLength >= 40 else { return nil }
    addresses = bytes.uint64(at: offset &+ 12)
    ports = bytes.uint32(at: offset &+ 20)
  }
}

/// A WireGuard message of transport data in a plain packet: reserved bytes zero, lengths that agree, and short
/// enough to be one message alone (an offloaded datagram carries several).
///
///      28         32         36        44
///     +----------+----------+---------+--------------
///     | 04000000 | receiver | counter | encrypted ...
///     +----------+----------+---------+--------------
struct TransportData {
  let addresses: UInt64
  let ports: UInt32
  let receiver: UInt32
  let counter: MessageCounter
  let isKeepalive: Bool

  /// IPv4's total length of the shortest message, and of the longest that no offload is suspected in: 1500 is
  /// Ethernet's MTU.
  private static var lengths: ClosedRange<UInt16> { 60...1500 }

  @inline(__always)
  init?(_ bytes: RawSpan, at offset: Int) {
    guard bytes.byteCount >= offset &+ 44 else { return nil }
    let total = bytes.uint16(at: offset &+ 2)
    guard bytes.uint8(at: offset) == 0x45, bytes.uint32(at: offset &+ 6) & 0x3FFF_00FF == 17,
      Self.lengths.contains(total), bytes.uint16(at: offset &+ 24) == total &- 20,
      bytes.uint32(at: offset &+ 28) == 0x0400_0000
    else { return nil }
    addresses = bytes.uint64(at: offset &+ 12)
    ports = bytes.uint32(at: offset &+ 20)
    receiver = bytes.uint32(at: offset &+ 32).byteSwapped
    counter = MessageCounter(bytes.uint64(at: offset &+ 36).byteSwapped)
    isKeepalive = total == 60
  }
}

/// The link header's addresses as they stand, to be compared: of Ethernet both, of a cooked header the source's, with the
/// interface's index and the packet's type.
struct LinkWords: Equatable, Sendable, BitwiseCopyable {
  private var first: UInt64 = 0
  private var second: UInt64 = 0

  init() {}

  /// `offset` is where the plain packet begins: 14 behind Ethernet's header, 20 behind a cooked one (`PlainPacket.offset`).
  @inline(__always)
  init(_ bytes: RawSpan, at offset: Int) {
    first = bytes.uint64(at: offset == 14 ? 0 : 4)
    second = bytes.uint64(at: offset == 14 ? 4 : 12)
  }
}
