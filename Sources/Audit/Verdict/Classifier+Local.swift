import Policy
import Wire

/// Decides what stays on the premises (CONTRACT 2, step 8).
extension Classifier {
  /// Step 8: why a destination is local; nil if it is not.
  func localKind(_ packet: DecodedPacket) -> LocalKind? {
    switch AddressScope(packet.destination) {
    case .private: isDeclared(packet.destination) ? .private : .undeclared
    case .linkLocal: .linkLocal
    case .loopback: .loopback
    case .broadcast: isNameDiscovery(packet) ? .nameDiscovery : .broadcast
    case .localMulticast: isNameDiscovery(packet) ? .nameDiscovery : .multicast
    case .unspecified: nil
    // The audited side's own prefix does not count here: a network that hands out public addresses could
    // otherwise make them local (TunnelCrack's LocalNet, CVE-2023-36672).
    case .public, .multicast: !local.isEmpty && local.contains(packet.destination) ? .private : nil
    }
  }

  /// mDNS (RFC 6762 section 3), LLMNR (RFC 4795 section 2), NetBIOS names and datagrams (RFC 1002), each to
  /// its group or, for NetBIOS, to everybody.
  private func isNameDiscovery(_ packet: DecodedPacket) -> Bool {
    guard packet.protocolNumber == .udp, packet.hasPorts else { return false }
    let group = packet.destination
    switch packet.destinationPort {
    case 5353:
      // FF0X::FB: the same group in each scope.
      return group.isIPv4 ? group.low == 0xE000_00FB : group.high << 16 == 0 && group.low == 0xFB
    case 5355: return group.isIPv4 ? group.low == 0xE000_00FC : group.high == 0xFF02 << 48 && group.low == 0x1_0003
    case 137, 138: return AddressScope(group) == .broadcast
    default: return false
    }
  }
}
