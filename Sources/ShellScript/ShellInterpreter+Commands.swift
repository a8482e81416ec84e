extension ShellInterpreter {
  mutating func simple(_ command: ShellNode.SimpleCommand, isTested: Bool) -> ShellOutcome {
    var outcome = ShellOutcome.succeeds
    for assignment in command.assignments {
      lastSubstitution = .succeeds
      let values = assignment.words.flatMap { assignment.isArray ? expand($0).map(\.value) : [text(of: $0)] }
      variables[assignment.name] = assignment.isArray ? values : [values.first ?? ""]
      outcome = lastSubstitution
    }
    let words = command.words.flatMap { expand($0) }
    let written = command.words.map(\.written).joined(separator: " ")
    for output in command.outputs {
      let target = text(of: output) ?? output.written
      guard target.contains("/proc/sys") else { continue }
      host.passOver(
        line: command.line, text: "\(written) > \(target)", because: "what it writes to the kernel is not followed")
    }
    guard !words.isEmpty else {
      let text = command.assignments.map { "\($0.name)=\($0.words.map(\.written).joined())" }.joined(separator: " ")
      return settle(outcome, text, line: command.line, isTested)
    }
    let expanded = ShellCommand(
      words: Self.withoutWrappers(words), line: command.line, isCertain: isCertain, input: input(of: command))
    if let name = expanded.words[0].value, let body = functions[name] {
      return call(body, arguments: expanded.words.dropFirst().map(\.value), isTested: isTested)
    }
    return settle(builtin(expanded, words: command.words) ?? host.run(expanded), written, line: command.line, isTested)
  }

  private mutating func input(of command: ShellNode.SimpleCommand) -> ShellInput {
    switch command.input {
    case nil: standardInput
    case .file(let word): text(of: word).map { .file($0) } ?? .unknown
    case .document(let word, let line): text(of: word).map { .text($0, line: line) } ?? .unknown
    }
  }

  /// What `cat FILE` and `echo TEXT` write, by themselves at the head of a pipeline.
  mutating func plainOutput(of command: ShellNode.SimpleCommand) -> ShellInput {
    // A command in a word would be run twice.
    let hasCommand = command.words.contains { word in
      word.pieces.contains { piece in
        if case .substitution = piece { true } else { false }
      }
    }
    guard command.assignments.isEmpty, !hasCommand, command.outputs.isEmpty else { return .unknown }
    let words = command.words.flatMap { expand($0) }.map(\.value)
    guard let name = words.first ?? nil, functions[name] == nil, !words.contains(nil) else { return .unknown }
    let arguments = words.dropFirst().map { $0! }
    if name == "cat", arguments.count == 1, !arguments[0].hasPrefix("-") { return .file(arguments[0]) }
    if name == "cat", arguments.isEmpty, command.input != nil { return input(of: command) }
    guard name == "echo", arguments.first?.hasPrefix("-") != true, !arguments.contains(where: { $0.contains("\\") })
    else { return .unknown }
    return .text(arguments.joined(separator: " ") + "\n", line: command.line)
  }

  /// Without what only runs the rest.
  private static func withoutWrappers(_ words: [ShellArgument]) -> [ShellArgument] {
    var rest = words[...]
    while rest.count > 1, let name = rest.first?.value, ["sudo", "command", "exec", "nice", "nohup"].contains(name),
      rest.dropFirst().first?.value?.hasPrefix("-") != true
    {
      rest = rest.dropFirst()
    }
    return Array(rest)
  }

  /// The shell's own commands; nil for any other.
  private mutating func builtin(_ command: ShellCommand, words: [ShellWord]) -> ShellOutcome? {
    let arguments = command.words.dropFirst()
    switch command.words[0].value {
    case "set":
      setOptions(arguments.map(\.value))
      return .succeeds
    case ":", "true", "echo", "printf", "trap", "cd", "umask", "shopt", "wait", "read", "unset", "sleep", "logger":
      return .succeeds
    case "false": return .fails
    case "export", "local", "readonly", "declare", "typeset":
      for word in words.dropFirst() {
        guard let whole = text(of: word), let sign = whole.firstIndex(of: "=") else { continue }
        variables[String(whole[..<sign])] = [String(whole[whole.index(after: sign)...])]
      }
      return .succeeds
    case "exit":
      if isCertain { hasEnded = true } else { host.mayEnd(at: command.line, because: command.text) }
      return arguments.first?.value == "1" ? .fails : .succeeds
    case "return", "continue", "break":
      if isCertain {
        isSkipping = true
        skipsLoop = command.words[0].value == "break"
      } else {
        isDoubtful = true
      }
      return arguments.first?.value == "1" ? .fails : .succeeds
    case "[", "test", "[[": return test(Array(arguments)) ?? host.run(command)
    case "bash", "sh", "/bin/bash", "/bin/sh":
      let values = arguments.map(\.value)
      guard values.count >= 2, values[0] == "-c", let script = values[1] else { return nil }
      let before = variables
      defer { variables = before }
      return walk(ShellParser.parse(script, firstLine: command.line), isTested: true)
    case "shift":
      for name in ["@", "*", "#"] + (1...9).map(String.init) { variables[name] = [nil] }
      return .succeeds
    case ".", "source", "eval":
      host.passOver(line: command.line, text: command.text, because: "what it runs does not stand in this file")
      return .unknown
    default: return nil
    }
  }

  private mutating func setOptions(_ options: [String?]) {
    var options = options[...]
    while let option = options.popFirst() {
      guard let option, let sign = option.first, sign == "-" || sign == "+" else { continue }
      if option.dropFirst().contains("e") { endsOnError = sign == "-" }
      guard option.hasSuffix("o"), let name = options.popFirst() else { continue }
      if name == "errexit" { endsOnError = sign == "-" }
      if name == "pipefail" { failsWithPipe = sign == "-" }
    }
  }

  /// The tests that the words alone decide.
  private func test(_ arguments: [ShellArgument]) -> ShellOutcome? {
    var arguments = arguments
    if ["]", "]]"].contains(arguments.last?.value) { arguments.removeLast() }
    let values = arguments.map(\.value)
    guard !values.contains(nil) else { return .unknown }
    switch values.count {
    case 0: return .fails
    case 1: return values[0]!.isEmpty ? .fails : .succeeds
    case 2 where values[0] == "-n": return values[1]!.isEmpty ? .fails : .succeeds
    case 2 where values[0] == "-z": return values[1]!.isEmpty ? .succeeds : .fails
    case 3 where values[1] == "=" || values[1] == "==": return values[0] == values[2] ? .succeeds : .fails
    case 3 where values[1] == "!=": return values[0] != values[2] ? .succeeds : .fails
    default: return nil
    }
  }
}
