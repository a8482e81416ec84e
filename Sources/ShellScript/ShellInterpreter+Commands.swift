/// Simple commands, and the commands that are among their words.
extension ShellInterpreter {
  mutating func simple(_ command: ShellNode.SimpleCommand, isTested: Bool) -> ShellOutcome {
    line = command.line
    let words = command.words.flatMap { expand($0) }
    let written = command.words.map(\.written).joined(separator: " ")
    let opens = redirect(command, text: written)
    guard let first = words.first else {
      lastSubstitution = .succeeds
      for assignment in command.assignments { assign(assignment) }
      let text = command.assignments.map { "\($0.name)=\($0.words.map(\.written).joined())" }.joined(separator: " ")
      return settle(lastSubstitution, text, line: command.line, isTested)
    }
    // Assignments before a command are for that command only.
    let before = scope.variables
    let isForReading = ["read", "mapfile", "readarray"].contains(first.value)
    for assignment in command.assignments where !(isForReading && assignment.name == "IFS") { assign(assignment) }
    var outcome = ShellOutcome.unknown
    if opens {
      outcome = execute(words, command, isTested: isTested)
    } else {
      // If a file cannot be opened, the command is not run.
      let isOnEveryWay = isOnEveryWay
      self.isOnEveryWay = false
      _ = execute(words, command, isTested: true)
      self.isOnEveryWay = isOnEveryWay
    }
    // Before some of the shell's own commands they stay in shells that obey POSIX.
    let stays = first.value.map(Self.special.contains) ?? false
    for assignment in command.assignments {
      scope.variables[assignment.name] = stays ? [nil] : before[assignment.name]
    }
    return settle(outcome, written, line: command.line, isTested)
  }

  /// The shell's own commands that POSIX calls special (XCU 2.14).
  private static var special: Set<String> {
    [
      ":", ".", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return", "set", "shift", "times",
      "trap",
      "unset",
    ]
  }

  /// The commands that no program of the same name can replace.
  private static var shellOnly: Set<String> {
    special.union([
      "alias", "bg", "builtin", "cd", "command", "declare", "fg", "getopts", "hash", "jobs", "local", "mapfile", "read",
      "readarray", "shopt", "source", "type", "typeset", "ulimit", "umask", "unalias", "wait",
    ])
  }

  /// `isProgram`: only a program of that name is run.
  private mutating func execute(
    _ words: [ShellArgument], _ command: ShellNode.SimpleCommand, isTested: Bool, isProgram: Bool = false
  ) -> ShellOutcome {
    var words = words[...]
    var isFunction = !isProgram
    var isProgram = isProgram
    wrappers: while words.count > 1, let name = words.first?.value.map(ShellPath.program) {
      let next = words.dropFirst().first?.value
      let isOption = next?.hasPrefix("-") ?? true
      switch name {
      case "command" where next == "-v" || next == "-V": return .unknown
      case "exec" where !isOption:
        let outcome = execute(Array(words.dropFirst()), command, isTested: true, isProgram: true)
        // The shell is gone now, whether the program existed or not, and no trap is run.
        if isCertain {
          scope.atExit = nil
          end(outcome)
        } else {
          mayEnd(at: line, because: Self.text(of: words))
        }
        return outcome
      // It may end the command early, or may not exist, like sudo in most images.
      case "timeout", "sudo":
        let count = name == "sudo" ? 1 : 2
        guard !isOption, name == "sudo" || next?.first?.isNumber == true, words.count > count else { break wrappers }
        let before = isOnEveryWay
        isOnEveryWay = false
        _ = execute(Array(words.dropFirst(count)), command, isTested: true, isProgram: true)
        isOnEveryWay = before
        return .unknown
      case "nice" where next == "-n" && words.count > 3:
        words = words.dropFirst(3)
        isProgram = true
      case "nohup", "nice", "env":
        guard !isOption, next?.contains("=") == false else { break wrappers }
        words = words.dropFirst()
        isProgram = true
      case "command":
        guard !isOption else { break wrappers }
        words = words.dropFirst()
      case "builtin":
        guard let next, Self.shellOnly.contains(next) else { break wrappers }
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
    if isProgram, let name = expanded.words[0].value, Self.shellOnly.contains(name) {
      return leaveOut(expanded, "only the shell itself has this command, and here a program is looked for")
    }
    if isFunction, let name = expanded.words[0].value, let body = scope.functions[name] {
      return call(body, arguments: expanded.words.dropFirst().map(\.value), isTested: isTested)
    }
    return builtin(expanded, command, isTested: isTested) ?? runFile(expanded) ?? host.run(expanded)
  }

  static func text(of words: some Sequence<ShellArgument>) -> String {
    words.map { $0.value ?? $0.written }.joined(separator: " ")
  }

  /// Follows what the words of redirections do, and records where output goes if that decides something. Returns
  /// whether all of them can surely be opened.
  mutating func redirect(_ command: ShellNode.SimpleCommand, text: String) -> Bool {
    var opens = true
    for source in command.sources {
      // Descriptors are copied or closed.
      let target = self.text(of: source)
      if let target, target == "-" || target.utf8.allSatisfy({ (0x30...0x39).contains($0) }) { continue }
      opens = opens && target.map { host.opens($0, toWrite: false) } ?? false
    }
    if case .file(let word)? = command.input, !word.hasCommand {
      opens = opens && self.text(of: word).map { host.opens($0, toWrite: false) } ?? false
    }
    for output in command.outputs {
      let target = self.text(of: output)
      if let target, host.isScratch(target) {
        opens = opens && host.opens(target, toWrite: true)
        continue
      }
      let name = target ?? output.written
      host.leaveOut(
        line: command.line, text: "\(text) > \(name)",
        because: name.contains("/proc/sys")
          ? "what it writes to the kernel is not followed" : "what it writes there is not followed")
    }
    return opens
  }

  mutating func input(of command: ShellNode.SimpleCommand) -> ShellInput {
    switch command.input {
    case nil: standardInput
    case .file(let word): text(of: word).map { .file($0) } ?? .unknown
    case .document(let word, let line): text(of: word).map { .text($0, line: line) } ?? .unknown
    }
  }

  /// What `cat FILE` and `echo TEXT` write if they stand alone at the head of a pipeline.
  mutating func plainOutput(of command: ShellNode.SimpleCommand) -> ShellInput {
    // A command in a word would be run twice.
    var all = command.words
    if case .document(let word, _)? = command.input { all.append(word) }
    guard command.assignments.isEmpty, !all.contains(where: \.hasCommand), command.outputs.isEmpty else {
      return .unknown
    }
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

extension ShellWord {
  /// Whether the word has a command in it, which runs when the word is expanded.
  fileprivate var hasCommand: Bool {
    pieces.contains { piece in
      if case .substitution = piece { true } else { false }
    }
  }
}
