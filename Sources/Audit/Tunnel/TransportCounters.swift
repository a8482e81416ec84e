import Wire

/// Measures what the capture itself lost. Transport messages carry a counter in clear that their sender raises by one
/// (WireGuard whitepaper section 5.4.6), so a counter that was never seen is a packet that the capture missed.
///
/// Counters are followed for each interface and receiver index. A gap is claimed only when the counter is 64 behind:
/// packets may overtake each other (RFC 6479 describes the window). Counters before the first message seen are claimed
/// only if the session's handshake was seen, too. A session without a handshake can claim a gap only after a steady run
/// of messages: anybody can forge two datagrams with counters far apart. Memory is bounded: a new session replaces the
/// one that was idle longest.
struct TransportCounters: Sendable {
  private struct Session: Sendable, BitwiseCopyable {
    var interface: Int
    var receiver: UInt32
    /// The lowest counter that was followed, and the one after the highest seen.
    var first: MessageCounter
    var expected: MessageCounter
    /// Bit i: the counter i + 1 before `expected` was seen, or is not claimed.
    var seen: UInt64
    /// Messages in order since the latest one out of order.
    var run: UInt64
    /// Whether its gaps are believed.
    var isSteady: Bool
    /// Gaps of a session that is not yet believed.
    var held: UInt64
    var lastUse: UInt64

    /// The interface of a place that no session uses.
    static var free: Int { -1 }

    func isIn(use receiver: UInt32) -> Bool { self.receiver == receiver && interface != Self.free }

    /// Takes the expected message, if none is missing and the session is believed. False: nothing is taken.
    @inline(__always)
    mutating func takeNext(_ counter: MessageCounter, at use: UInt64) -> Bool {
      guard expected == counter, seen == .max, isSteady else { return false }
      lastUse = use
      expected = counter.advanced(by: 1)
      run = run.addingSaturating(1)
      return true
    }
  }

  static var limit: Int { 32 }
  /// This many messages in order make a session's counters believable.
  static var steadyRun: UInt64 { 32 }
  /// A session is used for 180 s at most (whitepaper section 6.1), in which no sender gets this far: a counter that is
  /// further ahead was made up, and is not followed.
  static var greatestGap: UInt64 { 1 << 40 }
  private static var windowLength: UInt64 { 64 }

  private var sessions: [Session] = []
  private var clock: UInt64 = 0
  /// Messages claimed as missed so far, by interface; saturates.
  private var claimed: [UInt64] = []
  /// The messages of sessions that were replaced.
  private var replaced = SeenMessages()

  /// Notes the counters of `messages` messages in a row, beginning with `counter`.
  mutating func note(
    interface: Int, receiver: UInt32, counter: MessageCounter, messages: UInt64, sessionWasSeen: Bool
  ) {
    clock &+= 1
    let index =
      find(interface: interface, receiver: receiver)
      ?? add(interface: interface, receiver: receiver, first: sessionWasSeen ? MessageCounter(0) : counter)
    sessions[index].lastUse = clock
    if sessionWasSeen { sessions[index].isSteady = true }
    var rest = messages
    var next = counter
    // Late messages are noted one by one; from the expected one on, all at once.
    while rest > 0, next < sessions[index].expected {
      let late = sessions[index].expected.value - next.value
      if late <= Self.windowLength {
        sessions[index].seen |= 1 << (late - 1)
        next = next.advanced(by: 1)
        rest -= 1
      } else {
        let skipped = min(rest, late - Self.windowLength)
        next = next.advanced(by: skipped)
        rest -= skipped
      }
      sessions[index].run = 0
    }
    if rest > 0 { see(next, rest, in: index) }
  }

  /// The position of a session, valid until another session takes its place.
  func position(interface: Int, receiver: UInt32) -> Int? { find(interface: interface, receiver: receiver) }

  /// Notes one message of the session that was found at `position`. False if another one is there now: then nothing is
  /// noted.
  @inline(__always)
  mutating func noteNext(_ counter: MessageCounter, at position: Int, receiver: UInt32, interface: Int) -> Bool {
    guard isSession(at: position, receiver: receiver, interface: interface) else { return false }
    clock &+= 1
    if !sessions[position].takeNext(counter, at: clock) {
      note(interface: interface, receiver: receiver, counter: counter, messages: 1, sessionWasSeen: false)
    }
    return true
  }

  /// The next counter of a session; nil if it is not followed.
  func expected(receiver: UInt32, interface: Int) -> UInt64? {
    find(interface: interface, receiver: receiver).map { sessions[$0].expected.value }
  }

  /// Whether no message of the session at `position` is missing or late, and its counters are believed.
  func isWhole(at position: Int, receiver: UInt32, interface: Int) -> Bool {
    isSession(at: position, receiver: receiver, interface: interface) && sessions[position].seen == .max
      && sessions[position].isSteady
  }

  @inline(__always)
  private func isSession(at position: Int, receiver: UInt32, interface: Int) -> Bool {
    position < sessions.count && sessions[position].receiver == receiver && sessions[position].interface == interface
  }

