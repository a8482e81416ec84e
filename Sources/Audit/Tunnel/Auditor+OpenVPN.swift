import Policy
import Wire

/// Follows OpenVPN's Endpoints: the gateway chooses them, and only address, port and protocol identify them.
extension Auditor {
  /// Makes the packet's destination the gateway's endpoint, from this packet on.
  mutating func chooseOpenVPN(_ seen: borrowing Sighting) {
    guard policy.endpoints.count < EndpointLearner.maximumEndpoints,
      let transport = TunnelEndpoint.Transport(seen.packet.protocolNumber)
    else { return }
    let endpoint = Endpoint(address: seen.packet.destination, port: seen.packet.destinationPort)
    let sender = EndpointCandidates.Sender(interface: seen.interface, address: seen.packet.source)
    noteOpenVPNChange(of: sender, to: endpoint, at: seen.moment)
    let list = classifier.lists.openVPNList(of: endpoint, over: transport).map { policy.endpointLists[$0] }
    let origin =
      list.map { "\($0.value.name), \($0.origin), and what went there from frame \(frames) on" }
      ?? "inferred from the OpenVPN session in frame \(frames)"
    let position = policy.endpoints.count
    let chosen = TunnelEndpoint(endpoint, over: transport, shape: .openVPN, source: list == nil ? .inferred : .listed)
    add([Stated(chosen, origin: origin)], [Tunnel(chosen)])
    classifier.candidates.choose(Int16(truncatingIfNeeded: position), for: sender)
  }

  private mutating func noteOpenVPNChange(
    of sender: EndpointCandidates.Sender, to endpoint: Endpoint, at moment: Timestamp
  ) {
    guard let former = classifier.candidates.current(of: sender) else { return }
    noteChange(from: Int(former), to: endpoint, at: moment)
  }

  /// Why the audit is incomplete for OpenVPN servers that nobody stated, with the option that fixes it.
  var openVPNDoubts: [Gap] {
    var gaps: [Gap] = []
    let chosen = zip(policy.endpoints, classifier.tunnels.map(\.tally)).filter {
      $0.value.shape == .openVPN && $0.value.source != .stated && $1.sent.frames > 0
    }
    for (stated, tally) in chosen {
      let name = stated.value.name
      if stated.value.source == .inferred {
        let list =
          policy.endpointLists.first.map { "\($0.value.name) (\($0.origin)) does not name it" } ?? "no list names it"
        gaps.append(
          Gap(
            "an OpenVPN session was begun with \(name) (\(stated.origin)), and \(list): the list may be older than the image's "
              + "own, or the tunnel someone else's", .unheard,
            do: "it is probably yours: then state --endpoint \(name)"))
      } else if !tally.openVPN.isOpenVPN {
        gaps.append(
          Gap(
            "what went to \(name), a server of \(stated.origin), does not look like OpenVPN", .unheard,
            do: "if it is your tunnel, state it with --endpoint \(name)"))
      }
    }
    // Of several servers that answered at once only one can have been the gateway's.
    for (index, one) in chosen.enumerated() {
      for other in chosen[(index + 1)...] {
        guard let first = one.1.timeInUse, let second = other.1.timeInUse,
          first.overlap(with: second) > EndpointCandidates.silence
        else { continue }
        gaps.append(
          Gap(
            "OpenVPN went to \(one.0.value.name) and to \(other.0.value.name) at the same time, and a gateway has one tunnel",
            .unheard,
            do: "state yours with --endpoint"))
      }
    }
    return gaps
  }
}
