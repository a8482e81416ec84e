package import Wire

/// What is known of packets that leaked, so that they can be joined with the finding that predicted them.
package struct LeakedPacket: Sendable {
  package var isIPv4: Bool
  /// Nil where it could not be read.
  package var destination: IPAddress?
  package var transport: IPProtocol?
  /// The destination's; nil where there is none.
  package var port: UInt16?
  /// Whether they could leave only while the tunnel was up: nothing took it away.
  package var wasTunnelUp: Bool
  /// Whether the gateway was started meanwhile.
  package var wasGatewayStarted: Bool
  /// Whether they left after a start of the gateway and before its tunnel was up.
  package var leftBeforeTunnel: Bool
  package var sender: Sender

  package enum Sender: Sendable {
    case program
    /// A program that sets WireGuard's mark, or hands frames to the link.
    case forger
    /// Any program, after a consumer has tried to change the rules.
    case afterMeddling
    /// Any program, after a consumer has tried to empty the gateway's scripts.
    case afterRewriting
    /// Docker's resolver, which was asked by a program.
    case dockersResolver
    /// The gateway itself, which looks its Endpoint up.
    case endpointLookup
    /// A program outside of the tunnel's network.
    case stray
  }

  package init(
    isIPv4: Bool, destination: IPAddress?, transport: IPProtocol?, port: UInt16?, wasTunnelUp: Bool,
    wasGatewayStarted: Bool, leftBeforeTunnel: Bool, sender: Sender
  ) {
    self.isIPv4 = isIPv4
    self.destination = destination
    self.transport = transport
    self.port = port
    self.wasTunnelUp = wasTunnelUp
    self.wasGatewayStarted = wasGatewayStarted
    self.leftBeforeTunnel = leftBeforeTunnel
    self.sender = sender
  }
}
