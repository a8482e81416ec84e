import Policy
import Wire

/// Learns Endpoints during the audit (CONTRACT 5, where an Endpoint comes from).
extension Auditor {
  /// Adds endpoints given by name whose address the packet shows.
  mutating func learnEndpoint(_ seen: borrowing Sighting, _ decision: Classifier.Decision) {
    let directory = origins.directory
    let audited = classifier.audited
    // Where the gateway is known, only its own questions show where its tunnel goes.
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
    add(new, new.map { Tunnel($0.value) })
  }

  mutating func add(_ new: [Stated<TunnelEndpoint>], _ tunnels: [Tunnel]) {
    policy.endpoints += new
    classifier.add(tunnels, of: policy)
    forgetFlows()
  }
}
