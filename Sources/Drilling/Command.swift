import Foundation
import Glibc
import Processes
import Text

/// A program of this machine, run to its end.
///
/// `unsafe` for access(2). Sound: the path outlives the call.
package enum Command {
  package struct Outcome: Sendable {
    package var status: Int32
    /// The last mebibyte of each.
    package var output, errors: String

    package var succeeded: Bool { status == 0 }
    /// What a message quotes: the last line that calls itself an error, else the last one that says anything.
    package var lastWord: String {
      let lines = errors.split(whereSeparator: \.isNewline)
      let said =
        lines.last { $0.uppercased().hasPrefix("ERROR") } ?? lines.last
        ?? output.split(whereSeparator: \.isNewline).last ?? "it said nothing"
      return Formatting.safe(String(said.prefix(300)))
    }
  }

  /// The variables of this process, without those that lead Docker's programs to an engine.
  package static let environment: [String: String] = {
    var variables = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("DOCKER_") }
    variables["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    return variables
  }()

  /// With the variables that say where the user's engine is.
  package static let userEnvironment = environment.merging(
    ProcessInfo.processInfo.environment.filter { $0.key.hasPrefix("DOCKER_") }
  ) { $1 }

  /// Runs a program without input and waits for it. A program that takes longer than `limit` is ended: its status is
  /// then that of timeout(1), 124.
  package static func run(
    _ words: [String], environment: [String: String] = Self.environment, within limit: Duration = .seconds(60)
  ) throws(DrillProblem) -> Outcome {
    var output = try PipeReader()
    var errors = try PipeReader()
    let child = try RunningCommand(
      words, environment: environment, output: .descriptor(output.otherEnd), errors: .descriptor(errors.otherEnd))
    output.closeOtherEnd()
    errors.closeOtherEnd()
    let deadline = ContinuousClock.now + limit
    var isLate = false
    while child.status == nil {
      if DrillStop.isRequested {
        child.signal(SIGKILL)
        try DrillStop.check()
      }
      PipeReader.wait(for: [output.number, errors.number], within: .milliseconds(10))
      output.read()
      errors.read()
      guard !isLate, .now > deadline else { continue }
      isLate = true
      child.signal(SIGKILL)
    }
    // What it started in the background may hold the pipes open; only what is there by now is its own.
    output.read()
    errors.read()
    return Outcome(status: isLate ? 124 : child.status ?? 124, output: output.text, errors: errors.text)
  }

  /// Runs a program that must succeed; `purpose` begins the message if it does not.
  @discardableResult
  package static func demand(
    _ purpose: String, _ words: [String], environment: [String: String] = Self.environment,
    within limit: Duration = .seconds(60)
  ) throws(DrillProblem) -> String {
    let outcome = try run(words, environment: environment, within: limit)
    guard outcome.succeeded else { throw DrillProblem(.failed, "\(purpose): \(outcome.lastWord)") }
    return outcome.output
  }

  /// Which of these programs are not installed.
  package static func missing(_ programs: [String]) -> [String] {
    let folders = (environment["PATH"] ?? "").split(separator: ":")
    return programs.filter { program in
      !folders.contains { unsafe access("\($0)/\(program)", X_OK) == 0 }
    }
  }
}