  /// Messages that an interface's capture missed: those claimed, and those still missing in a window.
  func missed(interface: Int) -> UInt64 {
    let waiting = sessions.filter { $0.interface == interface && $0.isSteady }
      .reduce(0) { $0 + UInt64((~$1.seen).nonzeroBitCount) }
    return certainlyMissed(interface: interface).addingSaturating(waiting)
  }

  /// The missed messages that are too far behind to be merely late. Never decreases.
  func certainlyMissed(interface: Int) -> UInt64 { interface < claimed.count ? claimed[interface] : 0 }

  private func find(interface: Int, receiver: UInt32) -> Int? {
    sessions.firstIndex { $0.receiver == receiver && $0.interface == interface }
  }

  private mutating func add(interface: Int, receiver: UInt32, first: MessageCounter) -> Int {
    while claimed.count <= interface { claimed.append(0) }
    let session = Session(
      interface: interface, receiver: receiver, first: first, expected: first, seen: .max, run: 0, isSteady: false,
      held: 0, lastUse: clock)
    if sessions.count < Self.limit {
      sessions.append(session)
      return sessions.count - 1
    }
    let oldest = sessions.indices.min { sessions[$0].lastUse < sessions[$1].lastUse } ?? 0
    if sessions[oldest].interface != Session.free { finish(oldest) }
    sessions[oldest] = session
    return oldest
  }

  /// Frees the place of a session. What all interfaces saw of it is added up and freed with it, unless one of them still
  /// shows it. Places stay where they are, because flows remember positions.
  private mutating func finish(_ oldest: Int) {
    let receiver = sessions[oldest].receiver
    var places = sessions.indices.filter { sessions[$0].isIn(use: receiver) }
    if places.allSatisfy({ clock - sessions[$0].lastUse >= Self.windowLength }) {
      replaced.add(messages(of: receiver))
    } else {
      replaced.isWhole = false
      places = [oldest]
    }
    for index in places {
      claim(UInt64((~sessions[index].seen).nonzeroBitCount), in: index)
      sessions[index].interface = Session.free
      sessions[index].lastUse = 0
    }
  }

  /// All messages: on each interface, and each counted once. A message is one by its session and counter, whichever
  /// interfaces showed it. Not whole if one may be missing.
  var messages: SeenMessages {
    var sum = replaced
    for receiver in Set(sessions.filter { $0.interface != Session.free }.map(\.receiver)) {
      sum.add(messages(of: receiver))
    }
    if claimed.contains(where: { $0 > 0 }) { sum.isWhole = false }
    return sum
  }

  /// Without gaps each interface saw all messages from its first to its last.
  private func messages(of receiver: UInt32) -> SeenMessages {
    let shown = sessions.filter { $0.isIn(use: receiver) }.sorted { $0.first < $1.first }
    var sum = SeenMessages()
    var end: UInt64 = 0
    for session in shown where session.first < session.expected {
      let (first, after) = (session.first.value, session.expected.value)
      sum.seen = sum.seen.addingSaturating(after - first)
      if after > max(first, end) {
        sum.distinct = sum.distinct.addingSaturating(after - max(first, end))
        end = after
      }
      if session.seen != .max || session.held > 0 { sum.isWhole = false }
    }
    return sum
  }

  /// Notes a row of messages that begins with the expected one, or ahead of it.
  private mutating func see(_ counter: MessageCounter, _ messages: UInt64, in index: Int) {
    guard case .ahead(let skipped) = counter.distance(fromExpected: sessions[index].expected),
      skipped <= Self.greatestGap
    else { return }
    sessions[index].run = skipped == 0 ? sessions[index].run.addingSaturating(messages) : messages
    if sessions[index].run >= Self.steadyRun { believe(index) }
    shift(by: skipped, isSeen: false, in: index)
    shift(by: messages, isSeen: true, in: index)
    sessions[index].expected = counter.advanced(by: messages)
  }

  /// Moves the window over counters that were all seen, or all skipped. A counter that leaves it unseen is claimed.
  private mutating func shift(by count: UInt64, isSeen: Bool, in index: Int) {
    guard count > 0 else { return }
    let seen = sessions[index].seen
    let fill: UInt64 = isSeen ? .max : 0
    if count < Self.windowLength {
      claim(UInt64((~seen >> (Self.windowLength - count)).nonzeroBitCount), in: index)
      sessions[index].seen = seen << count | fill >> (Self.windowLength - count)
    } else {
      let beyond = isSeen ? 0 : count - Self.windowLength
      claim(UInt64((~seen).nonzeroBitCount).addingSaturating(beyond), in: index)
      sessions[index].seen = fill
    }
  }

  private mutating func claim(_ count: UInt64, in index: Int) {
    guard sessions[index].isSteady else {
      sessions[index].held = sessions[index].held.addingSaturating(count)
      return
    }
    let interface = sessions[index].interface
    claimed[interface] = claimed[interface].addingSaturating(count)
  }

  private mutating func believe(_ index: Int) {
    guard !sessions[index].isSteady else { return }
    sessions[index].isSteady = true
    claim(sessions[index].held, in: index)
    sessions[index].held = 0
  }
}
