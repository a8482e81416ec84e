import ShellScript
import TextFiles

/// Rules that are loaded as a whole: from a file, a here-document or a pipeline.
extension ScriptHost {
  /// A text that a program reads, the name of its file in messages, and the line on which the text begins there.
  struct ReadText {
    var text: String
    var name: String
    var line: Int
  }

  /// The text that a program reads from a path; `-` is its standard input. Records it if nobody can read the text.
  mutating func text(of path: String, for command: ShellCommand) -> ReadText? {
    if path == "-" || path == "/dev/stdin" { return standardInput(of: command) }
    if let file = files(path) {
      if !filesRead.contains(file.name) { filesRead.append(file.name) }
      return ReadText(text: file.text, name: file.name, line: 1)
    }
    leaveOut(line: command.line, text: command.text, because: "'\(path)' is not among the mounted files")
    return nil
  }

  private mutating func standardInput(of command: ShellCommand) -> ReadText? {
    switch command.input {
    case .file(let path) where path != "/dev/stdin" && path != "-": return text(of: path, for: command)
    case .text(let text, let line): return ReadText(text: text, name: file, line: line)
    case .file, .inherited, .unknown:
      leaveOut(line: command.line, text: command.text, because: "what it reads is not known before it runs")
      return nil
    }
  }

  /// Runs iptables-restore(8), which replaces all rules of a table, or none.
  mutating func restore(_ command: ShellCommand, _ family: IPFamily) -> ShellOutcome {
    var keeps = false
    var path = "-"
    var words = command.words.dropFirst()
    while let word = words.popFirst() {
      switch word.value {
      case "-n", "--noflush": keeps = true
      case "-c", "--counters", "-v", "--verbose", "-w", "--wait":
        if let next = words.first?.value, UInt(next) != nil { _ = words.popFirst() }
      case "-t", "--test": return .unknown
      case let value? where !value.hasPrefix("-"): path = value
      default:
        leaveOut(line: command.line, text: command.text, because: "\(word.written) is not followed")
        return .unknown
      }
    }
    let backEnd = chooseBackEnd(command, family)
    guard let text = text(of: path, for: command) else { return .unknown }
    var reader = IPTablesRestore(text, family: family, backEnd: backEnd, isCertain: command.isCertain, keeps: keeps)
    let isDone = reader.apply(to: &namespace.ruleset)
    let script = file
    file = text.name
    for problem in reader.problems {
      leaveOut(line: problem.line, text: problem.text, because: problem.reason, mayMakeRules: problem.mayMakeRules)
    }
    file = script
    guard let refusal = reader.refusal else { return isDone ? .succeeds : .fails }
    refuse(
      SourcePlace(text.name, line: refusal.line), refusal.text, "\(refusal.reason); nothing of the table is loaded")
    return .fails
  }
}
