import Glibc

extension Stage {
  /// Lets time pass, in which attempts are made, until the gateway's health check has run once more, if it has one: some
  /// change rules where the tunnel is away.
  ///
  /// - Parameters:
  ///   - least: so long in any case.
  ///   - most: not longer, whatever the health check does. Docker's own interval is 30 s.
  func holdThroughHealthCheck(least: Duration, most: Duration = .seconds(35)) throws(DrillProblem) {
    let before = try stack.healthChecks()
    let start = ContinuousClock.now
    try hold(least)
    guard let before else { return }
    while .now < start + most {
      // What began before is among those that end first.
      if let now = try stack.healthChecks(), now.filter({ !before.contains($0) }).count > 1 {
        return try hold(.seconds(1))
      }
      try hold(.milliseconds(500))
    }
  }
}

extension DrilledStack {
  /// When the health checks began that the engine remembers, the last five; nil if the gateway has none.
  fileprivate func healthChecks() throws(DrillProblem) -> [String]? {
    let outcome = try machine.run([
      "docker", "inspect", "--format", "{{with .State.Health}}health\n{{range .Log}}{{.Start}}\n{{end}}{{end}}",
      try gatewayID(),
    ])
    let lines = outcome.output.split(separator: "\n").map(String.init)
    return lines.first == "health" ? Array(lines.dropFirst()) : nil
  }
}
