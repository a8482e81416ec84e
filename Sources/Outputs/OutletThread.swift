import Dispatch
import Foundation
import Glibc
import Policy
import Synchronization

/// An outlet with a queue and a thread of its own: however slow it is, neither the capture nor another outlet
/// waits for it.
///
/// `unsafe` because system calls take the address of a set of signals. Sound: the set outlives the calls.
package final class OutletThread: Sendable {
  private struct Counts {
    var accepted = 0
    var delivered = 0
    var failed = 0
    var latestFailure: DeliveryFailure?
  }

  package let name: String
  private let actsOnAlerts: Bool
  private let takesOnlyLeaks: Bool
  let reopens: Bool
  private let queue: BoundedQueue<RenderedAlert>
  private let counts: Shared<Counts>
  private let ending = Ending()
  private let ended = DispatchSemaphore(value: 0)

  /// - Parameters:
  ///   - capacity: how many alerts of a severity may wait before further ones are refused.
  ///   - say: writes a diagnostic line. Called for the first failure only, from the outlet's thread.
  package init<Outlet: AlertOutlet & ~Copyable>(
    _ outlet: consuming Outlet, capacity: Int = 1024, say: @escaping @Sendable (String) -> Void
  ) {
    name = outlet.name
    actsOnAlerts = outlet.actsOnAlerts
    takesOnlyLeaks = outlet.takesOnlyLeaks
    reopens = outlet.reopens
    queue = BoundedQueue(capacity: capacity)
    counts = Shared(Counts())
    let box = Shared<Outlet?>(outlet)
    Thread.detachNewThread { [name, queue, counts, ending, ended] in
      Self.blockSignals()
      var outlet = box.value.withLock { $0.take() }
      var groups = outlet?.grouping ?? nil
      func deliver(_ push: PushGroups.Push) {
        do throws(DeliveryFailure) {
          try outlet?.deliver(push.alert, ending)
          counts.value.withLock { $0.delivered += push.alerts }
        } catch {
          let isFirst = counts.value.withLock { counts in
            counts.failed += push.alerts
            defer { counts.latestFailure = error }
            return counts.latestFailure == nil
          }
          if isFirst {
            say("\(name): an alert was not delivered: \(error.reason) (said once; the rest is counted)")
          }
        }
      }
      // After the deadline, the rest is not delivered but counted.
      taking: while true {
        let wait = groups?.next.map { max(.zero, $0 - .now) }
        switch wait.map({ queue.pop(within: $0) }) ?? queue.pop().map({ .element($0) }) ?? .closed {
        case .closed: break taking
        case .timedOut: break
        case .element(let alert):
          if ending.isOver { break taking }
          if alert.subject == .reopening {
            do throws(DeliveryFailure) { try outlet?.reopen() } catch {
              say("\(name): it cannot be opened anew: \(error.reason); alerts still go to the old file")
            }
            continue
          }
          guard groups != nil else {
            deliver(PushGroups.Push(alert: alert, alerts: 1))
            continue
          }
          if let push = groups?.add(alert, at: .now) { deliver(push) }
        }
        for push in groups?.due(at: .now) ?? [] where !ending.isOver { deliver(push) }
      }
      for push in groups?.flush(at: .now) ?? [] where !ending.isOver { deliver(push) }
      ended.signal()
    }
  }

  deinit { queue.close() }

  /// Hands an alert over, within microseconds, if it is meant for this outlet. False if the queue is full.
  @discardableResult
  package func post(_ alert: RenderedAlert) -> Bool {
    guard alert.severity > .info || !actsOnAlerts, alert.isLeak || !takesOnlyLeaks else { return true }
    // Counted before it is pushed, so that no report shows more deliveries than alerts.
    counts.value.withLock { $0.accepted += 1 }
    let isAccepted = queue.push(alert, alert.severity)
    if !isAccepted { counts.value.withLock { $0.accepted -= 1 } }
    return isAccepted
  }

  /// Has the outlet's file opened anew, behind the critical alerts that wait already.
  func reopen() { if reopens { queue.push(.reopening) } }

  /// Accepts no more alerts, and makes work end by the deadline.
  func close(_ deadline: ContinuousClock.Instant) {
    ending.set(deadline)
    queue.close()
  }

  /// Waits for the thread to end, at most until `moment`.
  func join(until moment: ContinuousClock.Instant) {
    _ = ended.wait(timeout: .now() + max(.zero, moment - .now))
    ended.signal()
  }

  package var report: OutletReport {
    let refusals = queue.refusals
    return counts.value.withLock { counts in
      OutletReport(
        name: name, delivered: counts.delivered, failed: counts.failed, refused: refusals.total, refusals: refusals,
        waiting: counts.accepted - counts.delivered - counts.failed, latestFailure: counts.latestFailure?.reason)
    }
  }

  /// Signals are left to the thread that waits for them. If a write raises one, SIGPIPE or SIGXFSZ, the write returns
  /// an error instead.
  static func blockSignals() {
    var signals = sigset_t()
    unsafe sigfillset(&signals)
    unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}

/// A value that several threads share.
private final class Shared<Value: ~Copyable & Sendable>: Sendable {
  let value: Mutex<Value>

  init(_ value: consuming Value) { self.value = Mutex(value) }
}
