import Policy
import Wire

/// Decides which messages go to a candidate for an Endpoint (`EndpointCandidates`).
extension Classifier {
  /// Step 2, without a policy: a message like WireGuard's to an endpoint that nothing proves yet. Nil for any other
  /// packet.
  mutating func candidateDecision<Steps: StepRecorder>(
    _ seen: borrowing Sighting, source: SpecialAddresses.Entry?,
    destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Decision? {
    if let decision = openVPNDecision(seen, source: source, destination: destination, &steps) {
      return decision
    }
    guard infersWireGuard, seen.packet.protocolNumber == .udp, seen.packet.hasPorts,
      source?.meaning.contains(.tunnelAddress) != true,
      case .some(let kind?) = tunnelKind(seen, .wireGuard)
    else { return nil }
    switch AddressScope(seen.packet.destination) {
    case .public, .private, .linkLocal: break
    default: return nil
    }
    if let destination, destination.meaning.contains(.endpoint),
      addresses.portOfDestination(seen.packet, at: destination) != nil
    {
      return nil
    }
    let endpoint = Endpoint(address: seen.packet.destination, port: seen.packet.destinationPort)
    // Where the gateway is known, only its own handshakes show where its tunnel goes.
    if isStray(seen) {
      candidates.noteStray(endpoint)
      return nil
    }
    if seen.role == .nic, candidates.isStray(endpoint) { return nil }
    let message = seen.payload
    guard message.byteCount >= 12 || kind == .initiation else { return nil }
    if kind == .initiation, lists.demandsKeys, case .foreign = lists.identity(of: endpoint, message) { return nil }
    switch kind {
    case .initiation, .data, .keepalive: break
    case .response where candidates.isAsked(endpoint, index: message.uint32(at: 8)): break
    default: return nil
    }
    _ = steps.ask(.candidate, true)
    let sender = EndpointCandidates.Sender(interface: seen.interface, address: seen.packet.source)
    let position = candidates.keep(endpoint, from: sender)
    candidates.noteSender(sender, seen.link, of: position)
    let isContested = isAnswered(sender, at: seen.moment)
    var decision: Decision
    if kind == .initiation, !steps.ask(.contestedCandidate, isContested) {
      decision = Decision(.tunnel(.initiation), .contestedCandidate)
    } else {
      decision = decide(seen, source: source, destination: destination, &steps)
      guard case .leak = decision.verdict else { return decision }
    }
    decision.candidate = Int16(truncatingIfNeeded: position)
    return decision
  }

  /// Whether the packet's address and MAC address show that the gateway did not send it. On a NIC neither shows that.
  func isStray(_ seen: borrowing Sighting) -> Bool {
    switch seen.role {
    case .bridge: return gatewaySends(seen.packet.source, seen.link?.source) == false
    case .nic: return false
    case nil:
      guard !gatewayNames.isEmpty, let owners = allowRules.directory.names[seen.packet.source] else { return false }
      return !owners.contains(where: gatewayNames.contains)
    }
  }

  /// Whether the sender's tunnel already goes to an endpoint that still answers.
  func isAnswered(_ sender: EndpointCandidates.Sender, at moment: Timestamp) -> Bool {
    guard let endpoint = candidates.current(of: sender), let heard = tunnels[Int(endpoint)].session.heard else {
      return false
    }
    return (moment - heard).isWithin(TunnelTally.rejectAfterTime)
  }
}
