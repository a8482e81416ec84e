import ShellScript

/// Knows no program, and records the calls.
struct RecordingHost: ShellHost {
  var commands: [ShellCommand] = []
  var ends: [String] = []
  var passed: [String] = []
  /// Outcomes by the program's name; unknown for any other.
  var outcomes: [String: ShellOutcome] = ["probe": .succeeds, "refuse": .fails]
  var outputs: [String: String] = [:]

  mutating func run(_ command: ShellCommand) -> ShellOutcome {
    commands.append(command)
    return command.name.flatMap { outcomes[$0] } ?? .unknown
  }

  mutating func output(of pipeline: [ShellCommand]) -> (text: String?, outcome: ShellOutcome) {
    let text = outputs[pipeline.map(\.text).joined(separator: " | ")]
    return (text, text == nil ? .unknown : .succeeds)
  }

  mutating func mayEnd(at line: Int, because text: String) { ends.append("\(line): \(text)") }
  mutating func leaveOut(line: Int, text: String, because reason: String) { passed.append("\(line): \(text)") }
}

extension ShellInterpreter where Host == RecordingHost {
  static func walk(_ script: String, variables: [String: String] = [:], _ host: Host = RecordingHost()) -> Host {
    var shell = ShellInterpreter(host, variables: variables)
    shell.run(script)
    return shell.host
  }
}
