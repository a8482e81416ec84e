import Wire

/// A sender's messages that the kernel has counted, and whose counters are not noted yet.
///
/// The kernel counts them behind one that it passes. Until that one is audited, which may wait in the ring behind many, they
/// would look as if all before them had been missed. One that the ring had no room for never comes: then they are noted
/// after a while.
struct OwedMessages {
  struct Run: BitwiseCopyable {
    var receiver: UInt32
    var interface: Int
    /// The first counter, and how many there are.
    var counter: UInt64
    var count: UInt64
    /// Since the machine was started, in nanoseconds.
    var since: UInt64
  }

  private(set) var runs: [Run] = []

  /// How many runs wait, and how long, in nanoseconds: the ring bridges less.
  private static let limit = 256
  private static let patience: UInt64 = 1_000_000_000

  var isEmpty: Bool { runs.isEmpty }

  mutating func add(_ run: Run) {
    if let index = runs.lastIndex(where: { $0.receiver == run.receiver && $0.interface == run.interface }),
      runs[index].counter &+ runs[index].count == run.counter
    {
      runs[index].count &+= run.count
    } else {
      runs.append(run)
    }
  }

  /// Notes those whose turn has come. `message`: the session and the counter of a message that is audited next; what was
  /// counted behind an earlier one comes before it. Without a time all are noted.
  mutating func note(
    in counters: inout TransportCounters, before message: (receiver: UInt32, interface: Int, counter: UInt64)? = nil,
    at now: UInt64?
  ) {
    var excess = runs.count - Self.limit
    runs.removeAll { run in
      let comesBefore =
        message.map { $0.receiver == run.receiver && $0.interface == run.interface && run.counter <= $0.counter }
        ?? false
      let isLate = now.map { $0 &- run.since > Self.patience } ?? true
      let expected = counters.expected(receiver: run.receiver, interface: run.interface)
      guard comesBefore || isLate || (expected ?? .max) >= run.counter || excess > 0 else { return false }
      excess -= 1
      counters.note(
        interface: run.interface, receiver: run.receiver, counter: MessageCounter(run.counter), messages: run.count,
        sessionWasSeen: false)
      return true
    }
  }
}
