import Policy
import Wire

/// Endpoints that are found out on the way (semantics 5, where an Endpoint comes from).
extension Auditor {
  /// Takes over endpoints given by name whose address the packet tells.
  mutating func learn(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ decision: Classifier.Decision, at place: Place
  ) {
    let directory = directory
    let audited = classifier.audited
    // Where the gateway is known, only what it asks itself says where its tunnel goes.
    if place.role == .bridge, packet.destinationPort == 53,
      classifier.gatewaySends(packet.source, LinkAddresses(frame)?.source) == false
    {
      return
    }
    let learned = learner.learn(
      packet, frame, decision, interface: place.interface,
      isAudited: { audited.contains($0) || directory.names[$0] != nil }, frameNumber: frames,
      known: policy.endpoints.count)
    let new = learned.filter { candidate in
      !policy.endpoints.contains { $0.value.name == candidate.value.name }
    }
    guard !new.isEmpty else { return }
    add(new, tallies: new.map { _ in TunnelTally() }, sessions: [])
  }

  mutating func add(_ new: [Stated<TunnelEndpoint>], tallies: [TunnelTally], sessions: [TunnelSession]) {
    policy.endpoints += new
    tunnels += tallies
    classifier.replaceEndpoints(policy, newSessions: sessions)
    forgetFlows()
  }
}
