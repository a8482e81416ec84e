import Audit
import Text

/// One line about the current state of the watch: rates per class since the last line, leaks so far, the tunnel,
/// losses.
struct StatusLine {
  private let start: ContinuousClock.Instant
  private var latest: ContinuousClock.Instant
  private var counts = ClassCounts()

  init(at start: ContinuousClock.Instant) {
    self.start = start
    latest = start
  }

  mutating func text(_ auditor: borrowing Auditor, drops: UInt64, at now: ContinuousClock.Instant) -> String {
    let total = auditor.interfaces.reduce(ClassCounts()) { $0 + $1.counts }
    let seconds = max((now - latest) / .seconds(1), 0.001)
    let rates = [VerdictClass.tunnel, .local, .allowed].map { verdictClass in
      let frames = total[verdictClass].frames - counts[verdictClass].frames
      return "\(verdictClass.name) \(Formatting.number(Int(Double(frames) / seconds)))/s"
    }
    latest = now
    counts = total
    let elapsed = Formatting.duration(nanoseconds: Int64((now - start) / .nanoseconds(1)))
    let lost = drops > 0 ? ", \(Formatting.number(Int(clamping: drops))) DROPPED" : ""
    return "\(elapsed): \(rates.joined(separator: ", ")), \(Formatting.count(total[.leak].frames, "leak")), "
      + "tunnel \(auditor.tunnelText)\(lost)"
  }
}
