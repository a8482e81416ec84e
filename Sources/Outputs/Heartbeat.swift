import Foundation
import Synchronization

/// Watches another thread that has to come by again and again: who stands still cannot say so.
package final class Heartbeat: Sendable {
  package enum Change: Equatable, Sendable {
    /// The thread did not come by for so long.
    case stalled(Duration)
    /// It came by again, after so long.
    case resumed(Duration)
  }

  private let start = ContinuousClock.now
  /// Milliseconds from the start on.
  private let latest = Atomic<Int64>(0)
  private let hasEnded = Atomic<Bool>(false)

  package init() {}

  /// The watched thread is here.
  package func beat() { latest.store(elapsed, ordering: .relaxed) }

  /// Nothing is told any more.
  package func end() { hasEnded.store(true, ordering: .relaxed) }

  /// Looks at it from a thread of its own, until the end.
  ///
  /// - Parameters:
  ///   - limit: how long may pass between two beats.
  ///   - pause: between two looks.
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
