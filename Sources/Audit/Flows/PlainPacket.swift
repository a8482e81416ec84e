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
