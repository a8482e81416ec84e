import Wire

/// Fragments (RFC 791, RFC 8200 section 4.5): firsts and laters, with few identifications, in any order.
extension HostileTraffic {
  mutating func fragment() {
    let selector = choices.byte()
    let (source, destination) = pair()
    let isToEndpoint = selector & 0x10 == 0x10
    let peer = source.isIPv4 ? HostileWorld.endpoints[0] : HostileWorld.endpoints[1]
    let whole = udp(
      51820, isToEndpoint ? peer.port : HostileWorld.ports[Int(selector >> 5)], wireGuard(4, length: 1452), length: 1460
    )
    let part = Fragmentation(
      offset: selector & 4 == 0 ? 0 : 1448, more: selector & 12 != 12, identification: UInt32(selector & 3))
    let bytes = part.offset == 0 ? Array(whole.prefix(selector & 8 == 0 ? 160 : 4)) : filler(64)
    send(ip(from: source, to: isToEndpoint ? peer.address : destination, .udp, bytes, fragment: part))
  }

  /// A later fragment of the latest packet, if that was a fragment: mostly where that was seen, and perhaps as far away in
  /// time as times can be.
  mutating func moreOfLatestDatagram() {
    let selector = choices.byte()
    var packet = latestPacket
    guard packet.count >= 48 else { return }
    if selector & 0x30 != 0x30 { place = latestPlace }
    if selector & 0x40 == 0x40, let latestFrame { time.nanoseconds = latestFrame.time.nanoseconds &+ .min }
    let offset = UInt16(selector & 0x3F) + 1
    let isLast = selector & 0x80 == 0x80
    if packet[0] == 0x45 {
      packet.replaceSubrange(6..<8, with: bigEndian(offset | (isLast ? 0 : 0x2000)))
      packet.replaceSubrange(10..<12, with: [0, 0])
      packet.replaceSubrange(10..<12, with: bigEndian(internetChecksum(Array(packet[..<20]))))
    } else if packet[6] == IPProtocol.fragment.rawValue {
      packet.replaceSubrange(42..<44, with: bigEndian(offset << 3 | (isLast ? 0 : 1)))
    }
    send(packet)
  }
}
