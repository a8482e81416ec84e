import Policy
import Wire

/// What becomes of candidates for an Endpoint: one that is proven is an endpoint from then on, and what was sent to an
/// evicted one stays a leak.
extension Auditor {
  /// Lets a candidate that was proven while another endpoint still answered take its place once that one is silent.
  /// True if it has taken it. `moment`: nil at the end of the audit.
  mutating func settleContested(_ position: Int, at moment: Timestamp?) -> Bool {
    let candidate = classifier.candidates[position]
    guard let provenAt = candidate.provenAt else { return false }
    if let moment, moment - provenAt <= EndpointCandidates.silence { return false }
    let isSilent = candidate.senders.allSatisfy { sender in
      guard let current = classifier.candidates.current(of: sender) else { return true }
      return classifier.tunnels[Int(current)].session.heard.map { $0 <= provenAt } ?? true
    }
    if isSilent { prove(position, at: provenAt) }
    return isSilent
  }

  /// Settles what only the end of the audit can decide.
  public mutating func conclude() {
    settle()
    for position in classifier.candidates.list.indices where !classifier.candidates[position].isSettled {
      _ = settleContested(position, at: nil)
    }
  }

  /// Makes a candidate an endpoint: everything that was sent to it counts as the tunnel's.
  mutating func prove(
    _ position: Int, from listed: (server: EndpointList.Server, list: Int)? = nil, at moment: Timestamp
  ) {
    guard policy.endpoints.count < EndpointLearner.maximumEndpoints else { return }
    noteChange(to: classifier.candidates[position], at: moment)
    let candidate = classifier.candidates.settle(position, as: Int16(truncatingIfNeeded: policy.endpoints.count))
    var endpoint = TunnelEndpoint(candidate.endpoint, publicKey: candidate.publicKey, source: .inferred)
    var origin = "inferred from the handshake in frame \(candidate.frame)"
    if let listed {
      let list = policy.endpointLists[listed.list]
      endpoint.publicKey = listed.server.publicKey
      endpoint.source = .listed
      origin = "\(list.value.name), \(list.origin), and the handshake in frame \(frames)"
    }
    let tally = candidate.ownTally
    add([Stated(endpoint, origin: origin)], [Tunnel(endpoint, candidate.session, tally)])
    if let handshake = tally.firstHandshake {
      note(.init(.tunnel, "handshake with \(candidate.endpoint)", at: handshake))
      leaks.circumstances.endStart()
    }
    for pending in candidate.pending {
      interfaces[pending.interface].add(.tunnel, pending.finding.count, over: pending.time)
    }
    ledger.traffic = ledger.traffic + candidate.traffic.moved(from: .leak, to: .tunnel)
  }

  /// Notes that a sender's tunnel goes elsewhere from now on.
  private mutating func noteChange(to candidate: EndpointCandidates.Candidate, at moment: Timestamp) {
    guard let former = candidate.senders.compactMap({ classifier.candidates.current(of: $0) }).first else { return }
    noteChange(from: Int(former), to: candidate.endpoint, at: moment)
  }

  mutating func noteChange(from former: Int, to endpoint: Endpoint, at moment: Timestamp) {
    let former = policy.endpoints[former].value.endpoint
    // Bridge and NIC both show the same change.
    guard classifier.candidates.isNews(former, endpoint) else { return }
    note(.init(.tunnel, "the tunnel's server changed from \(former) to \(endpoint)", at: moment))
  }

  /// Notes an answered handshake at an endpoint that was found earlier: the sender's tunnel may have gone elsewhere in
  /// between.
  mutating func noteReturn(to endpoint: Int, of sender: EndpointCandidates.Sender, at moment: Timestamp) {
    guard policy.endpoints[endpoint].value.source != .stated, let former = classifier.candidates.current(of: sender),
      former != endpoint
    else { return }
    classifier.candidates.setCurrent(Int16(truncatingIfNeeded: endpoint), of: sender)
    noteChange(from: Int(former), to: policy.endpoints[endpoint].value.endpoint, at: moment)
  }

  /// Adds what evicted candidates had counted to the totals, as it is without a proof.
  mutating func takeEvicted() {
    for candidate in classifier.candidates.evicted {
      for pending in candidate.pending {
        interfaces[pending.interface].add(.leak, pending.finding.count, over: pending.time)
        leaks.findings.merge(pending.finding)
      }
      leaks.windows = leaks.windows + candidate.windows
      ledger.traffic = ledger.traffic + candidate.traffic
      ledger.unansweredElsewhere = ledger.unansweredElsewhere + candidate.initiations.sent
    }
    classifier.candidates.evicted.removeAll(keepingCapacity: true)
  }
}
