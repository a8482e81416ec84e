import Text

extension Duration {
  /// As people read it: `300 ms`, `30.0 s`, `24 h 00 min`.
  package var text: String {
    let (seconds, attoseconds) = components
    let bounded = min(max(seconds, 0), 1_000_000_000)
    return Formatting.duration(nanoseconds: bounded * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
