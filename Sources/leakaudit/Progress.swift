import Audit
import Savefile
import Text

/// A line on standard error while a long file is read: progress, speed and leaks so far. It is only shown on a
/// terminal, and removed at the end.
struct Progress {
  private static let width = 24

  private let isShown = StandardError.isTerminal
  private let start = ContinuousClock.now
  private var latest = ContinuousClock.now
  private var isOnScreen = false

  mutating func show(_ sources: [OpenSavefile], _ auditor: borrowing Auditor) {
    guard isShown else { return }
    let now = ContinuousClock.now
    guard now - latest > .milliseconds(100) else { return }
    latest = now
    isOnScreen = true
    let read = sources.reduce(0) { $0 + $1.reader.bytesRead }
    let total = sources.reduce(0 as UInt64?) { sum, source in
      guard let sum, let size = source.reader.fileSize else { return nil }
      return sum + size
    }
    let seconds = max((now - start) / .seconds(1), 0.001)
    let rate = Formatting.number(Int(Double(auditor.frames) / seconds))
    var line = TextStyle.erasedLine
    if let total, total > 0 {
      let filled = Int(min(read, total) * UInt64(Self.width) / total)
      line += "[" + String(repeating: "#", count: filled) + String(repeating: ".", count: Self.width - filled) + "] "
      line += "\(min(read, total) * 100 / total) % "
    }
    line += "\(Formatting.bytes(Int(read))), \(rate) frames/s, \(Formatting.count(auditor.leaksSoFar, "leak"))"
    StandardError.print(line)
  }

  func clear() {
    if isOnScreen { StandardError.print(TextStyle.erasedLine) }
  }
}
