package import Wire

/// What a sender is looked up by. Ports are 0 where the protocol has none or the packet does not show them.
package struct SenderFlow: Hashable, Sendable {
  package var source, destination: IPAddress
  package var sourcePort, destinationPort: UInt16
  package var protocolNumber: IPProtocol

  package init(
    source: IPAddress, sourcePort: UInt16, destination: IPAddress, destinationPort: UInt16, protocolNumber: IPProtocol
  ) {
    (self.source, self.destination, self.protocolNumber) = (source, destination, protocolNumber)
    (self.sourcePort, self.destinationPort) = (sourcePort, destinationPort)
  }
}
