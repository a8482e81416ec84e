/// How long to wait between tries: twice as long each time, with random variation.
package struct Backoff: Sendable {
  /// The wait before the second try.
  package var first: Duration
  package var longest: Duration
  /// How often an alert is tried at most.
  package var tries: Int

  package init(first: Duration = .seconds(1), longest: Duration = .seconds(60), tries: Int = 8) {
    self.first = first
    self.longest = longest
    self.tries = max(1, tries)
  }

  /// The wait after a failed try, counted from 1: between half and all of 1, 2, 4 … times `first`. The jitter keeps
  /// programs that failed together from coming back together.
  package func wait(after failed: Int, using generator: inout some RandomNumberGenerator) -> Duration {
    let doubled = first * (1 << min(max(failed, 1) - 1, 30))
    return min(doubled, longest) * Double.random(in: 0.5...1, using: &generator)
  }
}
