import Audit
import Policy
import Serving
import Synchronization
import Wire

/// Where other threads ask for a summary, and the watch's thread puts it.
///
/// The audit waits for nobody: between two batches it checks for a request, and hands over a value that nobody changes.
final class LiveAudit: Sendable {
  struct Snapshot: Sendable {
    let summary: AuditSummary
    let taken: ContinuousClock.Instant
    let time: Timestamp
  }

  /// A snapshot younger than this is reused: no more are made, however many clients ask.
  private static let freshness = Duration.seconds(1)
  /// The same limit if an alert was sent since the snapshot was made.
  private static let freshnessBehindAlert = Duration.milliseconds(250)

  /// Wakes the watch, which waits for frames.
  let bell: Bell
  /// Wakes those who asked.
  let answered: Bell
  let start = (clock: ContinuousClock.now, time: Timestamp.now)
  private let asks = Atomic<Bool>(false)
  private let latest = Mutex<(snapshot: Snapshot?, told: ContinuousClock.Instant)>((nil, .now))

  init?() {
    guard let bell = Bell(), let answered = Bell() else { return nil }
    self.bell = bell
    self.answered = answered
  }

  /// The snapshot if it is fresh; otherwise nil, and a new one is requested.
  func snapshot() -> Snapshot? {
    let (snapshot, told) = latest.withLock { $0 }
    if let snapshot {
      let freshness = told > snapshot.taken ? Self.freshnessBehindAlert : Self.freshness
      if .now - snapshot.taken < freshness { return snapshot }
    }
    asks.store(true, ordering: .releasing)
    bell.ring()
    return nil
  }

  // MARK: - The watch's side

  /// Whether a summary was requested; true once for each request. The bell is quietened before this call: a ring
  /// between the two wakes the watch once more, so none is lost.
  func isAsked() -> Bool {
    guard asks.load(ordering: .acquiring) else { return false }
    asks.store(false, ordering: .relaxed)
    return true
  }

  func post(_ summary: AuditSummary) {
    latest.withLock { $0.snapshot = Snapshot(summary: summary, taken: .now, time: .now) }
    answered.ring()
  }

  /// Called for each event: listeners who then ask for the summary must find the event in it.
  func outdate() { latest.withLock { $0.told = .now } }
}
