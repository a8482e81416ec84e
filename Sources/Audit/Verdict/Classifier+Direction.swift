import Policy
import Wire

/// The direction of a packet (CONTRACT 1): the first rule with an answer decides.
extension Classifier {
  enum Direction { case egress, ingress }

  /// A direction, and the question that decided it.
  struct Way {
    var direction: Direction
    var step: Step
    /// Whether the source address shows that the packet does not belong to its sender.
    var isForeign = false
    /// Whether addresses alone made the packet ingress.
    var isBelieved = false
    /// The station that sent a frame taken for ingress by its addresses, or -1.
    var doubtful = -1
    /// The station that received such a frame, or -1.
    var toward = -1

    init(_ direction: Direction, _ step: Step) {
      self.direction = direction
      self.step = step
    }

    /// Whether the direction rests on more than an address that anybody can forge.
    var isCertain: Bool {
      switch step {
      case .recordedDirection, .statedSource, .statedDestination, .recognisedSource, .recognisedDestination: true
      default: false
      }
    }
  }

  mutating func way<Steps: StepRecorder>(
    of seen: borrowing Sighting,
    source: SpecialAddresses.Entry?, destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Way {
    let sourceIsPrivate = isPrivate(seen.packet.source, source)
    var link = seen.link
    if let pair = link { link = stations.resolve(pair, seen.interface) }
    var way =
      recordedWay(seen, &steps)
      ?? linkWay(seen, &link, source: source, destination: destination, &steps)
    if hasAudited { way = auditedWay(seen, link, way, &steps) }
    let result =
      way
      ?? addressWay(seen, sourceIsPrivate: sourceIsPrivate, source: source, destination: destination, &steps)
    return note(result, seen, link, sourceIsPrivate: sourceIsPrivate)
  }

  /// Rule 1: the interface's role is known and the record has a direction. Without a role a record's
  /// direction proves nothing: a capture on `any` shows a container's leak as incoming on the bridge.
  func recordedDirection(of seen: borrowing Sighting) -> Direction? {
    guard let role = seen.role else { return nil }
    let recorded = seen.frame.recordDirection == .unknown ? seen.packet.linkDirection : seen.frame.recordDirection
    switch (role, recorded) {
    case (_, .unknown): return nil
    case (.nic, .outgoing), (.bridge, .incoming): return .egress
    case (.nic, .incoming), (.bridge, .outgoing): return .ingress
    }
  }

  private func recordedWay<Steps: StepRecorder>(_ seen: borrowing Sighting, _ steps: inout Steps) -> Way? {
    let direction = recordedDirection(of: seen)
    guard steps.ask(.recordedDirection, direction != nil), let direction else { return nil }
    return Way(direction, .recordedDirection)
  }

  func isPublicUnicast(_ address: IPAddress) -> Bool {
    AddressScope(address) == .public && !isDeclared(address)
  }

  /// Rule 3: the audited side is named. Under `--audited-only` only packets that come from it are judged.
  private mutating func auditedWay<Steps: StepRecorder>(
    _ seen: borrowing Sighting, _ link: LinkAddresses?, _ way: Way?, _ steps: inout Steps
  ) -> Way? {
    if way?.direction == .ingress { return way }
    if steps.ask(.auditedSource, audited.contains(seen.packet.source)) {
      if let link { stations.prove(link.source, seen.interface, at: link.from, settlesDoubts: auditedOnly) }
      return way ?? Way(.egress, .auditedSource)
    }
    if way == nil, steps.ask(.auditedDestination, audited.contains(seen.packet.destination)) {
      return Way(.ingress, .auditedDestination)
    }
    guard auditedOnly else { return way }
    let isKnown = way?.step == .statedSource || link.map { isProven($0) } == true
    guard steps.ask(.notAudited, way == nil || !isKnown) else { return way }
    return Way(.ingress, .notAudited)
  }

  /// Whether a station is stated to be on the audited side, or has sent from an audited prefix.
  func isProven(_ link: LinkAddresses) -> Bool {
    statedMACs.contains(link.source) || stations.isProven(at: link.from)
  }

  /// Rules 4 and 5: by addresses, which anybody can forge.
  private mutating func addressWay<Steps: StepRecorder>(
    _ seen: borrowing Sighting, sourceIsPrivate: Bool,
    source: SpecialAddresses.Entry?, destination: SpecialAddresses.Entry?, _ steps: inout Steps
  ) -> Way {
    let isFromEndpoint = source.map { endpoint(seen.packet, at: $0) >= 0 } ?? false
    if steps.ask(.endpointSource, isFromEndpoint) { return Way(.ingress, .endpointSource) }
    if steps.ask(.privateSource, sourceIsPrivate) { return Way(.egress, .privateSource) }
    if steps.ask(.groupDestination, AddressScope(seen.packet.destination).isGroup) {
      return Way(.egress, .groupDestination)
    }
    if steps.ask(.privateDestination, isPrivate(seen.packet.destination, destination)) {
      return Way(.ingress, .privateDestination)
    }
    return steps.ask(.answersFlow, answersSeenFlow(seen))
      ? Way(.ingress, .answersFlow) : Way(.egress, .answersFlow)
  }

  /// Remembers what decides later directions.
  private mutating func note(
    _ way: Way, _ seen: borrowing Sighting, _ link: LinkAddresses?,
    sourceIsPrivate: Bool
  ) -> Way {
    var way = way
    switch way.direction {
    case .egress:
      // Only flows between public addresses need to be remembered: for all others the addresses decide.
      if !sourceIsPrivate, let flow = FlowKey(seen.packet) { flows.insert(flow) }
      if way.isCertain { way.isForeign = isForeign(seen.packet, link, seen.place) }
    case .ingress:
      guard !way.isCertain else {
        if way.step == .recognisedDestination, let link {
          way.toward = Int(link.to)
          stations.addReceived(1, at: way.toward)
        }
        break
      }
      if let link { way.doubtful = stations.doubt(link.source, seen.interface, at: link.from) }
      if let link, way.step != .notAudited, way.step != .auditedDestination, let hop = link.destination {
        way.toward = stations.believe(
          to: hop, seen.interface, at: link.to, from: link.from, leaves: isPublicUnicast(seen.packet.destination))
      }
      if way.step != .notAudited {
        way.isBelieved = true
        noteBelieved(1, seen.interface)
        if link != nil, let flow = FlowKey(seen.packet) { incoming.insert(flow) }
      }
    }
    return way
  }

  /// Whether an address is on the premises: by its value, as a tunnel address, or by the policy.
  func isPrivate(_ address: IPAddress, _ entry: SpecialAddresses.Entry?) -> Bool {
    AddressScope(address).isPrivate || entry?.meaning.contains(.tunnelAddress) == true || isDeclared(address)
  }

  func isDeclared(_ address: IPAddress) -> Bool { !declared.isEmpty && declared.contains(address) }

  /// Rule 5: the packet answers a flow that went out, or is an ICMP error that quotes one.
  private mutating func answersSeenFlow(_ seen: borrowing Sighting) -> Bool {
    if seen.packet.transport == .header, seen.packet.isICMP,
      ICMPType.isError(seen.packet.flagsOrType, seen.packet.protocolNumber)
    {
      guard let quoted = PacketDecoder.decodeQuoted(seen.packet, seen.frame.bytes), let flow = FlowKey(quoted) else {
        return false
      }
      return quoted.source == seen.packet.destination && flows.contains(flow)
    }
    guard let flow = FlowKey(seen.packet) else { return false }
    return flows.contains(flow.reversed)
  }
}
