/// What an audit costs before its first frame and after its last: a capture of 40 frames.
enum Startup {
  static var name: String { "startup" }

  static func measure(_ mix: Mix, base: String, counts: TrafficCounts, binaries: String, output: String) throws(Failure)
    -> Run
  {
    var comparison = Comparison(mix, base: base, counts: counts, binaries: binaries, output: output)
    for _ in 0..<20 { try comparison.runAudit() }
    return comparison.audit
  }
}

/// What a leak costs that is a finding of its own: the work of its first frame, and its part of the summary. A row of the
/// table spreads that over many frames; a mix with few frames of many leaks does not.
enum NewFinding {
  static var name: String { "finding" }
  static var frames: Int { 4000 }

  /// In seconds of CPU time, without that of starting.
  static func cost(_ comparison: consuming Comparison, startup: Double) throws(Failure) -> Double {
    for _ in 0..<4 { try comparison.runAudit() }
    guard comparison.findings > frames / 2 else {
      throw Failure(status: 70, message: "\(comparison.findings) findings of \(frames) new flows: no cost can be told")
    }
    return max(0, comparison.audit.cpu - startup) / Double(comparison.findings)
  }
}
