import Foundation
import Glibc
import Probing
import Processes

/// A `drill-probe` in one network, as a consumer there: nobody, with a consumer's capabilities.
final class RunningProber {
  let network: String
  let scenario: Int
  let isDeliberate: Bool
  private let child: RunningCommand
  private var output: PipeReader

  init(_ found: NetworkSearch.Found, of twin: Twin, scenario: Int, seed: UInt64, isDeliberate: Bool)
    throws(DrillProblem)
  {
    network = found.network
    self.scenario = scenario
    self.isDeliberate = isDeliberate
    let island = twin.island
    var output = try PipeReader()
    let words =
      ["nsenter", "--net=/proc/\(found.process)/ns/net", "--"] + twin.privileges.words
      + [Island.program, "drill-probe", "--scenario", "\(scenario)", "--seed", "\(seed)"]
      + (isDeliberate ? ["--deliberate"] : [])
      + twin.probeOptions(process: found.process)
    child = try RunningCommand(
      island.words(words), environment: island.environment, input: .descriptor(island.standstill),
      output: .descriptor(output.otherEnd), errors: .null)
    output.closeOtherEnd()
    self.output = output
  }

  var isRunning: Bool { child.status == nil }
  var mayHaveMore: Bool { output.isOpen }

  func end() { child.signal(SIGTERM) }

  /// The attempts whose fate it has told since the last call.
  func read() -> [ProbeAttempt] {
    output.read()
    var attempts: [ProbeAttempt] = []
    while let line = output.line() {
      if case .attempt(let attempt)? = ProbeLine(line) { attempts.append(attempt) }
    }
    return attempts
  }
}
