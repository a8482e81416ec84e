import Foundation
import Synchronization

/// Watches another thread, which must report regularly: a thread that hangs cannot say so.
package final class Heartbeat: Sendable {
  package enum Change: Equatable, Sendable {
    /// The thread has not reported for this long.
    case stalled(Duration)
    /// The thread reported again, after this long.
    case resumed(Duration)
  }

  private let start = ContinuousClock.now
  /// Milliseconds since the start.
  private let latest = Atomic<Int64>(0)
  private let hasEnded = Atomic<Bool>(false)

  package init() {}

  /// Called by the watched thread to report.
  package func beat() { latest.store(elapsed, ordering: .relaxed) }

  /// Stops the reports.
  package func end() { hasEnded.store(true, ordering: .relaxed) }

  /// Checks the other thread from a thread of its own, until the end.
  ///
  /// - Parameters:
  ///   - limit: the longest time allowed between two beats.
  ///   - pause: the time between two checks.
  package func watch(
    limit: Duration, pause: Duration = .seconds(1), tell: @escaping @Sendable (Change) -> Void
  ) {
    Thread.detachNewThread {
      OutletThread.blockSignals()
      var stalled: Int64?
      while !self.hasEnded.load(ordering: .relaxed) {
        Thread.sleep(forTimeInterval: pause / .seconds(1))
        let beat = self.latest.load(ordering: .relaxed)
        if let since = stalled, beat > since {
          stalled = nil
          tell(.resumed(.milliseconds(beat - since)))
        } else if stalled == nil, .milliseconds(self.elapsed - beat) >= limit {
          stalled = beat
          tell(.stalled(.milliseconds(self.elapsed - beat)))
        }
      }
    }
  }

  private var elapsed: Int64 { Int64((ContinuousClock.now - start) / .milliseconds(1)) }
}
