import Policy
import Wire

/// Gathers the facts for a decision's reasons, while the frame is there and before anything is learned from it.
extension Auditor {
  func reasons(_ seen: borrowing Sighting, _ decision: Classifier.Decision) -> StepReasons {
    let recorded = seen.frame.recordDirection == .unknown ? seen.packet.linkDirection : seen.frame.recordDirection
    var reasons = StepReasons(
      packet: seen.packet, interface: interfaces[seen.interface].name, role: seen.role, recorded: recorded,
      link: seen.link, policy: policy, decision: decision)
    reasons.known = known(seen)
    if seen.packet.network == .ip {
      reasons.payload = payload(seen, decision)
    } else if let header = try? LinkHeader(seen.frame), case .etherType(let type)? = try? header.next().0 {
      reasons.payload.etherType = type
    }
    return reasons
  }

  private func payload(_ seen: borrowing Sighting, _ decision: Classifier.Decision) -> StepReasons.Payload {
    var payload = StepReasons.Payload()
    let bytes = seen.payload
    payload.captured = bytes.byteCount
    payload.start = (0..<min(4, bytes.byteCount)).map { bytes.uint8(at: $0) }
    // The Endpoint's own parameters define its messages.
    if let entry = classifier.addresses.find(seen.packet.destination), entry.meaning.contains(.endpoint),
      let port = classifier.addresses.portOfDestination(seen.packet, at: entry),
      case .some(let kind?) = classifier.tunnelKind(seen, port)
    {
      let endpoint = Int(port.position)
      payload.kind = kind
      payload.isForPeer = classifier.isForPeer(
        classifier.message(bytes, kind, endpoint: endpoint), kind, endpoint: endpoint)
    }
    if seen.packet.isICMP, seen.packet.transport == .header,
      ICMPType.isError(seen.packet.flagsOrType, seen.packet.protocolNumber)
    {
      payload.quoted = PacketDecoder.decodeQuoted(seen.packet, seen.frame.bytes)
    }
    if seen.packet.hasSourceRoute {
      let route = SourceRoute(seen.packet, seen.frame)
      payload.route = route.isReadable ? (0..<route.count).map { route[$0] } : nil
    }
    return payload
  }

  private func known(_ seen: borrowing Sighting) -> StepReasons.Known {
    var known = StepReasons.Known()
    known.hasStatedStation = classifier.hasStatedStation(seen.interface)
    if let source = seen.link?.source, let station = classifier.stations.find(source, seen.interface) {
      known.isNextHop = classifier.stations.isNextHop(at: Int32(truncatingIfNeeded: station))
    }
    guard seen.packet.network == .ip else { return known }
    known.gateway = classifier.gatewayNames
    if seen.role != .nic { known.isGateways = classifier.gatewaySends(seen.packet.source, seen.link?.source) }
    known.owners = classifier.allowRules.directory.names[seen.packet.source] ?? []
    known.leaves = classifier.leavesPremises(seen.packet, source: classifier.addresses.find(seen.packet.source))
    let sender = EndpointCandidates.Sender(interface: seen.interface, address: seen.packet.source)
    known.currentEndpoint = classifier.candidates.current(of: sender).map { policy.endpoints[Int($0)].value.endpoint }
    known.isExplained = junk.foreknown.map { $0.contains(frames) }
    known.forgets = (classifier.flows.evictions > 0, classifier.fragments.evictions > 0)
    known.failures = classifier.allowRules.failures(seen)
    return known
  }
}
