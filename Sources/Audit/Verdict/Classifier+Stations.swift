import Policy
import Wire

/// The direction of a packet by the stations on its link (CONTRACT 1, direction rule 2), and what a packet shows about
/// the station that sent it.
extension Classifier {
  /// Rule 2, without learning from the frame.
  func stationWay<Steps: StepRecorder>(_ link: LinkAddresses?, leavesPremises: Bool, _ steps: inout Steps) -> Way? {
    guard let link else { return nil }
    if !statedMACs.isEmpty {
      if steps.ask(.statedSource, statedMACs.contains(link.source)) { return Way(.egress, .statedSource) }
      if let to = link.destination, steps.ask(.statedDestination, statedMACs.contains(to)) {
        return Way(.ingress, .statedDestination)
      }
    }
    if steps.ask(.recognisedSource, stations.isAudited(at: link.from)) { return Way(.egress, .recognisedSource) }
    if steps.ask(.recognisedDestination, stations.isAudited(at: link.to) && !leavesPremises) {
      return Way(.ingress, .recognisedDestination)
    }
    return nil
  }

  /// Rule 2: by stations, learning from the frame what it shows about its sender.
  mutating func linkWay<Steps: StepRecorder>(
    _ seen: borrowing Sighting, _ pair: inout LinkAddresses?,
    source: SpecialAddresses.Entry?, destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Way? {
    guard let link = pair else { return nil }
    let interface = seen.interface
    // Most frames come from stations that are already known.
    if statedMACs.isEmpty, stations.isAudited(at: link.from) {
      if let hop = link.destination, !stations.isNextHop(at: link.to), isPublicUnicast(seen.packet.destination) {
        stations.noteNextHop(hop, interface)
      }
      return stationWay(link, leavesPremises: false, &steps)
    }
    return learn(seen, &pair, source: source, destination: destination, &steps)
  }

  /// Rule 2; learns what the frame shows about its sender.
  @inline(never)
  private mutating func learn<Steps: StepRecorder>(
    _ seen: borrowing Sighting, _ pair: inout LinkAddresses?,
    source: SpecialAddresses.Entry?, destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Way? {
    guard let link = pair else { return nil }
    let interface = seen.interface
    if !statedMACs.isEmpty, !hasStatedStation(interface) {
      if statedMACs.contains(link.source) || link.destination.map(statedMACs.contains) == true {
        noteStatedStation(interface)
      }
    }
    noteBegin(seen.moment, interface)
    if !stations.isAudited(at: link.from), !hasStatedStation(interface), mayShowAuditedSide(seen, link),
      showsAuditedSide(seen, source: source, destination: destination)
    {
      if stations.recognise(link.source, interface) {
        pair = stations.resolve(link, interface)
      } else {
        stations.noteContradiction(from: link.from, to: link.to)
      }
    }
    let way = stationWay(pair, leavesPremises: leavesPremises(seen.packet, source: source), &steps)
    if way?.step == .recognisedSource || stations.isProven(at: link.from), let hop = link.destination,
      isPublicUnicast(seen.packet.destination)
    {
      stations.noteNextHop(hop, interface)
    }
    return way
  }

  /// Whether a packet leaves the premises. Such a packet is ingress for nobody, even if somebody has made the
  /// destination look like an audited station.
  func leavesPremises(_ packet: DecodedPacket, source: SpecialAddresses.Entry?) -> Bool {
    AddressScope(packet.source) == .private && source?.meaning.contains(.endpoint) != true
      && isPublicUnicast(packet.destination)
  }

  /// Under `--audited-only` a neighbour that browses is no part of the audited side, whatever it sends.
  private func mayShowAuditedSide(_ seen: borrowing Sighting, _ link: LinkAddresses) -> Bool {
    !auditedOnly || audited.contains(seen.packet.source) || isProven(link)
  }

  /// Whether a packet shows that the station that sent it is on the audited side: it opens a flow from private space to
  /// a public address, or is a tunnel message to a stated Endpoint.
  private mutating func showsAuditedSide(
    _ seen: borrowing Sighting, source: SpecialAddresses.Entry?,
    destination: SpecialAddresses.Entry?
  ) -> Bool {
    guard seen.packet.fragment != .later else { return false }
    if let destination, destination.meaning.contains(.endpoint),
      let port = addresses.portOfDestination(seen.packet, at: destination), port.position < statedEndpoints,
      case .some(.some) = tunnelKind(seen, port)
    {
      return true
    }
    guard AddressScope(seen.packet.source) == .private, source?.meaning.contains(.endpoint) != true,
      isPublicUnicast(seen.packet.destination),
      opensFlow(seen.packet, isEarly: isEarly(seen.moment, seen.interface)), let flow = FlowKey(seen.packet)
    else { return false }
    return !incoming.contains(flow.reversed)
  }

  /// Whether a packet looks like the beginning of a conversation, and not like an answer to an unseen question. Early
  /// in a capture an answer's question may have been missed, and a service on the premises may answer a public address.
  /// Later, questions have been seen.
  private func opensFlow(_ packet: DecodedPacket, isEarly: Bool) -> Bool {
    switch packet.protocolNumber {
    case .tcp:
      guard packet.transport == .header else { return false }
      // SYN without ACK opens (RFC 9293 section 3.5); RST answers.
      if packet.flagsOrType & 0x12 == 0x02 { return true }
      return packet.flagsOrType & 0x06 == 0 && !(isEarly && isFromService(packet))
    case .udp, .udpLite, .sctp, .dccp: return packet.hasPorts && !(isEarly && isFromService(packet))
    case .icmp: return packet.transport == .header && packet.flagsOrType == 8
    case .icmpv6: return packet.transport == .header && packet.flagsOrType == 128
    default: return packet.transport != .unknownProtocol
    }
  }

  /// System ports (RFC 6335 section 6) belong to services, not to their clients.
  private func isFromService(_ packet: DecodedPacket) -> Bool {
    packet.sourcePort < 1024
      && (packet.destinationPort >= 1024 || packet.sourcePort == 67 && packet.destinationPort == 68)
  }
}
