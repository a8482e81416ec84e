import Policy
import Wire

/// Endpoints that are found out on the way (semantics 5, where an Endpoint comes from).
extension Auditor {
  /// Takes over endpoints given by name whose address the packet tells.
  mutating func learn(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ decision: Classifier.Decision, at place: Place
  ) {
    let directory = directory
    let audited = classifier.audited
    // Where the gateway is known, only what it asks itself says where its tunnel goes.
    if place.role == .bridge, packet.destinationPort == 53,
      classifier.gatewaySends(packet.source, LinkAddresses(frame)?.source) == false
    {
      return
    }
    let learned = learner.learn(
      packet, frame, decision, interface: place.interface,
      isAudited: { audited.contains($0) || directory.names[$0] != nil }, frameNumber: frames,
      known: policy.endpoints.count)
    let new = learned.filter { candidate in
      !policy.endpoints.contains { $0.value.endpoint == candidate.value.endpoint }
    }
    guard !new.isEmpty else { return }
    add(new, tallies: new.map { _ in TunnelTally() }, sessions: [])
  }

  private mutating func add(_ new: [Stated<TunnelEndpoint>], tallies: [TunnelTally], sessions: [TunnelSession]) {
    policy.endpoints += new
    tunnels += tallies
    classifier.replaceEndpoints(policy, newSessions: sessions)
    forgetSteadyFlows()
  }

  // MARK: - Candidates

  /// Notes a message that goes to a candidate. True if it is an endpoint now.
  mutating func followCandidate(
    _ decision: Classifier.Decision, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, at place: Place
  ) -> Bool {
    let position = Int(decision.candidate)
    if classifier.candidates[position].frame == 0 { classifier.candidates[position].frame = frames }
    if classifier.candidates.foreknown.contains(classifier.candidates[position].endpoint) {
      prove(position)
      return true
    }
    return settleContested(position, at: frame.timestamp)
  }

  /// Counts a message for its candidate. Returns the leak that it is unless that is proven, nil for an initiation.
  mutating func countCandidate(
    _ decision: Classifier.Decision, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, at place: Place,
    length: Int
  ) -> Leak? {
    let position = Int(decision.candidate)
    let moment = frame.timestamp
    let message = packet.payload(frame)
    guard case .some(.some(let kind)) = classifier.tunnelKind(packet, frame, .wireGuard) else { return nil }
    note(kind, message, from: packet.source, to: position, at: place)
    classifier.candidates[position].tally.countSent(kind, length, at: moment)
    guard case .leak(let structure) = decision.verdict else {
      classifier.candidates[position].initiations.countSent(kind, length, at: moment)
      return nil
    }
    var leak = inspect(packet, frame, structure, at: place, length: length)
    leak.candidate = classifier.candidates[position].id
    leak.phase = classifier.candidates[position].windows.count(length, at: moment, tunnelMoment)
    classifier.candidates[position].traffic.add(.leak, at: moment)
    classifier.candidates[position].count(leak, on: place.interface, length, at: moment)
    return leak
  }

  private mutating func note(
    _ kind: TunnelKind, _ message: RawSpan, from source: IPAddress, to position: Int, at place: Place
  ) {
    guard message.byteCount >= 12 else { return }
    let first = message.uint32(at: 4).byteSwapped
    let second = message.uint32(at: 8).byteSwapped
    switch kind {
    case .initiation:
      classifier.candidates[position].session.noteInitiation(
        sender: first, isForPeer: false, from: source)
    case .response:
      // Only what answers an initiation of the other side's comes here.
      classifier.candidates[position].session.notePeerInitiation(sender: second)
      _ = classifier.candidates[position].session.noteOwnResponse(
        sender: first, receiver: second, isForPeer: false, interface: place.interface)
    case .data, .keepalive:
      classifier.candidates[position].session.noteSentData(receiver: first)
      guard message.byteCount >= 16 else { return }
      counters.note(
        interface: place.interface, receiver: first, counter: MessageCounter(message.uint64(at: 8).byteSwapped),
        messages: 1,
        sessionWasSeen: classifier.candidates[position].session.wasSeen(receiver: first, on: place.interface))
    default: break
    }
  }

  /// Looks at what comes in for the answer that proves a candidate.
  mutating func followAnswer(
    _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ decision: Classifier.Decision, interface: Int
  ) {
    guard packet.protocolNumber == .udp, packet.transport == .header, packet.fragment != .later else { return }
    let message = packet.payload(frame)
    guard message.byteCount >= 12,
      let kind = WireGuardMessage(firstWord: message.uint32(at: 0), payloadLength: Int(packet.payloadLength))
    else { return }
    let endpoint = Endpoint(address: packet.source, port: packet.sourcePort)
    if kind == .initiation { classifier.candidates.noteStranger(endpoint, index: message.uint32(at: 4)) }
    guard let position = classifier.candidates.position(of: endpoint) else { return }
    let station = decision.step == .recordedDirection ? nil : LinkAddresses(frame)?.source
    if let station, classifier.candidates[position].stations.contains(station) { return }
    let first = message.uint32(at: 4).byteSwapped
    let second = message.uint32(at: 8).byteSwapped
    var isProof = false
    switch kind {
    case .response:
      let answer = classifier.candidates[position].session.noteResponse(
        sender: first, receiver: second, interface: interface)
      isProof = answer != .unasked
      if answer == .newSession { classifier.candidates[position].tally.noteHandshake(at: frame.timestamp) }
    case .data:
      isProof = classifier.candidates[position].session.confirms(receiver: first)
      _ = classifier.candidates[position].session.noteReceivedData(receiver: first)
    case .initiation, .cookie: break
    }
    let length = max(frame.originalLength, frame.bytes.byteCount)
    classifier.candidates[position].tally.countReceived(
      isResponse: kind == .response, isHeard: isProof, length, at: frame.timestamp)
    guard isProof else { return }
    if let station { classifier.candidates.noteAnswer(of: position, from: station) }
    classifier.candidates[position].session.noteHeard(at: frame.timestamp)
    let senders = classifier.candidates[position].senders
    if senders.contains(where: { classifier.isAnswered($0, at: frame.timestamp) }) {
      classifier.candidates[position].provenAt = frame.timestamp
    } else {
      prove(position)
    }
  }

