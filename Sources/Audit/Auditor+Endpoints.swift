import Policy
import Wire

/// Endpoints that are found out on the way (semantics 5, where an Endpoint comes from).
extension Auditor {
  /// Takes over endpoints given by name whose address the packet tells.
  mutating func learnEndpoint(_ seen: borrowing Sighting, _ decision: Classifier.Decision) {
    let directory = directory
    let audited = classifier.audited
    // Where the gateway is known, only what it asks itself says where its tunnel goes.
    if seen.role == .bridge, seen.packet.destinationPort == 53,
      classifier.gatewaySends(seen.packet.source, seen.link?.source) == false
    {
      return
    }
    let learned = learner.learn(
      seen, decision,
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
