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
  private static var tunnelLimit: Int { 64 }

  /// Has the kernel count a flow that goes on, if it may. Returns the position of a silent flow that has its place, and
  /// must be taken back first. `tunnelsOnly`: addresses may still turn out to be an Endpoint's.
  mutating func offer(_ position: Int, tunnelsOnly: Bool, _ counters: borrowing TransportCounters) -> Int? {
    guard kernel.isActive else { return nil }
    let flow = flows[position]
    guard flow.epoch == epoch, flow.age >= Self.steadyPackets, flow.isForKernel, flow.isTunnel || !tunnelsOnly else {
      return nil
    }
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
    let now = clock.sinceBoot()
    var (free, taken) = kernel.place(for: flow.key)
    // Each message that passes has all tunnels' flows looked at, and whoever sends may change its port.
    if flow.isTunnel, kernel.tunnels.count >= Self.tunnelLimit { (free, taken) = (nil, kernel.tunnels) }
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
    let now = clock.sinceBoot()
    for place in kernel.tunnels { takeOver(place, at: now) }
    if !owed.isEmpty { owed.note(in: &counters, at: now) }
    // Each flow that is looked at costs its own cache lines, which the processors fetch from each other, so many are
    // looked at more seldom: a thousand every eighth of a second.
    let pause = max(8_000_000, UInt64(kernel.others.count) * 125_000)
    guard now &- othersTaken >= pause else { return }
    othersTaken = now
    for place in kernel.others { takeOver(place, at: now) }
  }

  private mutating func takeOver(_ place: Int, at now: UInt64) {
    guard let position = kernel.position(place), let counted = kernel.take(place) else { return }
    let flow = flows[position]
    let last = clock.time(sinceBoot: counted.last)
    if flows[position].add(counted.bulk, counted.keepalives, until: last) {
      unsettled.append(Int32(truncatingIfNeeded: position))
    }
    taken.last = max(taken.last, last)
    if flow.isOnBridge { bridgeTime = max(bridgeTime, last) }
    switch flow.kind {
    case .sent:
      taken.tunnel &+= counted.frames
      tunnelTime = max(tunnelTime, last)
      owed.add(
        .init(
          receiver: flow.receiver, interface: flow.key.interface, counter: counted.counter,
          count: UInt64(counted.frames), since: now))
    case .received:
      taken.ingress &+= counted.frames
      tunnelTime = max(tunnelTime, last)
    case .incoming: taken.ingress &+= counted.frames
    case .local: taken.local &+= counted.frames
    case .leak: break
    }
  }

  /// Takes over what came before a message of a session that the kernel has passed: it passes one that is out of order, and
  /// then counts none until it is told to. A sender may have changed its port, and the kernel have counted others of the
  /// session as another flow's. A session that is new may take the place of one that the kernel goes on with.
  @inline(never)
  mutating func takeOver(
    before counter: MessageCounter, receiver: UInt32, interface: Int, _ counters: inout TransportCounters
  ) {
    let now = clock.sinceBoot()
    let isNew = counters.expected(receiver: receiver, interface: interface) == nil
    for place in kernel.tunnels {
      guard let position = kernel.position(place), case .sent = flows[position].kind,
        isNew || flows[position].receiver == receiver && flows[position].key.interface == interface
      else { continue }
      if kernel.isStopped(place) { kernel.stop(place) }
      takeOver(place, at: now)
    }
    if !owed.isEmpty { owed.note(in: &counters, before: (receiver, interface, counter.value), at: now) }
  }

  /// Takes a flow back from the kernel.
  mutating func takeBack(at position: Int) {
    guard position < flows.count, flows[position].place >= 0 else { return }
    let place = Int(flows[position].place)
    kernel.stop(place)
    takeOver(place, at: clock.sinceBoot())
    kernel.free(place)
    flows[position].place = -1
  }

  /// Takes all flows back from the kernel.
  mutating func takeAllBack() {
    guard kernel.isActive else { return }
    for place in (kernel.tunnels + kernel.others).reversed() {
      if let position = kernel.position(place) { takeBack(at: position) }
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
