import Wire

/// What NAT leaves alone of a flow, apart from a source port that is in use already: by it the NIC's packets are
/// recognised as those of the bridge (CONTRACT 4).
struct FlowEnd: TableKey, Sendable {
  var destination: IPAddress
  var protocolNumber: UInt8
  /// Zero for ICMP, and for protocols without ports.
  var destinationPort: UInt16
  /// Or ICMP's identifier.
  var sourcePort: UInt16

  /// Nil for what has no ports to tell flows apart by: a later fragment, or a transport header that cannot be read.
  init?(_ packet: DecodedPacket) {
    guard packet.network == .ip, packet.transport != .unknownProtocol, packet.fragment != .later else { return nil }
    destination = packet.destination
    protocolNumber = packet.protocolNumber.rawValue
    destinationPort = packet.isICMP ? 0 : packet.destinationPort
    sourcePort = packet.sourcePort
  }

  /// Only where it goes.
  init(to packet: DecodedPacket) {
    destination = packet.destination
    protocolNumber = packet.protocolNumber.rawValue
    (destinationPort, sourcePort) = (0, 0)
  }

  init(_ flow: LinkFlow) {
    destination = flow.destination
    protocolNumber = flow.protocolNumber
    destinationPort = flow.destinationPort
    sourcePort = flow.sourcePort
  }

  func mix(into hash: inout KeyHash) {
    hash.mix(destination.low, destination.high)
    hash.mix(UInt64(destinationPort) << 16 | UInt64(sourcePort), UInt64(protocolNumber))
  }
}
