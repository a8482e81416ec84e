import Wire

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
