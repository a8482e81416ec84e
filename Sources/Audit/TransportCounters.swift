import Wire

/// A loss meter of the capture's own: transport messages carry a counter in clear that their sender raises by one
/// (WireGuard whitepaper section 5.4.6), so a counter that was never seen is a packet that the capture missed.
///
/// Followed for each interface and receiver index. A gap is claimed only when the counter is 64 behind: packets
/// may overtake each other (RFC 6479 describes the window). What comes before the first message seen is claimed only
/// where the session's handshake was seen, too. Memory is bounded: a new session takes the place of the one that
/// was idle longest.
struct TransportCounters: Sendable {
  private struct Session: Sendable, BitwiseCopyable {
    var interface: Int
    var receiver: UInt32
    var highest: UInt64
    /// Bit i: the counter `highest` - i was seen, or is not claimed.
    var seen: UInt64
    var lastUse: UInt64
  }

  static var limit: Int { 32 }
  private static var windowLength: UInt64 { 64 }

  private var sessions: [Session] = []
  private var clock: UInt64 = 0
  /// Claimed so far, by interface; saturates.
  private var claimed: [UInt64] = []

  /// Notes the counters of `messages` messages in a row, beginning with `counter`.
  mutating func note(interface: Int, receiver: UInt32, counter: UInt64, messages: UInt64, sessionWasSeen: Bool) {
    clock += 1
    let index =
      find(interface: interface, receiver: receiver)
      ?? add(
        interface: interface, receiver: receiver, before: sessionWasSeen ? 0 : counter)
    sessions[index].lastUse = clock
    for step in 0..<messages { see(counter &+ step, in: index) }
  }

  /// Whether the message is the newest of its session and nothing before it is still missing.
  func isInOrder(interface: Int, _ message: TransportData) -> Bool {
    guard let index = find(interface: interface, receiver: message.receiver) else { return false }
    return sessions[index].highest == message.counter && sessions[index].seen == .max
  }

  /// Takes over that all counters below `next` were seen in order.
  mutating func advance(interface: Int, receiver: UInt32, next: UInt64) {
    guard let index = find(interface: interface, receiver: receiver) else { return }
    clock += next &- 1 &- sessions[index].highest
    sessions[index].highest = next &- 1
    sessions[index].lastUse = clock
  }

  /// Messages that an interface's capture missed: claimed, and still missing in a window.
  func missed(interface: Int) -> UInt64 {
    let waiting = sessions.filter { $0.interface == interface }
      .reduce(0) { $0 + UInt64((~$1.seen).nonzeroBitCount) }
    return Self.sum(certainlyMissed(interface: interface), waiting)
  }

  /// Of these, those that are too far behind to be late alone. Never falls.
  func certainlyMissed(interface: Int) -> UInt64 { interface < claimed.count ? claimed[interface] : 0 }

  private func find(interface: Int, receiver: UInt32) -> Int? {
    sessions.firstIndex { $0.receiver == receiver && $0.interface == interface }
  }

  private mutating func add(interface: Int, receiver: UInt32, before counter: UInt64) -> Int {
    while claimed.count <= interface { claimed.append(0) }
    let session = Session(
      interface: interface, receiver: receiver, highest: counter &- 1, seen: .max, lastUse: clock)
    if sessions.count < Self.limit {
      sessions.append(session)
      return sessions.count - 1
    }
    let oldest = sessions.indices.min { sessions[$0].lastUse < sessions[$1].lastUse } ?? 0
    claim(UInt64((~sessions[oldest].seen).nonzeroBitCount), sessions[oldest].interface)
    sessions[oldest] = session
    return oldest
  }

  private mutating func see(_ counter: UInt64, in index: Int) {
    let ahead = Int64(bitPattern: counter &- sessions[index].highest)
    if ahead <= 0 {
      let age = ahead.magnitude
      if age < Self.windowLength { sessions[index].seen |= 1 << age }
      return
    }
    let leaving =
      ahead.magnitude < Self.windowLength ? ~sessions[index].seen >> (64 - ahead.magnitude) : ~sessions[index].seen
    let skipped = ahead.magnitude > Self.windowLength ? ahead.magnitude - Self.windowLength : 0
    claim(Self.sum(UInt64(leaving.nonzeroBitCount), skipped), sessions[index].interface)
    sessions[index].seen = ahead.magnitude < Self.windowLength ? sessions[index].seen << ahead.magnitude | 1 : 1
    sessions[index].highest = counter
  }

  private mutating func claim(_ count: UInt64, _ interface: Int) {
    claimed[interface] = Self.sum(claimed[interface], count)
  }

  private static func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }
}
