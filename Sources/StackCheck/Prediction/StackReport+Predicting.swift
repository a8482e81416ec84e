import Policy

extension StackReport {
  /// Which of the findings predict these packets, as positions in `findings`. Several may: each of them alone lets them
  /// out.
  package func predicting(_ packet: LeakedPacket) -> [Int] {
    findings.indices.filter { findings[$0].predicts(packet) }
  }
}

extension StackFinding {
  /// Whether such packets get out because of this, as far as is known of them.
  ///
  /// What rules let out was worked out packet by packet (`LetOut`). The other faults let out what their sender sends, or
  /// whatever is sent at their time.
  fileprivate func predicts(_ packet: LeakedPacket) -> Bool {
    if letsOut.contains(where: { $0.contains(packet) }) {
      // Another program's rules are not a stray's.
      if case .stray = packet.sender { return false }
      return true
    }
    return switch (fault, packet.sender) {
    case (.consumerNetAdmin, .forger), (.consumerNetAdmin, .afterMeddling), (.consumerNetRaw, .forger): true
    case (.gatewayFilesWritable, .afterRewriting): severity > .info
    case (.dockerResolverOpen, .dockersResolver), (.dnsMissing, .dockersResolver), (.resolverOutside, .dockersResolver):
      true
    case (.endpointName, .endpointLookup), (.dockerResolverOpen, .endpointLookup): true
    case (.outsideKillSwitch, .stray), (.hostNetwork, .stray): severity > .info
    case (.healthCheckChangesRules, _): !packet.wasTunnelUp
    // What leaves in the first moments, before the first rule.
    case (.startsBeforeTunnel, _), (.restartRace, _): packet.leftBeforeTunnel
    default: false
    }
  }
}
