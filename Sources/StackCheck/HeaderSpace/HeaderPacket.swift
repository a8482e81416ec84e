import Wire

/// One packet, as a rule sees it. Interfaces and the mark are positions in a `HeaderContext`.
struct HeaderPacket: Hashable, Sendable {
  var destination: IPAddress
  var source: IPAddress
  var protocolNumber: UInt8
  var destinationPort: UInt16 = 0
  var sourcePort: UInt16 = 0
  var icmp: UInt16 = 0
  var outInterface = 0
  var inInterface = 0
  var mark = 0
  var state = ConnectionStates.new
  var kind = DestinationKinds.ordinary
}
