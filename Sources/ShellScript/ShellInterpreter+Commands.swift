/// Simple commands: what runs what stands among their words.
extension ShellInterpreter {
  mutating func simple(_ command: ShellNode.SimpleCommand, isTested: Bool) -> ShellOutcome {
    line = command.line
    let words = command.words.flatMap { expand($0) }
    let written = command.words.map(\.written).joined(separator: " ")
    redirect(command, text: written)
    guard let first = words.first else {
      lastSubstitution = .succeeds
      for assignment in command.assignments { assign(assignment) }
      let text = command.assignments.map { "\($0.name)=\($0.words.map(\.written).joined())" }.joined(separator: " ")
      return settle(lastSubstitution, text, line: command.line, isTested)
    }
    // What stands before a command is for that command only.
    let before = scope.variables
    let isForReading = ["read", "mapfile", "readarray"].contains(first.value)
    for assignment in command.assignments where !(isForReading && assignment.name == "IFS") { assign(assignment) }
    let outcome = execute(words, command, isTested: isTested)
    for assignment in command.assignments { scope.variables[assignment.name] = before[assignment.name] }
    return settle(outcome, written, line: command.line, isTested)
  }

  private mutating func execute(
    _ words: [ShellArgument], _ command: ShellNode.SimpleCommand, isTested: Bool
  ) -> ShellOutcome {
    var words = words[...]
    var isFunction = true
    wrappers: while words.count > 1, let name = words.first?.value.map(ShellPath.program) {
      let next = words.dropFirst().first?.value
      let isOption = next?.hasPrefix("-") ?? true
      switch name {
      case "command" where next == "-v" || next == "-V": return .unknown
      case "exec" where !isOption:
        let outcome = execute(Array(words.dropFirst()), command, isTested: true)
        // The shell is not there any more, whether the program was or not.
        if isCertain { end(outcome) } else { host.mayEnd(at: line, because: Self.text(of: words)) }
        return outcome
      case "timeout":
        guard next.map({ $0.first?.isNumber ?? false }) == true, words.count > 2 else { break wrappers }
        let before = isOnEveryWay
        isOnEveryWay = false
        _ = execute(Array(words.dropFirst(2)), command, isTested: true)
        isOnEveryWay = before
        return .unknown
      case "nice" where next == "-n" && words.count > 3: words = words.dropFirst(3)
      case "command", "builtin", "sudo", "nohup", "nice", "env":
        guard !isOption, next?.contains("=") == false else { break wrappers }
        words = words.dropFirst()
      case "time":
        words = words.dropFirst()
        continue
      default: break wrappers
      }
      isFunction = false
    }
    let expanded = ShellCommand(
      words: Array(words), line: line, isCertain: isCertain, input: input(of: command), runsBeside: runsBeside)
    if isFunction, let name = expanded.words[0].value, let body = scope.functions[name] {
      return call(body, arguments: expanded.words.dropFirst().map(\.value), isTested: isTested)
    }
    return builtin(expanded, command, isTested: isTested) ?? runFile(expanded) ?? host.run(expanded)
  }

  static func text(of words: some Sequence<ShellArgument>) -> String {
    words.map { $0.value ?? $0.written }.joined(separator: " ")
  }

  /// Follows what the words of redirections do, and says where output goes that decides something.
  mutating func redirect(_ command: ShellNode.SimpleCommand, text: String) {
    for source in command.sources { _ = self.text(of: source) }
    for output in command.outputs {
      let target = self.text(of: output)
      if let target, host.isScratch(target) { continue }
      let name = target ?? output.written
      host.passOver(
        line: command.line, text: "\(text) > \(name)",
        because: name.contains("/proc/sys")
          ? "what it writes to the kernel is not followed" : "what it writes there is not followed")
    }
  }

  mutating func input(of command: ShellNode.SimpleCommand) -> ShellInput {
    switch command.input {
    case nil: standardInput
    case .file(let word): text(of: word).map { .file($0) } ?? .unknown
    case .document(let word, let line): text(of: word).map { .text($0, line: line) } ?? .unknown
    }
  }

  /// What `cat FILE` and `echo TEXT` write, by themselves at the head of a pipeline.
  mutating func plainOutput(of command: ShellNode.SimpleCommand) -> ShellInput {
    // A command in a word would be run twice.
    var all = command.words
    if case .document(let word, _)? = command.input { all.append(word) }
    let hasCommand = all.contains { word in
      word.pieces.contains { piece in
        if case .substitution = piece { true } else { false }
      }
    }
    guard command.assignments.isEmpty, !hasCommand, command.outputs.isEmpty else { return .unknown }
    let words = command.words.flatMap { expand($0) }.map(\.value)
    guard let name = words.first ?? nil, scope.functions[name] == nil, !words.contains(nil) else { return .unknown }
    let arguments = words.dropFirst().map { $0! }
    if name == "cat", arguments.count == 1, !arguments[0].hasPrefix("-") { return .file(arguments[0]) }
    if name == "cat", arguments.isEmpty, command.input != nil { return input(of: command) }
    guard name == "echo", let text = Self.echoed(arguments) else { return .unknown }
    return .text(text + "\n", line: command.line)
  }

  /// What `echo` prints; nil where shells differ.
  static func echoed(_ arguments: [String]) -> String? {
    guard arguments.first?.hasPrefix("-") != true, !arguments.contains(where: { $0.contains("\\") }) else { return nil }
    return arguments.joined(separator: " ")
  }
}
