import Policy
public import Wire

/// Notes facts on the wire besides the verdicts (CONTRACT 5, notices).
extension Auditor {
  /// Whether a packet may lead to a notice. This runs for every packet that the classifier sees.
  @inline(__always)
  func isTelling(_ packet: DecodedPacket) -> Bool {
    packet.network != .ip || packet.sourcePort == 53 || packet.destinationPort == 68
  }

  /// Looks at ARP, at DHCP's answers, and at DNS answers to the host.
  mutating func noteFact(_ seen: borrowing Sighting) {
    if seen.packet.network == .linkLayer {
      if let arp = ARPPacket(seen.frame) { note(arp, seen) }
      return
    }
    guard seen.packet.network == .ip, seen.packet.hasPorts else { return }
    if seen.packet.sourcePort == 53, notes.hostLookups.awaitsAnswers, seen.role == .nic {
      notes.hostLookups.answer(seen)
    }
    if seen.packet.destinationPort == 68 { noteRoutes(seen) }
  }

  private mutating func note(_ arp: ARPPacket, _ seen: borrowing Sighting) {
    let direction = direction(of: arp, seen)
    if direction == .ingress { return }
    if classifier.addresses.find(arp.sender)?.meaning.contains(.tunnelAddress) == true {
      note(.tunnelARP(address: arp.sender, operation: arp.operation), seen)
    }
    guard arp.operation == .request, !arp.isProbeOrAnnouncement, AddressScope(arp.target) == .public,
      !classifier.local.contains(arp.target), isForeign(arp, direction)
    else { return }
    note(.publicARP(asker: arp.sender, target: arp.target), seen)
  }

  /// Rules 1 to 3 of CONTRACT 1, for a packet without an IP header; nil if none of them decides.
  private func direction(of arp: ARPPacket, _ seen: borrowing Sighting) -> Classifier.Direction? {
    var steps = NoSteps()
    if let way = classifier.certainWay(seen, &steps), !classifier.auditedOnly { return way.direction }
    guard classifier.hasAudited else { return nil }
    if classifier.audited.contains(arp.sender) || classifier.statedMACs.contains(arp.senderMAC) { return .egress }
    return classifier.auditedOnly ? .ingress : nil
  }

  /// Whether an ARP request asks for an address off its link, which may have public addresses itself.
  ///
  /// ARP does not say how far such a link reaches, and the interface's own prefix is no proof: a hostile network hands
  /// that out (TunnelCrack's LocalNet). A public address in the asker's own /24 is taken for a neighbour; what is then
  /// sent there is a leak all the same. If the direction is not known, only askers with a private address count: a
  /// provider's segment is full of ARP among public ones.
  private func isForeign(_ arp: ARPPacket, _ direction: Classifier.Direction?) -> Bool {
    if AddressScope(arp.sender).isPrivate { return true }
    return direction == .egress && !IPPrefix(arp.sender, length: 24).contains(arp.target)
  }

  private mutating func noteRoutes(_ seen: borrowing Sighting) {
    guard seen.packet.sourcePort == 67, seen.packet.protocolNumber == .udp, seen.packet.transport == .header,
      seen.packet.fragment == .whole, classifier.recordedDirection(of: seen) != .egress,
      let message = DHCPMessage(seen.payload), message.isReply,
      message.kind == .offer || message.kind == .acknowledgement
    else { return }
    let routes = message.winningRoutes
    guard !routes.isEmpty || message.hasUnreadRoutes else { return }
    var text = routes.prefix(4).map { "\($0.destination) via \($0.router)" }.joined(separator: ", ")
    if routes.count > 4 { text += " and \(routes.count - 4) more" }
    if message.hasUnreadRoutes { text += (text.isEmpty ? "" : " and ") + "some that could not be read" }
    note(
      .routes(server: "\(message.server ?? seen.packet.source)", text: text), seen)
  }

  /// Checks whether a leak is a lookup by the host, or uses the answer to one (`HostLookups`).
  mutating func noteFact(of leak: Leak, _ seen: borrowing Sighting) {
    switch (seen.role, leak.key.reason) {
    case (.nic, .dns):
      guard leak.key.origin.isHost, seen.packet.protocolNumber == .udp, let flow = FlowKey(seen.packet),
        let message = DNSQuestions(seen.packet, seen.frame),
        !message.list.contains(where: { leaks.circumstances.isEndpointName($0.name) })
      else { return }
      notes.hostLookups.ask(message, flow, bridgeActivity: bridgeActivity, at: seen.moment)
    case (.bridge, _):
      guard seen.packet.network == .ip, let answer = notes.hostLookups.use(of: seen.packet.destination, at: seen.moment)
      else {
        return
      }
      if notes.facts.isPassedOn(answer.name) { return }
      let user =
        if case .containers = leak.key.origin { leak.key.origin.name ?? "" } else {
          "the container \(seen.packet.source)"
        }
      note(
        .hostLookup(name: answer.name, address: answer.address, user: user), on: answer.interface,
        at: seen.moment)
    default: break
    }
  }

  /// Notes a packet that goes out with an address that is not one of those known for its interface. Returns the fact's
  /// position.
  mutating func noteForeign(_ seen: borrowing Sighting) -> Int {
    note(
      .foreignSource(source: seen.packet.source, sender: seen.link?.source, owner: nil), seen)
    return notes.facts.latest
  }

  /// Notes a packet that one container sent with another's address.
  mutating func noteVictim(_ seen: borrowing Sighting) {
    guard let owner = origins.directory.victim(seen) else { return }
    note(
      .foreignSource(
        source: seen.packet.source, sender: seen.link?.source, owner: owner.joined(separator: "+")), seen)
  }

  mutating func note(_ fact: WireFact, _ seen: borrowing Sighting) { note(fact, on: seen.interface, at: seen.moment) }

  mutating func note(_ fact: WireFact, on interface: Int, at moment: Timestamp) {
    let name = interfaces[interface].name
    guard notes.facts.note(fact, on: name, at: moment) else { return }
    note(.init(.notice, fact.headline(on: name), at: moment))
  }

  /// The time of the latest packet on a bridge, known flows included.
  private var bridgeActivity: Timestamp? {
    var latest: Timestamp?
    func extend(_ moment: Timestamp?) {
      if let moment, latest.map({ moment > $0 }) ?? true { latest = moment }
    }
    for interface in interfaces where interface.role == .bridge { extend(interface.time?.last) }
    if flows.bridgeTime > .distantPast { extend(flows.bridgeTime) }
    return latest
  }

  /// Notes that a container starts: what its start-up has to look up is judged apart (CONTRACT 2).
  public mutating func beginStart(at moment: Timestamp) { leaks.circumstances.beginStart(at: moment) }

  /// Takes the notices about frames that came since the last call, for a watch.
  public mutating func takeNotices() -> [AuditSummary.Notice] {
    notes.facts.takeFresh().map { entry in
      .init(
        entry.fact.kind, "\(entry.fact.headline(on: entry.interface)). \(entry.fact.explanation)", count: 1,
        first: entry.first, names: entry.fact.names)
    }
  }
}
