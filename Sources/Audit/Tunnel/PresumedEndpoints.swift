import Policy
public import Wire

/// Presumes that the tunnel goes to a candidate if somebody answers there, although nothing proves it (CONTRACT 5,
/// where an Endpoint comes from). If the tunnel was up before the audit, only its data is seen. Or the gateway's list
/// does not name the server, and may be older than the image's own.
///
/// What was sent to a presumed candidate counts as the tunnel's, and the audit is incomplete. A sender has one tunnel
/// at a time: what answers beside one of its Endpoints, or beside an earlier presumed one, is a leak.
extension Auditor {
  /// The positions of the presumed candidates: listed servers first, then the first seen.
  var presumed: [Int] {
    let list = classifier.candidates.list
    let answering = list.indices.filter { !list[$0].isSettled && list[$0].tally.heardTime != nil }
    guard !answering.isEmpty else { return [] }
    var taken: [(position: Int, time: Span)] = []
    for position in answering.sorted(by: { precedes(list[$0], list[$1]) }) {
      guard let time = list[position].tally.timeInUse, !isBesideEndpoint(list[position], time) else { continue }
      let isSecond = taken.contains { other in
        other.time.overlaps(time) && list[other.position].senders.contains(where: list[position].senders.contains)
      }
      if !isSecond { taken.append((position, time)) }
    }
    return taken.map(\.position)
  }

  /// Orders candidates: a server of the gateway's list comes first, then the first seen.
  private func precedes(_ one: EndpointCandidates.Candidate, _ other: EndpointCandidates.Candidate) -> Bool {
    let isListed = (classifier.lists.names(one.endpoint), classifier.lists.names(other.endpoint))
    return isListed.0 == isListed.1 ? one.frame < other.frame : isListed.0
  }

  /// Whether an Endpoint of one of its senders answered at the same time.
  private func isBesideEndpoint(_ candidate: EndpointCandidates.Candidate, _ time: Span) -> Bool {
    candidate.senders.contains { sender in
      guard let endpoint = classifier.candidates.current(of: sender) else { return false }
      return classifier.tunnels[Int(endpoint)].tally.timeInUse?.overlaps(time) == true
    }
  }

  /// Whether packets to a leak's candidate are still leaks: nothing has proven it since, and it is not presumed either.
  /// `presumed`: `presumedCandidates`, for callers that ask about many.
  public func isUnproven(candidate id: Int, presumed: Set<Int>? = nil) -> Bool {
    if id >= JunkRuns.firstID { return !junk.isExplained(id) }
    return classifier.candidates.isUnproven(id) && !(presumed ?? presumedCandidates).contains(id)
  }

  public var presumedCandidates: Set<Int> { Set(presumed.map { classifier.candidates.list[$0].id }) }

  /// Where the tunnel turned out to go: the policy's Endpoints, those found since, and the presumed ones.
  public var apparentEndpoints: [Endpoint] {
    policy.endpoints.map(\.value.endpoint) + presumed.map { classifier.candidates.list[$0].endpoint }
  }

  /// Why the audit is incomplete for presumed Endpoints, with the option that fixes it.
  func doubts(of presumed: [EndpointCandidates.Candidate]) -> [Gap] {
    presumed.map { candidate in
      let words = presumed.count == 1 ? "it is probably yours: then" : "if it is yours,"
      return Gap(
        reason(for: candidate), .unheard, do: "\(words) state --endpoint \(candidate.endpoint)")
    }
  }

  private func reason(for candidate: EndpointCandidates.Candidate) -> String {
    let (endpoint, frame) = (candidate.endpoint, candidate.frame)
    let list = policy.endpointLists.first.map { "\($0.value.name) (\($0.origin))" } ?? "the list"
    if candidate.tally.firstHandshake == nil {
      let place = classifier.lists.names(endpoint) ? ", a server of \(list)," : ""
      return
        "WireGuard's data goes to \(endpoint)\(place) and comes back, from frame \(frame) on, but no handshake was seen that "
        + "shows where your tunnel goes"
    }
    if candidate.provenAt != nil {
      return
        "the handshake with \(endpoint) (frame \(frame)) was answered beside another Endpoint's, so it is not known whether your "
        + "tunnel went there instead"
    }
    if classifier.lists.hasLists {
      let contradiction =
        classifier.lists.names(endpoint)
        ? "but it was for another key than \(list) has"
        : "but \(list) does not have that server among those to choose from"
      return
        "the handshake with \(endpoint) (frame \(frame)) was answered, \(contradiction): the list may be older than the "
        + "image's own, or the tunnel someone else's"
    }
    return
      "the handshake with \(endpoint) (frame \(frame)) was answered, but too little of it was captured to check its key"
      + "for"
  }
}

extension EndpointCandidates.Candidate {
  /// Its tally, with what its session shows.
  var ownTally: TunnelTally {
    var tally = tally
    tally.isUp = session.isUp
    return tally
  }
}

extension TunnelTally {
  /// When packets went both ways: a server that the tunnel left may go on sending for a while.
  var timeInUse: Span? {
    guard let sentTime, let receivedTime else { return nil }
    var span = Span(max(sentTime.first, receivedTime.first))
    span.extend(to: min(sentTime.last, receivedTime.last))
    return span
  }
}

extension Span {
  func overlaps(_ other: Span) -> Bool { first <= other.last && other.first <= last }

  /// How long both overlap; zero if they do not.
  func overlap(with other: Span) -> Elapsed {
    overlaps(other) ? min(last, other.last) - max(first, other.first) : .zero
  }
}
