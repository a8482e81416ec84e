import PolicyFiles
import Wire

/// Packets that a finding says get out, in one state of the stack.
struct LetOut: Sendable {
  /// Nil while scripts still run.
  var moment: StateOpenings.Moment?
  var family: IPFamily
  var region: HeaderRegion

  /// Whether such packets are among these, as far as is known of them.
  func contains(_ packet: LeakedPacket) -> Bool {
    guard packet.isIPv4 == (family == .ipv4) else { return false }
    switch moment {
    case .up: break
    case nil: guard packet.wasGatewayStarted else { return false }
    case .afterScripts, .served, .down: guard !packet.wasTunnelUp else { return false }
    }
    return region.boxes.contains { box in
      if let destination = packet.destination, !box.destination.contains(destination.number) { return false }
      guard let transport = packet.transport?.rawValue else { return true }
      guard box.protocols.contains(transport) else { return false }
      guard let port = packet.port, ProtocolSet.withPorts.contains(transport) else { return true }
      return box.destinationPort.contains(port)
    }
  }
}

extension StateOpenings {
  /// What gets out in these states, in each family or in one, of each kind or of one.
  func letOut(
    _ moments: [Moment] = Moment.allCases, _ families: [IPFamily] = IPFamily.allCases, _ kind: LeakSpace.Kind? = nil
  ) -> [LetOut] {
    moments.flatMap { moment in
      families.flatMap { family in
        (self[moment, family]?.found ?? []).filter { kind == nil || $0.kind == kind }
          .map { LetOut(moment: moment, family: family, region: $0.possible) }
      }
    }
  }
}
