import Audit
import Policy
import Probing
import Summaries
import Wire

/// What became of one scenario.
package struct ScenarioResult: Codable, Sendable {
  package var number: Int
  package var id, what: String
  /// Which time it was, from 1: races show in repetitions.
  package var round: Int
  package var grade: Grade
  /// Why it was not exercised, or does not apply.
  package var reasons: [String]
  /// Attempts by what became of them; those that say nothing are not in it.
  package var attempts: Attempts
  package var probes: [ProbeResult]
  package var leaks: [Leak]
  /// ICMP errors to the Endpoint's own address, outside of the tunnel. They are told and not graded: the kernel answers
  /// the Endpoint so when that goes on sending to a tunnel that is gone, and quotes only what it was sent.
  package var answersToEndpoint: Int
  /// Milliseconds without a packet at the tunnel's other end, counted from pauses of 0.7 s on. On a running stack: without
  /// data in both ways between gateway and Endpoint.
  package var millisecondsWithoutTunnel: Int
  /// Attempts beyond the LAN that were made meanwhile, but for each pause's first 0.7 s.
  package var attemptsWithoutTunnel: Int
  /// From when the tunnel was let until it carried packets again; absent if it was not to come back.
  package var recoveryMilliseconds: Int?
  package var milliseconds: Int

  package enum Grade: String, Codable, Sendable {
    /// Exercised, and nothing leaked.
    case holds
    case leaks
    /// It could not be exercised, or not all of its traffic was seen.
    case incomplete
    /// The stack has nothing of the kind.
    case doesNotApply = "does not apply"
    /// The positive control: it leaked, as it had to.
    case leakSeen = "leak seen"
  }

  package struct Attempts: Codable, Equatable, Sendable {
    package var tried = 0
    package var through = 0
    /// Stopped with an error that the sender saw.
    package var refused = 0
    /// Without an answer.
    package var silent = 0
    /// The answer said that it came from outside of the tunnel.
    package var around = 0
    /// Answered by somebody who does not say where it came from.
    package var answered = 0
  }

  package struct ProbeResult: Codable, Sendable {
    package var id, what: String
    package var attempts: Attempts
    /// Packets of it that the wire showed outside of the tunnel.
    package var leakedPackets: Int
  }

  /// A leak on the wire, as `watch` tells it, with the probe that it belongs to.
  package struct Leak: Codable, Sendable {
    package var reason, severity, title, interface: String
    package var destination: String?
    package var port: UInt16?
    package var `protocol`: String?
    /// Absent if it is an application's own.
    package var probe: String?
    /// The findings of `check` in the same files that predict such packets; empty if none does.
    package var predictedBy: [DrillDocument.Cause]?
    package var frames: Int
    package var packets: Int?
    /// `attempted` or `escaped`, if both sides of the machine were seen.
    package var fate: String?
    package var first, last: String
    package var milliseconds: Int
  }
}

extension ScenarioResult {
  init(_ scenario: Scenario, round: Int) {
    self.init(
      number: scenario.number, id: scenario.id, what: scenario.what, round: round, grade: .incomplete, reasons: [],
      attempts: Attempts(), probes: [], leaks: [], answersToEndpoint: 0, millisecondsWithoutTunnel: 0,
      attemptsWithoutTunnel: 0, milliseconds: 0)
  }

  /// The packets that leaked, counted once.
  package var leakedPackets: Int { leaks.reduce(0) { $0 + ($1.packets ?? $1.frames) } }

  mutating func count(_ attempts: [ProbeAttempt]) {
    var byProbe: [String: Attempts] = [:]
    for attempt in attempts {
      guard let probe = ProbeCatalogue.probe(id: attempt.probe) else { continue }
      byProbe[probe.id, default: Attempts()].add(attempt.outcome)
      if !probe.isLocal { self.attempts.add(attempt.outcome) }
    }
    probes = ProbeCatalogue.probes.compactMap { probe in
      guard let attempts = byProbe[probe.id], attempts.tried > 0 else { return nil }
      let leaked = leaks.filter { $0.probe == probe.id }.reduce(0) { $0 + ($1.packets ?? $1.frames) }
      return ProbeResult(id: probe.id, what: probe.what, attempts: attempts, leakedPackets: leaked)
    }
  }

  /// - Parameters:
  ///   - errors: how many ICMP errors the Endpoint got. ICMP to it that may be anything else is a leak.
  ///   - predict: which findings of `check` predict a leak of a probe.
  mutating func take(
    _ summary: Summary, _ catalogue: ProbeCatalogue, errors: Int,
    predict: (Summary.LeakEntry, Probe?) -> [DrillDocument.Cause]? = { _, _ in nil }
  ) {
    let failing = summary.countedLeaks.filter(summary.isFailing)
    func isAnswer(_ leak: Summary.LeakEntry) -> Bool {
      leak.reason == .endpointBypass && (leak.protocol == .icmp || leak.protocol == .icmpv6)
    }
    let answers = failing.filter(isAnswer).reduce(0) { $0 + ($1.packets ?? $1.frames) }
    let areErrors = answers <= errors
    leaks = failing.filter { !areErrors || !isAnswer($0) }.map { Leak($0, catalogue, predict) }
    answersToEndpoint = areErrors ? answers : 0
  }
}

extension ScenarioResult.Attempts {
  /// Whether an attempt says anything about what is beyond the LAN.
  static func counts(_ attempt: ProbeAttempt) -> Bool {
    var attempts = Self()
    attempts.add(attempt.outcome)
    return attempts.tried > 0 && ProbeCatalogue.probe(id: attempt.probe)?.isLocal == false
  }

  mutating func add(_ outcome: ProbeAttempt.Outcome) {
    switch outcome {
    case .through: through += 1
    case .around: around += 1
    case .answered: answered += 1
    case .refused: refused += 1
    case .silent: silent += 1
    case .unavailable, .cut: return
    }
    tried += 1
  }
}

extension ScenarioResult.Leak {
  init(
    _ entry: Summary.LeakEntry, _ catalogue: ProbeCatalogue,
    _ predict: (Summary.LeakEntry, Probe?) -> [DrillDocument.Cause]?
  ) {
    let asked = entry.questions.lazy.compactMap { ProbeCatalogue.nonce(inName: $0.name) }.first
    var probe = asked.flatMap { ProbeCatalogue.probe(number: $0.probe) }
    if probe == nil, let address = entry.destination, let transport = entry.protocol {
      probe = catalogue.probe(forDestination: address, transport: transport, port: entry.port ?? 0)
    }
    self.init(
      reason: entry.reason.rawValue, severity: entry.severity.rawValue, title: entry.title, interface: entry.interface,
      destination: entry.destination.map { "\($0)" }, port: entry.port, protocol: entry.protocol.map { "\($0)" },
      probe: probe?.id, predictedBy: predict(entry, probe), frames: entry.frames, packets: entry.packets,
      fate: entry.fate?.rawValue,
      first: entry.first.coded, last: entry.last.coded,
      milliseconds: Int(max(0, (entry.last.nanoseconds - entry.first.nanoseconds) / 1_000_000)))
  }
}
