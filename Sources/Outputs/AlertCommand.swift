import Foundation
import Glibc

/// A command that is run for each alert, with the alert's JSON and a line feed on its standard input.
///
/// From this process it gets only a short environment and standard error: no descriptor, and no blocked or ignored
/// signal. It has its own process group, so that all its processes can be ended and Ctrl-C does not reach it.
package struct AlertCommand: AlertOutlet {
  package enum Output: Sendable {
    case discarded
    case standardError
  }

  /// The time between SIGTERM and SIGKILL.
  private static var grace: Duration { .milliseconds(500) }
  /// How long to wait for a process that got SIGKILL; one that hangs in the kernel is left to init.
  private static var lastWait: Duration { .milliseconds(400) }

  package let name = "command"
  package var actsOnAlerts: Bool { true }
  package var takesOnlyLeaks: Bool { true }
  private let line: String
  private let output: Output
  private let limit: Duration
  private let environment: [String]

  /// - Parameters:
  ///   - line: for /bin/sh -c.
  ///   - limit: how long it may run.
  ///   - environment: it gets the variables of this that `ShellEnvironment` lets through.
  package init(
    _ line: String, output: Output = .discarded, limit: Duration = .seconds(30),
    environment: [String: String] = ProcessInfo.processInfo.environment
  ) {
    // If the parent ignores SIGCHLD, this process inherits that, and no exit status could be read.
    _ = Glibc.signal(SIGCHLD, SIG_DFL)
    self.line = line
    self.output = output
    self.limit = limit
    self.environment = ShellEnvironment.variables(of: environment)
  }

  package func deliver(_ alert: RenderedAlert, _ ending: Ending) throws(DeliveryFailure) {
    let start = ContinuousClock.now
    let process = try ShellProcess(line, input: Array((alert.json + "\n").utf8), output: output, environment)
    // The limit is checked in every round: the program's end may have come nearer.
    if let status = process.wait(while: { ContinuousClock.now - start < limit && !ending.isOver }) {
      return try Self.check(status)
    }
    // The shell's children may outlive it, so all of them get the whole grace. The shell is not waited for until the
    // last signal: until then the group's number stays theirs.
    process.signal(SIGTERM)
    ShellProcess.pause(Self.grace)
    process.signal(SIGKILL)
    let killed = ContinuousClock.now
    _ = process.wait(while: { ContinuousClock.now - killed < Self.lastWait })
    throw DeliveryFailure(
      ending.isOver
        ? "ended with the program, before it had finished"
        : "ended after its time limit of \(limit.text)")
  }

  private static func check(_ status: Int32) throws(DeliveryFailure) {
    let signal = status & 0x7F
    if signal != 0 { throw DeliveryFailure("ended by signal \(signal)") }
    let code = status >> 8 & 0xFF
    switch code {
    case 0: return
    case 126: throw DeliveryFailure("exit status 126; is it executable?")
    case 127: throw DeliveryFailure("exit status 127; is it installed?")
    default: throw DeliveryFailure("exit status \(code)")
    }
  }
}
