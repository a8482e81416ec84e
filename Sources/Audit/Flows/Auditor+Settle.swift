import Policy
import Wire

extension Auditor {
  /// Adds what the known flows counted to the tallies. Frames of each class over time are counted at once (`Traffic`).
  mutating func settle() {
    while let position = flows.popUnsettled() {
      guard let flow = flows.takeUnsettled(at: position) else { continue }
      settle(flow, at: position)
      if let silent = flows.offer(position, tunnelsOnly: learner.isActive, counters) { takeBack(at: silent) }
    }
  }

  /// The same once a second of the capture's time: with many flows, each of which has sent little since, to settle costs
  /// as much as to count.
  mutating func settle(at moment: Timestamp) {
    let second = moment.nanoseconds >> 30
    guard second != ledger.settledSecond else { return }
    ledger.settledSecond = second
    settle()
  }

  mutating func settle(_ flow: KnownFlows.Flow, at position: Int) {
    let endpoint = Int(flow.endpoint)
    switch flow.kind {
    case .sent:
      add(flow, to: .tunnel)
      classifier.tunnels[endpoint].tally.addSent(.data, flow.bulk, over: flow.time)
      classifier.tunnels[endpoint].tally.addSent(.keepalive, flow.keepalives, over: flow.time)
      if flow.isVerified { classifier.tunnels[endpoint].tally.addVerified(flow.total) }
    case .received:
      add(flow, to: .ingress)
      classifier.tunnels[endpoint].tally.addReceived(flow.total, over: flow.time)
      classifier.tunnels[endpoint].session.noteHeard(at: flow.time.last)
    case .incoming: add(flow, to: .ingress)
    case .local(let kind):
      add(flow, to: .local)
      ledger.local[Int(kind.rawValue)] = ledger.local[Int(kind.rawValue)] + flow.bulk
      if kind == .undeclared { ledger.undeclared.count(flow.key.destination, flow.bulk) }
      if kind.crosses { flows.leaveUncompared(flow.bulk.frames, at: position) }
    case .leak:
      add(flow, to: .leak)
      leaks.findings.add(flow.bulk, to: Int(flow.leak.finding), over: flow.time)
      if flow.leak.joined >= 0 {
        leaks.findings.join(Int(flow.leak.finding), to: Int(flow.leak.joined), flow.bulk)
      }
      if let leak = flows.leak(at: position) {
        leaks.repeats.append(LeakRepeat(leak: leak, count: flow.bulk, time: flow.time, frame: flow.firstFrame))
      }
    }
  }

  private mutating func add(_ flow: KnownFlows.Flow, to verdictClass: VerdictClass) {
    let frames = flow.total.frames
    let interface = flow.key.interface
    interfaces[interface].add(verdictClass, flow.total, over: flow.time)
    if flow.foreign >= 0 { notes.facts.add(frames, at: Int(flow.foreign)) }
    if flow.isBelieved { classifier.noteBelieved(frames, interface) }
    if flow.doubtful >= 0 { classifier.stations.addDoubts(frames, at: Int(flow.doubtful)) }
    guard flow.toward >= 0 else { return }
    if flow.isBelieved {
      classifier.stations.addBelieved(frames, at: Int(flow.toward), leaves: flow.leaves)
    } else {
      classifier.stations.addReceived(frames, at: Int(flow.toward))
    }
  }

  /// The role of an interface if its packets can be compared with those of the others.
  func comparable(_ role: InterfaceRole?) -> InterfaceRole? { roles.knowsPackets(on: role) ? role : nil }

  /// Compares crossing flows that have ended, if there are too many.
  mutating func makeRoomForCrossing() {
    guard ledger.crossing.isFull else { return }
    settle()
    for position in flows.positions { compareCrossing(at: position) }
    ledger.crossing.makeRoom()
  }

  /// Compares what a known flow has counted, before another takes its place.
  private mutating func compareCrossing(at position: Int) {
    guard let flow = flows.takeUncompared(at: position) else { return }
    ledger.crossing.note(flow, on: comparable(interfaces[flow.key.interface].role))
  }

  /// A place for a flow to keep, with nothing left to count of the one that was there.
  mutating func makePlace(for flow: LinkFlow) -> Int {
    let position = flows.place(for: flow)
    takeBack(at: position)
    if let old = flows.takeUnsettled(at: position) { settle(old, at: position) }
    compareCrossing(at: position)
    makeRoomForCrossing()
    return position
  }

  /// The crossing flows with what known flows have counted.
  var crossingSoFar: CrossingFlows {
    var crossing = ledger.crossing
    for flow in flows.uncompared { crossing.note(flow, on: comparable(interfaces[flow.key.interface].role)) }
    return crossing
  }

  /// Makes the classifier decide every flow anew.
  mutating func forgetFlows() {
    flows.takeAllBack()
    addTaken()
    // Before flows are settled: those that are known are given to the kernel then.
    flows.forget()
    settle()
  }
}
