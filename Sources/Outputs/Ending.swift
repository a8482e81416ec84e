import Dispatch
import Synchronization

/// When an outlet's work must be over: open until the program ends.
package final class Ending: Sendable {
  private let moment = Mutex<ContinuousClock.Instant?>(nil)
  private let changed = DispatchSemaphore(value: 0)

  package init() {}

  /// Nil while no end is in sight.
  package var deadline: ContinuousClock.Instant? { moment.withLock { $0 } }

  package var isOver: Bool { deadline.map { $0 <= .now } ?? false }

  /// How long work may take that would take `length`.
  package func limit(_ length: Duration) -> Duration {
    guard let deadline else { return length }
    return max(.zero, min(length, deadline - .now))
  }

  /// Sets the deadline and wakes who waits. It only ever comes nearer.
  package func set(_ deadline: ContinuousClock.Instant) {
    moment.withLock { $0 = min($0 ?? deadline, deadline) }
    changed.signal()
  }

  /// Waits until `end`. False, at once, if that is after the deadline or the deadline moves before it.
  package func wait(until end: ContinuousClock.Instant) -> Bool {
    while true {
      if let deadline, deadline < end { return false }
      let left = end - .now
      guard left > .zero else { return true }
      _ = changed.wait(timeout: .now() + left)
    }
  }
}
