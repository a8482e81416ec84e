import Foundation
import Glibc
import Processes
import Text

/// Where a drilled stack runs: an island, or this machine itself.
///
/// `unsafe` for open(2). Sound: the path outlives the call.
protocol Machine: Sendable {
  /// Where the drill's own files are.
  var folder: String { get }
  /// This program, as that machine names it.
  var program: String { get }
  /// The variables that its programs get.
  var environment: [String: String] { get }
  /// The reading end of a pipe: nothing ever comes, and it ends with the drill.
  var standstill: Int32 { get }
  /// A path of that machine, as this program can open it.
  func outside(_ path: String) -> String
  /// The words that run a program there.
  func words(_ words: [String]) -> [String]
  /// The words that run a program there which goes on, and ends with the drill, however that ends. Its standard input
  /// must be `standstill`.
  func lasting(_ words: [String]) -> [String]
  /// The id of the container that one of these control groups (a line of /proc/PID/cgroup each) belongs to.
  func container(inGroups text: String) -> String?
}

extension Machine {
  func run(_ words: [String], within limit: Duration = .seconds(60)) throws(DrillProblem) -> Command.Outcome {
    try Command.run(self.words(words), environment: environment, within: limit)
  }

  @discardableResult
  func demand(_ purpose: String, _ words: [String], within limit: Duration = .seconds(60)) throws(DrillProblem)
    -> String
  {
    try Command.demand(purpose, self.words(words), environment: environment, within: limit)
  }

  /// Starts a program that goes on until the drill ends; what it says is in `NAME.log` of the folder.
  func start(
    _ name: String, _ words: [String], input: Int32? = nil
  ) throws(DrillProblem) -> RunningCommand {
    let log = "\(folder)/\(name).log"
    let file = unsafe open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw DrillProblem(.failed, "\(log): it cannot be written: \(SystemError.message(errno))") }
    defer { close(file) }
    return try RunningCommand(
      words, environment: environment, input: input.map { .descriptor($0) } ?? .null, output: .descriptor(file),
      errors: .descriptor(file))
  }

  /// The end of what a program said.
  func log(_ name: String) -> String {
    let text = (try? String(contentsOfFile: "\(folder)/\(name).log", encoding: .utf8)) ?? ""
    return Formatting.safe(String((text.split(whereSeparator: \.isNewline).last ?? "").suffix(300)))
  }
}
