package import Audit

/// Whether a watch sees what it should, from its gaps at one moment after the other.
///
/// The conclusion remembers every gap until the end. Whoever asks for health wants to know whether somebody should look after
/// the watch now:
/// - what is not there counts as long as it is not there;
/// - what was lost counts for a minute, and for another whenever more is lost: nothing that is done now brings it back;
/// - that nothing was heard yet counts once the watch is a minute old. A stack that starts after its auditor is no fault, an
///   auditor at the wrong interface is one.
package struct WatchHealth: Sendable {
  package static let patience = Duration.seconds(60)

  /// When a loss was first said in these words, which hold how much it was.
  private var losses: [String: ContinuousClock.Instant] = [:]
  private let start: ContinuousClock.Instant

  package init(start: ContinuousClock.Instant) { self.start = start }

  /// Positions of the gaps that hold now.
  package mutating func holding(_ gaps: [Gap], at now: ContinuousClock.Instant) -> [Int] {
    let said = Set(gaps.filter { $0.nature == .lost }.map(\.text))
    losses = losses.filter { said.contains($0.key) }
    for text in said where losses[text] == nil { losses[text] = now }
    return gaps.indices.filter { index in
      switch gaps[index].nature {
      case .absent: true
      case .lost: losses[gaps[index].text].map { now - $0 < Self.patience } ?? true
      case .unheard: now - start >= Self.patience
      }
    }
  }
}
