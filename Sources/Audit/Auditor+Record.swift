import Policy
import Wire

/// Records one frame: it is decoded, decided, counted in exactly one class, and reported.
extension Auditor {
  mutating func record<Observer: FrameObserver & ~Copyable>(
    _ frame: borrowing CapturedFrame, interface: Int, observer: inout Observer
  ) {
    ledger.frames += 1
    let seen = Sighting(
      PacketDecoder.decode(frame), copy frame, at: Place(interface, interfaces[interface].role))
    if ports.isActive { ports.note(frame, at: seen.place) }
    let decision = decision(on: seen)
    if decision.isControl, Observer.keepsContext { observer.forgetLatest() }
    learn(from: seen, decision)
    count(decision, seen, &observer)
  }

  /// Learns what the frame shows besides its verdict, for later frames.
  private mutating func learn(from seen: borrowing Sighting, _ decision: Classifier.Decision) {
    if classifier.stations.takeChange() { forgetFlows() }
    if !classifier.candidates.evicted.isEmpty { takeEvicted() }
    if learner.isActive { learnEndpoint(seen, decision) }
    if isTelling(seen.packet) { noteFact(seen) }
    if !junk.waiting.isEmpty { expireJunk(at: seen.moment) }
  }

  /// Counts the frame in its class, and reports it. A leak that a handshake may still explain is counted apart, and
  /// enters the tallies once that is decided.
  private mutating func count<Observer: FrameObserver & ~Copyable>(
    _ decision: Classifier.Decision, _ seen: borrowing Sighting, _ observer: inout Observer
  ) {
    let foreign = decision.isForeign ? noteForeign(seen) : -1
    if decision.mayBeJunk, let leak = holdJunk(decision, seen) { return report(leak, decision, seen, &observer) }
    if decision.candidate >= 0, let leak = countCandidate(decision, seen) {
      return report(leak, decision, seen, &observer)
    }
    interfaces[seen.interface].count(decision.verdict.verdictClass, seen.length, at: seen.moment)
    ledger.traffic.count(decision.verdict.verdictClass, 1)
    guard case .leak(let structure) = decision.verdict else {
      countOther(decision, seen)
      if decision.candidate < 0 { keep(decision, seen, foreign: foreign) }
      if Observer.isActive { reportVerdict(nil, decision, seen, &observer) }
      return
    }
    let leak = recordLeak(structure, decision, seen)
    keepLeak(leak, seen, decision, foreign: foreign)
    report(leak, decision, seen, &observer)
  }

  @inline(__always)
  private func report<Observer: FrameObserver & ~Copyable>(
    _ leak: borrowing Leak, _ decision: Classifier.Decision, _ seen: borrowing Sighting, _ observer: inout Observer
  ) {
    observer.observe(
      leak: leak, seen.frame, number: frames, isNewFinding: !leak.isPending && leaks.findings.hasNew,
      interface: interfaces[seen.interface])
    if Observer.isActive { reportVerdict(copy leak, decision, seen, &observer) }
  }

  private func reportVerdict<Observer: FrameObserver & ~Copyable>(
    _ leak: Leak?, _ decision: Classifier.Decision, _ seen: borrowing Sighting, _ observer: inout Observer
  ) {
    observer.observe(
      seen.frame, seen.packet, decision.verdict, leak, number: frames, interface: interfaces[seen.interface].name,
      policy: policy)
  }

  /// Counts a frame that is not a leak under its kind.
  private mutating func countOther(_ decision: Classifier.Decision, _ seen: borrowing Sighting) {
    let length = seen.length
    switch decision.verdict {
    case .tunnel(let kind):
      if decision.endpoint >= 0 {
        if origins.nicGateways.isActive, seen.role == .nic { origins.nicGateways.noteTunnel(seen) }
        if kind == .initiation, !junk.waiting.isEmpty { explainJunk(seen) }
        followSent(kind, seen, endpoint: Int(decision.endpoint))
      } else if kind == .served || decision.candidate < 0 {
        ledger.served.add(length)
      }
    case .ingress:
      if decision.endpoint >= 0 { followReceived(seen, endpoint: Int(decision.endpoint)) }
      if classifier.candidates.isActive { followAnswer(seen, decision) }
      if !leaks.circumstances.published.isEmpty { leaks.circumstances.noteIncoming(seen.packet) }
    case .inner, .leak: break
    case .local(let kind):
      ledger.local[Int(kind.rawValue)].add(length)
      if kind == .undeclared { ledger.undeclared.count(seen.packet.destination, Count(frames: 1, bytes: length)) }
      if decision.isOrphan { ledger.orphanFragments += 1 }
      if kind.crosses { noteCrossing(.local, seen) }
    case .allowed(.rule(let rule)):
      ledger.rules[Int(rule)].add(length)
      noteCrossing(.allowed, seen)
    case .allowed(.resolver(let resolver)):
      ledger.resolvers[Int(resolver)].add(length)
      noteCrossing(.allowed, seen)
    case .allowed(.control): ledger.control.add(length)
    }
  }

  private mutating func noteCrossing(_ kind: CrossingFlows.Kind, _ seen: borrowing Sighting) {
    ledger.crossing.note(kind, seen, on: comparable(seen.role))
    makeRoomForCrossing()
  }
}
