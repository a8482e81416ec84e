import Audit
import Policy
import Serving
import Synchronization
import Wire

/// Where the watch's thread puts a summary for whoever asks for one, and is asked.
///
/// The audit waits for nobody: it looks whether it is asked between two batches, and hands over a value that nobody changes.
final class LiveAudit: Sendable {
  struct Snapshot: Sendable {
    let summary: AuditSummary
    let taken: ContinuousClock.Instant
    let time: Timestamp
  }

  /// A younger one is good enough: no more are made, however many ask.
  private static let freshness = Duration.seconds(1)
  /// The same where something was told since it was made.
  private static let freshnessBehindAlert = Duration.milliseconds(250)

  /// Rung for the watch, which waits for frames.
  let bell: Bell
  /// Rung for those who asked.
  let answered: Bell
  let start = (clock: ContinuousClock.now, time: Timestamp.now)
  private let asks = Atomic<Bool>(false)
  private let latest = Mutex<(snapshot: Snapshot?, told: ContinuousClock.Instant)>((nil, .now))

  init?() {
    guard let bell = Bell(), let answered = Bell() else { return nil }
    self.bell = bell
    self.answered = answered
  }

  /// Nil where there is none that is fresh; one is then on the way.
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

  /// Whether there is something to be done; true once for each time. The bell was quietened before: a ring that comes between
  /// the two wakes the watch once more, and none is lost.
  func isAsked() -> Bool {
    guard asks.load(ordering: .acquiring) else { return false }
    asks.store(false, ordering: .relaxed)
    return true
  }

  func post(_ summary: AuditSummary) {
    latest.withLock { $0.snapshot = Snapshot(summary: summary, taken: .now, time: .now) }
    answered.ring()
  }

  /// What is told to listeners is to be in the summary that they then ask for.
  func outdate() { latest.withLock { $0.told = .now } }
}

extension Watch {
  /// What the policy waits for and DNS has not told.
  var unansweredEndpoints: [Gap] {
    auditor.unansweredEndpoints.map { endpoint in
      Gap(
        "no DNS answer gave the address of the Endpoint \(endpoint.value.name), so its tunnel counts as leaks",
        .unheard,
        do: "state it with --resolve \(endpoint.value.name)=ADDRESS")
    }
  }

  mutating func answerLive() {
    guard let live, live.isAsked() else { return }
    var rules = rulesNow()
    rules.gaps += unansweredEndpoints
    live.post(auditor.summary(rules))
  }
}
