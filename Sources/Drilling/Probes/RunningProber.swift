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

  init(_ found: NetworkSearch.Found, of stack: any DrilledStack, scenario: Int, seed: UInt64, isDeliberate: Bool)
    throws(DrillProblem)
  {
    network = found.network
    self.scenario = scenario
    self.isDeliberate = isDeliberate
    let machine = stack.machine
    var output = try PipeReader()
    let words =
      ["nsenter", "--net=/proc/\(found.process)/ns/net", "--"] + stack.privileges.words
      + [machine.program, "drill-probe", "--scenario", "\(scenario)", "--seed", "\(seed)"]
      + (isDeliberate ? ["--deliberate"] : [])
      + stack.probeOptions(process: found.process)
    child = try RunningCommand(
      machine.words(words), environment: machine.environment, input: .descriptor(machine.standstill),
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
