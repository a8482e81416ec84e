import Wire

/// The flow table's half in the kernel: it counts packets of flows that go on, and does not pass them.
///
/// Only flows whose verdict needs nothing but addresses are given to it, and the tunnel's. What it has counted is taken
/// over before frames are audited, and before anything changes what a flow is.
extension KnownFlows {
  /// What was taken from the kernel, and is not in the audit's totals yet.
  struct TakenOver {
    var tunnel = 0
    var ingress = 0
    var local = 0
    var last = Timestamp.distantPast

    var frames: Int { tunnel &+ ingress &+ local }
  }

  /// Packets after which a flow goes on.
  private static var steadyPackets: UInt32 { 16 }
  /// A flow that was silent for so long gives its place away, in nanoseconds.
  private static var idleTime: UInt64 { 10_000_000_000 }

  /// Has the kernel count a flow that goes on, if it may. Returns the position of a silent flow that has its place, and
  /// must be taken back first.
  mutating func offer(_ position: Int, _ counters: borrowing TransportCounters) -> Int? {
    guard kernel.isActive else { return nil }
    let flow = flows[position]
    guard flow.epoch == epoch, flow.age >= Self.steadyPackets, flow.isForKernel else { return nil }
    var receiver: UInt32?
    if case .sent = flow.kind {
      guard counters.isWhole(at: Int(flow.session), receiver: flow.receiver, interface: flow.key.interface) else {
        return nil
      }
      receiver = flow.receiver
    }
    if flow.place >= 0 {
      let place = Int(flow.place)
      // Behind what was counted until it stopped.
      if receiver != nil, kernel.isStopped(place), kernel.hasNothingLeft(place) { kernel.arm(place) }
      return nil
    }
    let now = clock.monotonic()
    let (free, taken) = kernel.place(for: flow.key)
    guard let free else {
      flows[position].age = 0
      let silent = taken.first { now &- min(now, kernel.last($0)) > Self.idleTime }
      return silent.flatMap { kernel.position($0) }
    }
    kernel.open(free, for: position, flow.key, isTunnel: flow.isTunnel, receiver: receiver, at: now)
    flows[position].place = Int16(truncatingIfNeeded: free)
    return nil
  }

  /// Takes over what the kernel has counted of the tunnels' flows, and of all others if it is time.
  mutating func takeOver(_ counters: inout TransportCounters) {
    guard kernel.isActive else { return }
    let now = clock.monotonic()
    for place in kernel.tunnels { takeOver(place, &counters) }
    // Each flow that is looked at costs its own cache lines, which the processors fetch from each other, so many are
    // looked at more seldom: a thousand every eighth of a second.
    let pause = max(8_000_000, UInt64(kernel.others.count) * 125_000)
    guard now &- othersTaken >= pause else { return }
    othersTaken = now
    for place in kernel.others { takeOver(place, &counters) }
  }

  private mutating func takeOver(_ place: Int, _ counters: inout TransportCounters, waits: Bool = true) {
    guard let position = kernel.position(place) else { return }
    let flow = flows[position]
    var expected: UInt64?
    if waits, case .sent = flow.kind {
      expected = counters.expected(at: Int(flow.session), receiver: flow.receiver, interface: flow.key.interface)
    }
    guard let counted = kernel.take(place, expected: expected, emptied: emptied) else { return }
    let last = clock.time(ofMonotonic: counted.last)
    if flows[position].add(counted.bulk, counted.keepalives, until: last) {
      unsettled.append(Int32(truncatingIfNeeded: position))
    }
    taken.last = max(taken.last, last)
    if flow.isOnBridge { bridgeTime = max(bridgeTime, last) }
    switch flow.kind {
    case .sent:
      taken.tunnel &+= counted.frames
      tunnelTime = max(tunnelTime, last)
      counters.note(
        interface: flow.key.interface, receiver: flow.receiver, counter: MessageCounter(counted.counter),
        messages: UInt64(counted.frames), sessionWasSeen: false)
    case .received:
      taken.ingress &+= counted.frames
      tunnelTime = max(tunnelTime, last)
    case .incoming: taken.ingress &+= counted.frames
    case .local: taken.local &+= counted.frames
    case .leak: break
    }
  }

  /// Takes over what came before a message of a session that the kernel has passed. Its sender may have changed its port, so
  /// the kernel may have counted others of the session as another flow's.
  @inline(never)
  mutating func takeOver(
    before counter: MessageCounter, receiver: UInt32, interface: Int, _ counters: inout TransportCounters
  ) {
    for place in kernel.tunnels {
      guard let position = kernel.position(place), case .sent = flows[position].kind,
        flows[position].receiver == receiver, flows[position].key.interface == interface
      else { continue }
      takeOver(before: counter, at: position, &counters)
    }
  }

  /// The kernel passes a message that is out of order, and then counts none until it is told to.
  private mutating func takeOver(before counter: MessageCounter, at position: Int, _ counters: inout TransportCounters)
  {
    let place = Int(flows[position].place)
    let isBehind = kernel.isStopped(place) && counter.value >= kernel.first(place)
    if isBehind { kernel.stop(place) }
    takeOver(place, &counters, waits: !isBehind)
  }

  /// Takes a flow back from the kernel.
  mutating func takeBack(at position: Int, _ counters: inout TransportCounters) {
    guard position < flows.count, flows[position].place >= 0 else { return }
    let place = Int(flows[position].place)
    kernel.stop(place)
    takeOver(place, &counters, waits: false)
    kernel.free(place)
    flows[position].place = -1
  }

  /// Takes all flows back from the kernel.
  mutating func takeAllBack(_ counters: inout TransportCounters) {
    guard kernel.isActive else { return }
    for place in (kernel.tunnels + kernel.others).reversed() {
      if let position = kernel.position(place) { takeBack(at: position, &counters) }
    }
  }

  /// Takes what was taken over, for the audit's totals.
  mutating func takeTaken() -> TakenOver {
    defer { taken = TakenOver() }
    return taken
  }
}

extension KnownFlows.Flow {
  /// Whether the kernel sees all that decides about its packets, and they teach nothing. A tag is not in its key.
  fileprivate var isForKernel: Bool {
    guard !key.isTagged else { return false }
    switch kind {
    case .sent, .received, .local: return true
    // The addresses may turn out to be of the audited side.
    case .incoming: return !isBelieved && doubtful < 0
    case .leak: return false
    }
  }

  fileprivate var isTunnel: Bool {
    switch kind {
    case .sent, .received: true
    case .incoming, .local, .leak: false
    }
  }
}