  /// Whether a packet between private addresses, which looks like egress, is a candidate's answer that came back the way that
  /// the question went: an Endpoint may be on the LAN.
  func comesBack(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ decision: Classifier.Decision) -> Bool {
    guard case .local = decision.verdict, !decision.isCertain, packet.protocolNumber == .udp, packet.hasPorts,
      let link = LinkAddresses(frame), let to = link.destination,
      let position = classifier.candidates.position(of: Endpoint(address: packet.source, port: packet.sourcePort))
    else { return false }
    let candidate = classifier.candidates[position]
    return candidate.hops.contains(link.source) && candidate.stations.contains(to)
  }

  /// A candidate that was proven while another endpoint still answered takes its place once that one is silent. True if it
  /// has taken it. `moment`: nil at the end of the audit.
  private mutating func settleContested(_ position: Int, at moment: Timestamp?) -> Bool {
    let candidate = classifier.candidates[position]
    guard let provenAt = candidate.provenAt else { return false }
    if let moment, moment - provenAt <= EndpointCandidates.silence { return false }
    let isSilent = candidate.senders.allSatisfy { sender in
      guard let current = classifier.candidates.current(of: sender) else { return true }
      return classifier.sessions[Int(current)].heard.map { $0 <= provenAt } ?? true
    }
    if isSilent { prove(position) }
    return isSilent
  }

  /// Settles at the end of the audit what only its end can tell.
  public mutating func conclude() {
    settle()
    for position in classifier.candidates.list.indices where !classifier.candidates[position].isSettled {
      _ = settleContested(position, at: nil)
    }
  }

  /// Makes a candidate an endpoint: all that was sent to it is the tunnel's.
  private mutating func prove(_ position: Int) {
    guard policy.endpoints.count < EndpointLearner.maximumEndpoints else { return }
    let candidate = classifier.candidates.settle(position, as: Int16(truncatingIfNeeded: policy.endpoints.count))
    let origin = "inferred from the handshake in frame \(candidate.frame)"
    var tally = candidate.tally
    tally.isUp = candidate.session.isUp
    add(
      [Stated(TunnelEndpoint(candidate.endpoint), origin: origin)], tallies: [tally], sessions: [candidate.session])
    if let handshake = tally.firstHandshake {
      note(.init(.tunnel, "handshake with \(candidate.endpoint)", at: handshake))
      circumstances.endStart()
    }
    for pending in candidate.pending {
      interfaces[pending.interface].add(.tunnel, pending.finding.count, over: pending.time)
    }
    traffic = traffic + candidate.traffic.moved(from: .leak, to: .tunnel)
  }

  /// Whether a leak's candidate has not been proven since.
  public func isUnproven(candidate id: Int) -> Bool {
    id >= JunkRuns.firstID ? !junk.isExplained(id) : classifier.candidates.isUnproven(id)
  }

  /// Counts what candidates that gave way had counted, as what it is without a proof.
  mutating func takeEvicted() {
    for candidate in classifier.candidates.evicted {
      for pending in candidate.pending {
        interfaces[pending.interface].add(.leak, pending.finding.count, over: pending.time)
        findings.take(pending.finding)
      }
      windows = windows + candidate.windows
      traffic = traffic + candidate.traffic
      unansweredElsewhere = unansweredElsewhere + candidate.initiations.sent
    }
    classifier.candidates.evicted.removeAll(keepingCapacity: true)
  }
}

extension EndpointCandidates.Candidate {
  var pendingFrames: Int { pending.reduce(0) { $0 + $1.finding.count.frames } }

  mutating func count(_ leak: Leak, on interface: Int, _ length: Int, at moment: Timestamp) {
    let position: Int
    if let known = pending.firstIndex(where: { $0.interface == interface }) {
      position = known
    } else {
      position = pending.count
      pending.append(
        .init(
          interface: interface,
          finding: Finding(
            key: leak.key, severity: leak.severity, title: leak.title, time: Span(moment), fate: leak.fate),
          time: Span(moment)))
    }
    pending[position].finding.count.add(length)
    pending[position].finding.time.extend(to: moment)
    pending[position].time.extend(to: moment)
    if let source = leak.source { pending[position].finding.sources.insert(source) }
  }
}
