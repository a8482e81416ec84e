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
