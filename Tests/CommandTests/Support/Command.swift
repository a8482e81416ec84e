import Foundation
import TestSupport
import Testing

/// The program as a user runs it: the built binary, with the repository's root as working directory, so that
/// paths in its output are the same everywhere.
enum Command {
  static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  /// SwiftPM puts the program beside the test bundle.
  static let binary = URL(filePath: ProcessInfo.processInfo.arguments[0]).deletingLastPathComponent()
    .appending(path: "leakaudit")

  struct Result {
    let status: Int32
    let endedBySignal: Bool
    let output: String
    let errors: String

    var errorLines: [Substring] { errors.split(separator: "\n", omittingEmptySubsequences: true) }
    var outputLines: [Substring] { output.split(separator: "\n", omittingEmptySubsequences: true) }

    /// The output without its line breaks.
    var words: String { output.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    /// The JSON summary: the whole output, or its last line.
    func summary() throws -> Summary {
      let text = output.hasPrefix("{\n") ? output[...] : outputLines.last ?? ""
      return try JSONDecoder().decode(Summary.self, from: Data(text.utf8))
    }
  }

  /// Runs to the end. Fails if a signal ended the program: it must answer any input.
  static func run(
    _ arguments: [String], input: URL? = nil, environment: [String: String] = [:],
    location: SourceLocation = #_sourceLocation
  ) throws -> Result {
    let result = try RunningCommand(binary, arguments, input: input, environment: environment).wait()
    #expect(!result.endedBySignal, "leakaudit \(arguments) ended by signal \(result.status)", sourceLocation: location)
    return result
  }

  /// Runs a shell command line in which `$leakaudit` is the program.
  static func shell(_ line: String) throws -> Result {
    try RunningCommand(URL(filePath: "/bin/sh"), ["-c", line], environment: ["leakaudit": binary.path]).wait()
  }
}

/// A program that may still run. Its output goes to files, which can be read meanwhile and never
/// make it wait.
final class RunningCommand {
  private let process = Process()
  private let directory: TemporaryDirectory
  private var outputFile: URL { directory.url.appending(path: "output") }
  private var errorFile: URL { directory.url.appending(path: "errors") }

  init(_ program: URL, _ arguments: [String], input: URL? = nil, environment: [String: String] = [:]) throws {
    directory = try TemporaryDirectory()
    process.executableURL = program
    process.arguments = arguments
    process.currentDirectoryURL = Command.repository
    // The variables of the tests are no options of the program.
    process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("LEAKAUDIT_") }
      .merging(environment) { $1 }
    process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
    process.standardOutput = try Self.file(outputFile)
    process.standardError = try Self.file(errorFile)
    try process.run()
  }

  private static func file(_ url: URL) throws -> FileHandle {
    try Data().write(to: url)
    return try FileHandle(forWritingTo: url)
  }

  var output: String { (try? String(decoding: Data(contentsOf: outputFile), as: UTF8.self)) ?? "" }
  var isRunning: Bool { process.isRunning }

  func interrupt() { process.interrupt() }

  /// Waits until the output meets the condition. False after ten seconds.
  func waits(for condition: (String) -> Bool) -> Bool {
    let end = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < end {
      if condition(output) { return true }
      Thread.sleep(forTimeInterval: 0.02)
    }
    return false
  }

  /// Asks it to end if it takes longer than that.
  func wait(limit: Duration = .seconds(60)) throws -> Command.Result {
    let end = ContinuousClock.now + limit
    while process.isRunning {
      if ContinuousClock.now > end { process.terminate() }
      Thread.sleep(forTimeInterval: 0.002)
    }
    process.waitUntilExit()
    return Command.Result(
      status: process.terminationStatus, endedBySignal: process.terminationReason == .uncaughtSignal, output: output,
      errors: String(decoding: try Data(contentsOf: errorFile), as: UTF8.self))
  }

  deinit {
    if process.isRunning { process.terminate() }
  }
}
