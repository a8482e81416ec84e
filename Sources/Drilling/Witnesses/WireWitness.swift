import Foundation
import Glibc
import Processes
import Summaries
import Text

/// A `leakaudit watch` on the stack's bridge and NIC: what it finds is what the drill says.
final class WireWitness {
  private let child: RunningCommand
  private var output: PipeReader
  private var errors: PipeReader

  /// Starts it, and returns when it sees the interfaces.
  init(_ machine: any Machine, options: [String]) throws(DrillProblem) {
    // A summary with thousands of findings is long.
    var output = try PipeReader(keeping: 64 << 20)
    var errors = try PipeReader()
    let words = machine.lasting([machine.program, "watch", "--format", "json"] + options)
    child = try RunningCommand(
      words, environment: machine.environment, input: .descriptor(machine.standstill),
      output: .descriptor(output.otherEnd), errors: .descriptor(errors.otherEnd))
    output.closeOtherEnd()
    errors.closeOtherEnd()
    let deadline = ContinuousClock.now + .seconds(20)
    var last = "it said nothing"
    var isWatching = false
    while !isWatching {
      PipeReader.wait(for: [errors.number], within: .milliseconds(50))
      errors.read()
      while let line = errors.line() {
        if line.contains("watching ") { isWatching = true }
        last = Formatting.safe(line)
      }
      guard errors.isOpen, .now < deadline else { break }
    }
    self.output = output
    self.errors = errors
    guard isWatching else {
      child.signal(SIGKILL)
      throw DrillProblem(.failed, "the drill's watch did not start: \(last)")
    }
  }

  /// Ends it.
  func end() throws(DrillProblem) -> Summary {
    child.signal(SIGTERM)
    let deadline = ContinuousClock.now + .seconds(30)
    while child.status == nil {
      PipeReader.wait(for: [output.number, errors.number], within: .milliseconds(50))
      output.read()
      errors.read()
      guard .now < deadline else {
        child.signal(SIGKILL)
        throw DrillProblem(.failed, "the drill's watch did not end")
      }
    }
    output.read()
    errors.read()
    do { return try Summary.read(Data(output.text.utf8)) } catch {
      var last = "it said nothing"
      while let line = errors.line() { last = Formatting.safe(line) }
      throw DrillProblem(.failed, "the drill's watch gave no summary: \(last)")
    }
  }
}
