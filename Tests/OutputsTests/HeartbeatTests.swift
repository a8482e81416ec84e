import Outputs
import Synchronization
import TestSupport
import Testing

/// Another thread reports one that is stuck.
@Suite struct HeartbeatTests {
  private final class Told: Sendable {
    let changes = Mutex<[Heartbeat.Change]>([])

    var count: Int { changes.withLock(\.count) }
  }

  @Test func `a stuck thread is reported once, and so is its recovery`() {
    let (heartbeat, told) = (Heartbeat(), Told())
    heartbeat.watch(limit: .milliseconds(300), pause: .milliseconds(10)) { change in
      told.changes.withLock { $0.append(change) }
    }
    // Twice as long as the limit, and never silent.
    for _ in 0..<60 {
      heartbeat.beat()
      pause(.milliseconds(10))
    }
    let tooEarly = told.count
    #expect(waits { told.count > tooEarly })
    pause(.milliseconds(100))
    #expect(told.count == tooEarly + 1, "said once")
    heartbeat.beat()
    #expect(waits { told.count == tooEarly + 2 })
    heartbeat.end()
    pause(.milliseconds(500))
    let changes = told.changes.withLock { $0 }.suffix(2)
    guard changes.count == 2, case .stalled(let length) = changes.first, case .resumed(let whole) = changes.last else {
      Issue.record("\(changes)")
      return
    }
    #expect(length >= .milliseconds(300) && whole >= length)
    #expect(told.count == tooEarly + 2, "nothing after the end")
  }
}
