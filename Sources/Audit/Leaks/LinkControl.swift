import Policy
import Wire

/// Recognises what a link with public addresses or groups says about itself, and no router forwards: nothing but that,
/// and only to the destinations that its protocol allows.
///
/// Router advertisements and redirects do not belong to it: they carry prefixes, names and whole packets, and the
/// audited side is not a router of a public link.
enum LinkControl {
  /// Whether it is IGMP (RFC 2236 section 2, RFC 3376 section 4.1) or MLD (RFC 2710 section 3, RFC 3810 section 5.1)
  /// with a hop limit of 1: a report to the group that it is about, or a query for it. All other messages go to groups
  /// of the link.
  static func isGroupMembership(_ seen: borrowing Sighting) -> Bool {
    guard seen.packet.hopLimit(seen.frame) == 1, seen.packet.isBare(seen.frame, withRouterAlert: true), hasNoLabel(seen)
    else {
      return false
    }
    let message = seen.packet.message(seen.frame)
    if seen.packet.source.isIPv4 {
      guard seen.packet.protocolNumber == .igmp, message.byteCount >= 8,
        IPAddress(v4: message.uint32(at: 4)) == seen.packet.destination
      else { return false }
      switch message.uint8(at: 0) {
      case 0x12, 0x16: return message.byteCount == 8 && message.uint8(at: 1) == 0
      case 0x11: return message.byteCount == 8 || message.byteCount == 12 && hasNoSources(message.uint32(at: 8))
      default: return false
      }
    }
    guard seen.packet.protocolNumber == .icmpv6, message.byteCount >= 24, message.uint8(at: 1) == 0,
      message.uint16(at: 6) == 0, address(message, at: 8) == seen.packet.destination
    else { return false }
    switch message.uint8(at: 0) {
    case 131: return message.byteCount == 24 && message.uint16(at: 4) == 0
    case 130: return message.byteCount == 24 || message.byteCount == 28 && hasNoSources(message.uint32(at: 24))
    default: return false
    }
  }

  /// Whether the reserved bits and the number of sources after a query's group are zero.
  private static func hasNoSources(_ word: UInt32) -> Bool { word & 0xF000_FFFF == 0 }

  /// Whether it is a neighbour solicitation to the address that it is about, or an advertisement from it to a neighbour
  /// of its own /64 (RFC 4861 sections 4.3, 4.4 and 7). It may only add the sender's link-layer address and, in a
  /// solicitation, a nonce (RFC 3971 section 5.3.2, RFC 7527). Neither needs router alert, so neither may have it.
  static func isNeighbourDiscovery(_ seen: borrowing Sighting) -> Bool {
    guard seen.packet.protocolNumber == .icmpv6, seen.packet.transport == .header,
      seen.packet.hopLimit(seen.frame) == 255,
      seen.packet.isBare(seen.frame), hasNoLabel(seen), !seen.packet.source.isUnspecified
    else { return false }
    let message = seen.packet.message(seen.frame)
    guard message.byteCount >= 24, message.uint8(at: 1) == 0 else { return false }
    let target = address(message, at: 8)
    let rest = message.uint32(at: 4)
    switch seen.packet.flagsOrType {
    case 135:
      return target == seen.packet.destination && rest == 0 && hasOnly(message, linkAddress: 1, nonces: 1, seen.frame)
    case 136:
      // The first three bits are flags.
      return target == seen.packet.source && seen.packet.source.high == seen.packet.destination.high
        && rest & 0x1FFF_FFFF == 0
        && hasOnly(message, linkAddress: 2, nonces: 0, seen.frame)
    default: return false
    }
  }

  /// Whether the only options are at most one link-layer address of the given type, the sender's own, and at most
  /// `nonces` nonces.
  private static func hasOnly(
    _ message: RawSpan, linkAddress type: UInt8, nonces: Int, _ frame: borrowing CapturedFrame
  ) -> Bool {
    var offset = 24
    var addresses = 0
    var found = 0
    while offset + 8 <= message.byteCount {
      // Lengths are in units of eight bytes.
      guard message.uint8(at: offset + 1) == 1 else { return false }
      switch message.uint8(at: offset) {
      case type:
        addresses += 1
        let own = LinkAddresses(frame)?.source
        let stated = UInt64(message.uint16(at: offset + 2)) << 32 | UInt64(message.uint32(at: offset + 4))
        if let own, own.value != stated { return false }
      case 14: found += 1
      default: return false
      }
      offset += 8
    }
    return offset == message.byteCount && addresses <= 1 && found <= nonces
  }

  /// Kernels label flows, but not these messages (RFC 6437): the sender could fill the 20 bits.
  private static func hasNoLabel(_ seen: borrowing Sighting) -> Bool {
    seen.packet.source.isIPv4 || seen.packet.packetBytes(seen.frame).uint32(at: 0) & 0xF_FFFF == 0
  }

  private static func address(_ message: RawSpan, at offset: Int) -> IPAddress {
    IPAddress(v6High: message.uint64(at: offset), low: message.uint64(at: offset + 8))
  }
}
