import Wire

/// What identifies a flow: the five-tuple as it was seen going out. For ICMP echo both ports are the identifier; for
/// protocols without ports they are zero (CONTRACT 1, rule 5).
///
/// A flow that is only half known has no key: it would match others.
struct FlowKey: TableKey, Sendable {
  var source: IPAddress
  var destination: IPAddress
  var sourcePort: UInt16
  var destinationPort: UInt16
  var protocolNumber: IPProtocol
  /// An echo with identifier zero is not the same flow as other ICMP.
  var isEcho: Bool

  /// Nil if ports or identifier are cut off or in another fragment, and for ICMP errors: their flow is the one that
  /// they quote.
  init?(_ packet: DecodedPacket) {
    switch packet.protocolNumber {
    case .tcp, .udp, .udpLite, .sctp, .dccp:
      guard packet.hasPorts else { return nil }
      isEcho = false
    case .icmp, .icmpv6:
      guard packet.transport == .header, !ICMPType.isError(packet.flagsOrType, packet.protocolNumber) else {
        return nil
      }
      isEcho = ICMPType.isEcho(packet.flagsOrType, packet.protocolNumber)
    default:
      guard packet.transport != .unknownProtocol else { return nil }
      isEcho = false
    }
    source = packet.source
    destination = packet.destination
    sourcePort = packet.sourcePort
    destinationPort = packet.destinationPort
    protocolNumber = packet.protocolNumber
  }

  /// The same flow as its answers show it.
  var reversed: Self {
    var key = self
    (key.source, key.destination) = (destination, source)
    (key.sourcePort, key.destinationPort) = (destinationPort, sourcePort)
    return key
  }

  func mix(into hash: inout KeyHash) {
    hash.mix(source.low, destination.low)
    hash.mix(source.high, destination.high)
    hash.mix(
      UInt64(sourcePort) << 32 | UInt64(destinationPort) << 16 | UInt64(protocolNumber.rawValue) << 1
        | (isEcho ? 1 : 0))
  }
}
