import Dispatch
import Synchronization

/// The deadline of an outlet's work; not set until the program ends.
package final class Ending: Sendable {
  private let moment = Mutex<ContinuousClock.Instant?>(nil)
  private let changed = DispatchSemaphore(value: 0)

  package init() {}

  /// Nil while no deadline is set.
  package var deadline: ContinuousClock.Instant? { moment.withLock { $0 } }

  package var isOver: Bool { deadline.map { $0 <= .now } ?? false }

  /// `length`, or the time until the deadline if that is shorter.
  package func limit(_ length: Duration) -> Duration {
    guard let deadline else { return length }
    return max(.zero, min(length, deadline - .now))
  }

  /// Sets the deadline and wakes whoever waits. The deadline can only move nearer.
  package func set(_ deadline: ContinuousClock.Instant) {
    moment.withLock { $0 = min($0 ?? deadline, deadline) }
    changed.signal()
  }

  /// Waits until `end`. Returns false at once if `end` is after the deadline, or if the deadline moves before it.
  package func wait(until end: ContinuousClock.Instant) -> Bool {
    while true {
      if let deadline, deadline < end { return false }
      let left = end - .now
      guard left > .zero else { return true }
      _ = changed.wait(timeout: .now() + left)
    }
  }
}
