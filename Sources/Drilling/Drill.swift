import Foundation
import Glibc
import Probing
import Summaries

/// Runs scenarios on a stack, one after the other, and grades them.
package struct Drill {
  private let stack: any DrilledStack
  private let witness: EndpointWitness
  private let probes: ProbeSupervisor
  private let settings: Settings
  private var isWell = false
  /// Why the tunnel did not come up in the first place. Then only what starts from nothing can be drilled.
  private var lacksTunnel: String?
  /// The scenarios that were begun.
  private var count = 0

  package struct Settings: Sendable {
    /// For the watch, such as the stack's compose files.
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

  /// Of a twin, with an internet that answers.
  package init(_ twin: Twin, _ settings: Settings) throws(DrillProblem) {
    var settings = settings
    // The stack looks its Endpoint up before the watch begins, or where the watch does not see it.
    settings.watchOptions += twin.endpoint.names.flatMap { name in
      twin.endpoint.addresses.flatMap { ["--resolve", "\(name)=\($0)"] }
    }
    self.init(twin, EndpointWitness(process: try twin.startInternet()), settings)
  }

  /// Of the user's own stack, as it runs.
  package init(_ stack: LiveStack, _ settings: Settings) {
    self.init(stack, EndpointWitness { stack.table.exchanges() }, settings)
  }

  private init(_ stack: any DrilledStack, _ witness: EndpointWitness, _ settings: Settings) {
    (self.stack, self.witness, self.settings) = (stack, witness, settings)
    probes = ProbeSupervisor(stack, witness, seed: settings.seed)
  }

  package func end() { probes.end() }

  /// Runs one scenario. Throws only if the drill cannot go on.
  package mutating func run(_ scenario: Scenario, round: Int) throws(DrillProblem) -> ScenarioResult {
    count += 1
    if scenario.number == 0, let stack = stack as? LiveStack { return try runControl(beside: stack) }
    let start = ContinuousClock.now
    if !scenario.startsWell {
      // What the scenario before has opened is not this one's.
      try (stack as? Twin)?.clear()
    } else if let lacksTunnel {
      var result = ScenarioResult(scenario, round: round)
      result.reasons = [lacksTunnel]
      return result
    } else if !isWell {
      try makeWell(for: scenario)
    }
    isWell = false
    let recorder = try ScenarioRecorder(stack.machine, settings, name: "\(round)-\(scenario.id)")
    let wire = try WireWitness(stack.machine, options: settings.watchOptions + recorder.watchOptions)
    // The watch sees all that is counted from here on.
    let errorsBefore = stack.errorsToEndpoint()
    _ = stack.wasUnseen()
    witness.begin()
    probes.begin(scenario: count, isDeliberate: scenario.isDeliberate)
    let (ending, recovery) = try perform(scenario)
    let sums = witness.sums
    let attempts = try probes.pause()
    let meanwhile = witness.countInPauses(attempts.filter(ScenarioResult.Attempts.counts).map(\.at))
    let summary = try wire.end()
    var result = ScenarioResult(scenario, round: round)
    let errors = stack.errorsToEndpoint() - errorsBefore
    let starts = probes.startWindows
    result.take(summary, stack.catalogue, errors: errors) { entry, probe in
      settings.prediction.findings(for: entry, probe, in: scenario, starts: starts)
    }
    recorder.end(keepsEvidence: !result.leaks.isEmpty)
    result.count(attempts)
    result.millisecondsWithoutTunnel = Int(sums.silent / .milliseconds(1))
    result.attemptsWithoutTunnel = meanwhile
    result.recoveryMilliseconds = recovery.map { Int($0 / .milliseconds(1)) }
    result.milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
    var limits = ScenarioResult.limits(of: summary)
    if stack.wasUnseen() { limits.append("it was not seen all the time whether the tunnel carries anything") }
    result.judge(ending, scenario.exercise, sums, on: stack.kind, limits: limits)
    if case .well = ending { isWell = scenario.leavesWell }
    return result
  }

  private func perform(_ scenario: Scenario) throws(DrillProblem) -> (Scenario.Ending, recovery: Duration?) {
    let stage: Stage
    let steps: () throws(DrillProblem) -> Scenario.Ending
    switch scenario.steps {
    case .undoable(let undoable):
      let plain = Stage(stack, witness)
      (stage, steps) = (plain, { () throws(DrillProblem) in try undoable(plain) })
    case .onTwin(let onTwin):
      guard let twin = stack as? Twin else { return (.notDone("it is for a twin only"), nil) }
      let own = TwinStage(twin, witness)
      (stage, steps) = (own, { () throws(DrillProblem) in try onTwin(own) })
    }
    do {
      if scenario.startsWell { try stage.hold(.milliseconds(600)) }
      return (try steps(), stage.recovery)
    } catch {
      guard error.kind != .stopped else { throw error }
      return (.notDone(error.message), stage.recovery)
    }
  }

  /// Makes the stack well after the last scenario, as before each.
  package mutating func finish() throws(DrillProblem) {
    if !isWell, let reason = try comeWell() { throw DrillProblem(.failed, reason) }
    isWell = true
  }

  /// What a twin's control shows, it shows without a tunnel, too.
  private mutating func makeWell(for scenario: Scenario) throws(DrillProblem) {
    guard let reason = try comeWell() else { return }
    guard scenario.number == Scenario.control.number, stack.kind == .twin else { throw DrillProblem(.failed, reason) }
    lacksTunnel = reason
  }

  /// Why the tunnel does not come up, or nil.
  private func comeWell() throws(DrillProblem) -> String? {
    try stack.makeWell()
    witness.begin()
    probes.begin(scenario: count)
    return try Stage(stack, witness).tunnelComesBack()
      ? nil : "the \(stack.kind.words)'s tunnel does not come up: \(stack.gatewayWords)"
  }

  /// The positive control of a running stack. Its kill switch cannot be taken away without a leak of its own, so what is
  /// tried is whether the watch, with the policy of the stack's files, sees the same attempts as leaks where there is
  /// none.
  private func runControl(beside stack: LiveStack) throws(DrillProblem) -> ScenarioResult {
    let start = ContinuousClock.now
    let room = try LiveControlRoom(beside: stack)
    defer { room.end() }
    let recorder = try ScenarioRecorder(room, settings, name: "1-\(Scenario.controlBeside.id)")
    let wire = try WireWitness(
      room,
      options: settings.watchOptions + recorder.watchOptions + ["--no-docker", "--interface", LiveControlRoom.bridge])
    let prober = try RunningProber(room.consumer, of: stack, scenario: count, seed: settings.seed, isDeliberate: false)
    try Stage(stack, witness).hold(.seconds(3))
    prober.end()
    usleep(300_000)
    let attempts = prober.read()
    let summary = try wire.end()
    var result = ScenarioResult(.controlBeside, round: 1)
    result.take(summary, stack.catalogue, errors: 0)
    recorder.end(keepsEvidence: !result.leaks.isEmpty)
    result.count(attempts)
    result.milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
    result.judge(.well, Scenario.controlBeside.exercise, (0, .zero), on: stack.kind, limits: [])
    return result
  }
}
