import Policy
import Wire

/// Datagrams that AmneziaWG may have sent before a handshake initiation: until one follows, they are leaks.
///
/// An initiation of the same flow explains those of the last five seconds, at most as many as the parameters allow; the
/// others remain leaks. Bounded: beyond `limit`, the oldest becomes a leak at once.
struct JunkRuns: Sendable {
  struct Datagram: Sendable {
    let id: Int
    let frame: Int
    let endpoint: Int
    let interface: Int
    let flow: FlowKey
    let moment: Timestamp
    let length: Int
    var leak: Leak
  }

  static var limit: Int { 1024 }
  /// WireGuard retries after this time (whitepaper section 6.4): junk that belongs to an initiation is not older.
  static var timeout: Elapsed { .seconds(5) }
  /// The first id for possible junk; ids of candidates for an Endpoint stay below.
  static var firstID: Int { 1 << 40 }
  /// The most frames that are remembered for a second pass.
  private static var mostFrames: Int { 1 << 20 }

  private(set) var waiting: [Datagram] = []
  /// The frames that an initiation has explained, in order.
  private(set) var explained: [Int] = []
  /// The explained frames of an earlier pass over the same frames; nil in a first pass.
  var foreknown: Set<Int>?
  private var count = 0
  private var explainedIDs: [Int] = []

  /// Keeps a datagram. Returns the datagrams that it displaces.
  mutating func keep(
    _ leak: Leak, frame: Int, endpoint: Int, interface: Int, flow: FlowKey, at moment: Timestamp, length: Int,
    precursors: Int
  ) -> [Datagram] {
    var displaced: [Datagram] = []
    let own = waiting.indices.filter { waiting[$0].flow == flow && waiting[$0].interface == interface }
    if own.count >= precursors, let oldest = own.first { displaced.append(waiting.remove(at: oldest)) }
    if waiting.count >= Self.limit { displaced.append(waiting.removeFirst()) }
    waiting.append(
      Datagram(
        id: leak.candidate, frame: frame, endpoint: endpoint, interface: interface, flow: flow, moment: moment,
        length: length, leak: leak))
    return displaced
  }

  mutating func newID() -> Int {
    count += 1
    return Self.firstID + count
  }

  /// Takes out the datagrams that an initiation of the flow explains.
  mutating func explain(_ flow: FlowKey, interface: Int, at moment: Timestamp) -> [Datagram] {
    let found = waiting.filter {
      $0.flow == flow && $0.interface == interface && (moment - $0.moment).isBetweenZero(and: Self.timeout)
    }
    guard !found.isEmpty else { return [] }
    let ids = Set(found.map(\.id))
    waiting.removeAll { ids.contains($0.id) }
    if explained.count < Self.mostFrames { explained += found.map(\.frame) }
    explainedIDs += found.map(\.id)
    // Only ids of leaks that wait to be reported are looked up.
    if explainedIDs.count > 2 * Self.limit { explainedIDs.removeFirst(explainedIDs.count - Self.limit) }
    return found
  }

  /// Takes out the datagrams that have waited too long.
  mutating func expire(at moment: Timestamp) -> [Datagram] {
    // They are in order, except where clocks differ: no frame should have to look through all of them.
    guard let first = waiting.first, moment - first.moment > Self.timeout else { return [] }
    let late = waiting.filter { moment - $0.moment > Self.timeout }
    waiting.removeAll { moment - $0.moment > Self.timeout }
    return late
  }

  func isExplained(_ id: Int) -> Bool { explainedIDs.contains(id) }
}

extension Auditor {
  /// Frames that AmneziaWG sent before an initiation that followed, for a second pass over the same frames.
  public var junkFrames: [Int] { junk.explained }

  /// The waiting datagrams, counted like a candidate's for an Endpoint: as leaks unless they are explained.
  var waitingJunk: [EndpointCandidates.Candidate] {
    guard let first = junk.waiting.first else { return [] }
    var candidate = EndpointCandidates.Candidate(
      id: first.id, endpoint: Endpoint(address: first.flow.destination, port: first.flow.destinationPort))
    for datagram in junk.waiting {
      candidate.count(datagram.leak, on: datagram.interface, datagram.length, at: datagram.moment)
      candidate.traffic.add(.leak, at: datagram.moment)
      _ = candidate.windows.count(datagram.length, at: datagram.moment, tunnelMoment)
    }
    return [candidate]
  }

  /// Holds back a datagram that an initiation may explain. Returns the leak that it is until then; nil if it is a leak
  /// anyway.
  mutating func holdJunk(_ decision: Classifier.Decision, _ seen: borrowing Sighting) -> Leak? {
    let endpoint = Int(decision.endpoint)
    guard case .leak(let structure) = decision.verdict, let flow = FlowKey(seen.packet),
      let precursors = policy.endpoints[endpoint].value.amnezia?.precursors
    else { return nil }
    var leak = inspect(seen, structure)
    leak.candidate = junk.newID()
    leak.phase = tunnelMoment.phase(at: seen.moment)
    let displaced = junk.keep(
      leak, frame: frames, endpoint: endpoint, interface: seen.interface, flow: flow, at: seen.moment,
      length: seen.length, precursors: precursors)
    for datagram in displaced { countAsLeak(datagram) }
    return leak
  }

  /// Counts the datagrams that an initiation explains as the tunnel's.
  mutating func explainJunk(_ seen: borrowing Sighting) {
    guard let flow = FlowKey(seen.packet) else { return }
    for datagram in junk.explain(flow, interface: seen.interface, at: seen.moment) {
      let count = Count(frames: 1, bytes: datagram.length)
      interfaces[seen.interface].add(.tunnel, count, over: Span(datagram.moment))
      classifier.tunnels[datagram.endpoint].tally.addSent(.junk, count, over: Span(datagram.moment))
      addTraffic(.tunnel, at: datagram.moment)
    }
  }

  mutating func expireJunk(at moment: Timestamp) {
    for datagram in junk.expire(at: moment) { countAsLeak(datagram) }
  }

  private mutating func countAsLeak(_ datagram: JunkRuns.Datagram) {
    let moment = datagram.moment
    interfaces[datagram.interface].count(.leak, datagram.length, at: moment)
    addTraffic(.leak, at: moment)
    var leak = datagram.leak
    leak.phase = leaks.windows.count(datagram.length, at: moment, tunnelMoment)
    _ = leaks.findings.count(leak, at: moment, length: datagram.length)
  }

  /// Adds one frame of a past moment.
  private mutating func addTraffic(_ verdictClass: VerdictClass, at moment: Timestamp) {
    var single = Traffic()
    single.add(verdictClass, at: moment)
    ledger.traffic = ledger.traffic + single
  }
}
