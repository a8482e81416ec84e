package import Audit

/// Whether a watch sees what it should, judged from its current gaps each time.
///
/// The conclusion remembers every gap until the end. Health is about whether somebody should look at the watch now:
/// - a missing thing counts as long as it is missing;
/// - a loss counts for a minute, and for another minute whenever more is lost: nothing done now brings it back;
/// - hearing nothing counts only when the watch is a minute old. A stack that starts after its auditor is no fault; an
///   auditor at the wrong interface is one.
package struct WatchHealth: Sendable {
  package static let timeout = Duration.seconds(60)

  /// When each text of a loss first appeared; the text includes the amount.
  private var losses: [String: ContinuousClock.Instant] = [:]
  private let start: ContinuousClock.Instant

  package init(start: ContinuousClock.Instant) { self.start = start }

  /// The positions of the gaps that count now.
  package mutating func holding(_ gaps: [Gap], at now: ContinuousClock.Instant) -> [Int] {
    let said = Set(gaps.filter { $0.nature == .lost }.map(\.text))
    losses = losses.filter { said.contains($0.key) }
    for text in said where losses[text] == nil { losses[text] = now }
    return gaps.indices.filter { index in
      switch gaps[index].nature {
      case .absent: true
      case .lost: losses[gaps[index].text].map { now - $0 < Self.timeout } ?? true
      case .unheard: now - start >= Self.timeout
      }
    }
  }
}
