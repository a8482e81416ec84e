import Foundation
import Glibc
import Processes
import Synchronization
import Text

/// A program that goes on while the drill does something else.
final class RunningCommand: Sendable {
  let number: pid_t
  private let isNested: Bool
  private let ended = Mutex<Int32?>(nil)

  init(
    _ words: [String], environment: [String: String], input: ChildProcess.Stream = .null,
    output: ChildProcess.Stream = .null, errors: ChildProcess.Stream = .null
  ) throws(DrillProblem) {
    isNested = words.first == "nsenter" && words.contains("--pid")
    let started = ChildProcess.start(
      "/usr/bin/env", ["env"] + words, environment: environment.map { "\($0.key)=\($0.value)" }, input: input,
      output: output, errors: errors)
    switch started {
    case .process(let number): self.number = number
    case .failure(let code):
      throw DrillProblem(.failed, "\(words.first ?? "a program") cannot be started: \(SystemError.message(code))")
    }
  }

  /// Its exit status once it has ended, with 128 added to the number of a signal that ended it, as shells have it.
  var status: Int32? {
    ended.withLock { ended in
      if ended == nil, let status = ChildProcess.status(of: number) {
        ended = status & 0x7F == 0 ? status >> 8 & 0xFF : 128 + status & 0x7F
      }
      return ended
    }
  }

  /// The process that does the work: nsenter(1) stays outside of an island's processes, and waits for the
  /// one inside.
  var worker: pid_t? {
    guard isNested else { return number }
    let children = try? String(contentsOfFile: "/proc/\(number)/task/\(number)/children", encoding: .utf8)
    return children?.split(separator: " ").first.flatMap { Int32($0) }
  }

  /// Sends a signal, unless it has ended: its number may be another's by then.
  func signal(_ signal: Int32) {
    ended.withLock { ended in
      guard ended == nil, let worker else { return }
      kill(worker, signal)
    }
  }

  /// Waits until it ends; false if it takes longer.
  @discardableResult
  func wait(within limit: Duration) -> Bool {
    let deadline = ContinuousClock.now + limit
    while status == nil {
      guard .now < deadline else { return false }
      usleep(5000)
    }
    return true
  }
}
