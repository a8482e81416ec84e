import Foundation
import Glibc
import Probing
import Summaries

/// Runs scenarios on a twin, one after the other, and grades them.
package struct Drill {
  private let twin: Twin
  private let witness: EndpointWitness
  private let probes: ProbeSupervisor
  private let internet: RunningCommand
  private let settings: Settings
  private var isWell = false
  /// Why the tunnel did not come up in the first place. Then only what starts from nothing can be drilled.
  private var lacksTunnel: String?
  /// The scenarios that were begun.
  private var count = 0

  package struct Settings: Sendable {
    /// For the watch of the twin, such as its compose files.
    package var watchOptions: [String]
    /// Decides the order of attempts, and their nonces.
    package var seed: UInt64
    /// What `check` says of the same files.
    package var prediction: LeakPrediction
    /// Where each scenario's leaking frames go, and where all of its frames.
    package var evidence, captures: String?

    package init(
      watchOptions: [String], seed: UInt64, prediction: LeakPrediction, evidence: String?, captures: String?
    ) {
      self.prediction = prediction
      self.watchOptions = watchOptions
      self.seed = seed
      self.evidence = evidence
      self.captures = captures
    }
  }

  package init(_ twin: Twin, _ settings: Settings) throws(DrillProblem) {
    self.twin = twin
    self.settings = settings
    let names = twin.endpoint.names.flatMap { ["--name", "\($0.key)=\($0.value)"] }
    internet = try twin.island.start(
      "internet", twin.island.internetWords([Island.program, "drill-internet"] + names), input: twin.island.standstill)
    var process: Int?
    let deadline = ContinuousClock.now + .seconds(10)
    while process == nil {
      try DrillStop.check()
      if twin.island.log("internet") == "ready" { process = internet.worker.map { Int($0) } }
      guard .now < deadline else {
        throw DrillProblem(.failed, "the twin's internet does not answer: \(twin.island.log("internet"))")
      }
      usleep(20_000)
    }
    witness = EndpointWitness(process: process ?? 0)
    probes = ProbeSupervisor(twin, witness, seed: settings.seed)
  }

  package func end() { probes.end() }

  /// Runs one scenario. Throws only if the drill cannot go on.
  package mutating func run(_ scenario: Scenario, round: Int) throws(DrillProblem) -> ScenarioResult {
    count += 1
    let stage = Stage(twin, witness)
    let start = ContinuousClock.now
    if !scenario.startsWell {
      // What the scenario before has opened is not this one's.
      try twin.clear()
    } else if let lacksTunnel {
      var result = ScenarioResult(scenario, round: round)
      result.reasons = [lacksTunnel]
      return result
    } else if !isWell {
      try makeWell(for: scenario)
    }
    isWell = false
    let recorder = try ScenarioRecorder(twin.island, settings, name: "\(round)-\(scenario.id)")
    // The stack looked its Endpoint up before the watch began.
    let resolve = twin.endpoint.names.flatMap { ["--resolve", "\($0.key)=\($0.value)"] }
    let wire = try WireWitness(
      twin.island, program: Island.program, options: settings.watchOptions + resolve + recorder.watchOptions)
    // The watch sees all that is counted from here on.
    let errorsBefore = twin.endpoint.errorsReceived()
    witness.begin()
    probes.begin(scenario: count, isDeliberate: scenario.isDeliberate)
    var ending: Scenario.Ending
    do {
      if scenario.startsWell { try stage.hold(.milliseconds(600)) }
      ending = try scenario.steps(stage)
    } catch {
      guard error.kind != .stopped else { throw error }
      ending = .notDone(error.message)
    }
    let sums = witness.sums
    let attempts = try probes.pause()
    let meanwhile = witness.countInPauses(attempts.filter(ScenarioResult.Attempts.counts).map(\.at))
    let summary = try wire.end()
    var result = ScenarioResult(scenario, round: round)
    let errors = twin.endpoint.errorsReceived() - errorsBefore
    result.take(summary, twin.catalogue, errors: errors) { entry, probe in
      settings.prediction.findings(for: entry, probe, in: scenario)
    }
    recorder.end(keepsEvidence: !result.leaks.isEmpty)
    result.count(attempts)
    result.millisecondsWithoutTunnel = Int(sums.silent / .milliseconds(1))
    result.recoveryMilliseconds = stage.recovery.map { Int($0 / .milliseconds(1)) }
    result.milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
    result.judge(ending, scenario.exercise, sums, meanwhile: meanwhile, limits: ScenarioResult.limits(of: summary))
    if case .well = ending { isWell = scenario.leavesWell }
    return result
  }

  private mutating func makeWell(for scenario: Scenario) throws(DrillProblem) {
    let stage = Stage(twin, witness)
    try twin.recreate()
    witness.begin()
    probes.begin(scenario: count)
    guard try !stage.tunnelComesBack() else { return }
    let reason = "the twin's tunnel does not come up: \(twin.gatewayWords)"
    guard scenario.number == Scenario.control.number else { throw DrillProblem(.failed, reason) }
    lacksTunnel = reason
  }
}
