import Wire

/// Checksums over the bytes that are shown. With the old ones, a guess at the hidden bytes could be checked.
extension RedactedFrame {
  static func withChecksums(_ shown: ShownBytes, _ packet: DecodedPacket, isWhole: Bool) -> [UInt8] {
    var bytes = shown.shown
    if packet.source.isIPv4 { mendHeader(&bytes, at: Int(packet.networkOffset)) }
    mendTransport(&bytes, shown, packet, isWhole: isWhole)
    return bytes
  }

  /// The transport's checksum, over the pseudo-header too (RFC 9293 section 3.1, RFC 768, RFC 8200 section 8.1).
  ///
  /// A packet that was cut, or is one of several fragments, has no checksum that can be computed. UDP says so with
  /// zero; where the field is missing, Wireshark checks none.
  private static func mendTransport(
    _ bytes: inout [UInt8], _ shown: ShownBytes, _ packet: DecodedPacket, isWhole: Bool
  ) {
    guard isWhole, packet.fragment == .whole, packet.transport == .header else { return }
    let start = Int(packet.transportOffset)
    let field: Int
    switch packet.protocolNumber {
    case .udp: field = start + 6
    case .tcp: field = start + 16
    case .icmp, .icmpv6: field = start + 2
    default: return
    }
    guard field + 1 < bytes.count else { return }
    // If the sender had UDP's checksum off (RFC 768), it stays off.
    if packet.protocolNumber == .udp, shown.octets(at: field, 2) == [0, 0] { return }
    var sum = Checksum()
    if packet.protocolNumber != .icmp {
      let network = Int(packet.networkOffset)
      sum.add(packet.source.isIPv4 ? bytes[network + 12..<network + 20] : bytes[network + 8..<network + 40])
      let length = bytes.count - start
      sum.add([0, packet.protocolNumber.rawValue, UInt8(truncatingIfNeeded: length >> 8), UInt8(length & 0xFF)])
    }
    sum.add(bytes[start...])
    // RFC 768: a checksum of zero is sent as all ones.
    set(packet.protocolNumber == .udp && sum.value == 0 ? 0xFFFF : sum.value, at: field, in: &bytes)
  }

  /// The checksum of an IPv4 header (RFC 791).
  private static func mendHeader(_ bytes: inout [UInt8], at start: Int) {
    guard start < bytes.count else { return }
    let length = Int(bytes[start] & 15) * 4
    guard length >= 20, start + length <= bytes.count else { return }
    var sum = Checksum()
    sum.add(bytes[start..<start + length])
    set(sum.value, at: start + 10, in: &bytes)
  }

  private static func set(_ value: UInt16, at index: Int, in bytes: inout [UInt8]) {
    bytes[index] = UInt8(value >> 8)
    bytes[index + 1] = UInt8(value & 0xFF)
  }
}

/// RFC 1071: the one's complement of the one's complement sum. Only the last piece may be of odd length.
private struct Checksum {
  private var sum: UInt64 = 0

  mutating func add(_ bytes: some Sequence<UInt8>) {
    var isHigh = true
    for byte in bytes {
      sum += isHigh ? UInt64(byte) << 8 : UInt64(byte)
      isHigh.toggle()
    }
  }

  var value: UInt16 {
    var folded = sum
    while folded > 0xFFFF { folded = folded & 0xFFFF + folded >> 16 }
    return ~UInt16(folded)
  }
}
