/// When a watch does what it does beside auditing.
struct Agenda {
  typealias Instant = ContinuousClock.Instant

  /// If the ring never empties, everything else is still looked at often enough to react at once.
  static var betweenLooks: Duration { .milliseconds(5) }
  /// How often what the kernel has counted is taken over.
  static var betweenTakingOver: Duration { .milliseconds(10) }
  private static var betweenQuestions: Duration { .seconds(1) }
  private static var betweenLines: Duration { .milliseconds(250) }

  let end: Instant
  var look: Instant
  private let betweenSums: Duration
  private var sum: Instant
  private var question: Instant
  private var line: Instant

  init(at start: Instant, _ limits: Watch.Limits) {
    end = start + (limits.duration.map { .seconds($0) } ?? .seconds(100 * 365 * 86_400))
    betweenSums = .seconds(limits.repeatEvery)
    sum = start + betweenSums
    (look, question, line) = (start, start, start)
  }

  /// Until when a watch without frames may wait.
  var next: Instant { min(sum, line, end) }

  /// Whether repeated leaks are to be summed up now; true once for each time.
  mutating func sumsUp(at now: Instant) -> Bool { Self.isDue(&sum, now, betweenSums) }

  /// Whether to ask the kernel what it dropped.
  mutating func asksKernel(at now: Instant) -> Bool { Self.isDue(&question, now, Self.betweenQuestions) }

  /// Whether to show the status line.
  mutating func showsStatus(at now: Instant) -> Bool { Self.isDue(&line, now, Self.betweenLines) }

  private static func isDue(_ moment: inout Instant, _ now: Instant, _ pause: Duration) -> Bool {
    guard now >= moment else { return false }
    moment = now + pause
    return true
  }
}
