extension ShellInterpreter {
  /// The words that a word becomes: variables and commands are replaced, and what is not quoted is split.
  mutating func expand(_ word: ShellWord) -> [ShellArgument] {
    var results: [ShellArgument] = []
    var current: String? = ""
    var begins = false
    func end(_ results: inout [ShellArgument], _ current: inout String?, _ begins: inout Bool) {
      if begins { results.append(.init(current, written: word.written)) }
      current = ""
      begins = false
    }
    for piece in word.pieces {
      let count = results.count
      switch piece {
      case .text(let text, _):
        current = current.map { $0 + text }
        begins = true
      case .unknown, .arithmetic, .process:
        noteUnread(piece)
        current = nil
        begins = true
      case .variable(let reference, let isQuoted):
        let values = self.values(of: reference)
        if reference.isWhole, reference.isJoined, isQuoted {
          append(joined(values, reference), isQuoted: true)
        } else if reference.isWhole, !isQuoted {
          for (index, value) in values.enumerated() {
            if index > 0 { end(&results, &current, &begins) }
            append(value, isQuoted: false)
          }
        } else if reference.isWhole {
          for (index, value) in values.enumerated() {
            if index > 0 { end(&results, &current, &begins) }
            current = value.flatMap { value in current.map { $0 + value } }
            begins = true
          }
        } else {
          append(values.dropFirst(reference.index).first ?? "", isQuoted: isQuoted)
        }
      case .substitution(let node, let isQuoted): append(output(of: node), isQuoted: isQuoted)
      }
      // Even an empty word costs some bytes.
      guard spend((current?.utf8.count ?? 0) + (results.count - count) * 64) else { return [] }
    }
    func append(_ value: String?, isQuoted: Bool) {
      guard let value else {
        current = nil
        begins = true
        return
      }
      if isQuoted {
        current = current.map { $0 + value }
        begins = true
        return
      }
      let blanks = (scope.variables["IFS"]?.first ?? " \t\n") ?? " \t\n"
      let parts = value.split(whereSeparator: blanks.contains)
      for (index, part) in parts.enumerated() {
        if index > 0 || value.first.map(blanks.contains) ?? false { end(&results, &current, &begins) }
        current = current.map { $0 + part }
        begins = true
      }
      if !parts.isEmpty, value.last.map(blanks.contains) ?? false { end(&results, &current, &begins) }
    }
    end(&results, &current, &begins)
    return results
  }

  /// The word without splitting, as in an assignment. Nil if only running the script would tell.
  mutating func text(of word: ShellWord) -> String? {
    var result: String? = ""
    for piece in word.pieces {
      let value: String?
      switch piece {
      case .text(let text, _): value = text
      case .unknown, .arithmetic, .process:
        noteUnread(piece)
        value = nil
      case .variable(let reference, _):
        let values = self.values(of: reference)
        if reference.isWhole {
          value = joined(values, reference)
        } else {
          value = values.dropFirst(reference.index).first ?? ""
        }
      case .substitution(let node, _): value = output(of: node)
      }
      result = value.flatMap { value in result.map { $0 + value } }
      guard spend(result?.utf8.count ?? 0) else { return nil }
    }
    return result
  }

  /// The elements of an array as one text, joined by the first sign of IFS if the shell does so, else by a space.
  private func joined(_ values: [String?], _ reference: ShellWord.Reference) -> String? {
    guard !values.contains(nil) else { return nil }
    let blanks = (scope.variables["IFS"]?.first ?? " ") ?? " "
    let separator = reference.isJoined ? String(blanks.prefix(1)) : " "
    return values.map { $0! }.joined(separator: separator)
  }

  /// Reports commands in a text that is not evaluated.
  private mutating func noteUnread(_ piece: ShellWord.Piece) {
    switch piece {
    case .unknown(let text):
      evaluateNothing(of: text)
      guard text.hasPrefix("${") else { return }
      if text.contains("@P") {
        host.leaveOut(line: line, text: text, because: "commands in what it expands are not followed")
      }
      // Positions and lengths are calculated.
      if text.contains(where: { ":[!".contains($0) }) { evaluateVariables(in: text) }
    case .arithmetic(let text): calculate(text)
    case .process(let text):
      host.leaveOut(line: line, text: text, because: "commands beside this one are not followed")
    case .text, .variable, .substitution: break
    }
  }

  private static var ownCommands: Set<String> {
    [
      ":", "true", "false", "cd", "set", "export", "local", "readonly", "declare", "typeset", "unset", "read",
      "mapfile",
      "readarray", "shift", "sleep", "wait", "exit", "return", "continue", "break", "bash", "sh", "ash", "dash", ".",
      "source", "eval", "trap", "exec", "command", "builtin", "sudo", "nohup", "nice", "env", "timeout", "time",
      "umask",
      "shopt",
    ]
  }

  /// The output of `$(…)`.
  private mutating func output(of node: ShellNode) -> String? {
    guard depth < 100 else { return nil }
    depth += 1
    defer { depth -= 1 }
    let nodes: [ShellNode]
    if case .pipeline(let parts) = node { nodes = parts } else { nodes = [node] }
    let parts = nodes.compactMap { plainCommand($0) }
    // If it has other parts, it is walked for what it does; what it prints is not known.
    guard parts.count == nodes.count else {
      lastSubstitution = inSubshell { $0.walk(node, isTested: false) }
      return nil
    }
    var commands: [ShellCommand] = []
    for part in parts {
      let words = part.words.flatMap { expand($0) }
      guard !words.isEmpty else { return nil }
      commands.append(ShellCommand(words: words, line: part.line, isCertain: isCertain, runsBeside: runsBeside))
    }
    if commands.count == 1, commands[0].name == "echo" || commands[0].name == "printf" {
      let arguments = commands[0].words.dropFirst().map(\.value)
      lastSubstitution = .succeeds
      guard !arguments.contains(nil) else { return nil }
      let known = arguments.map { $0! }
      return commands[0].name == "echo" ? Self.echoed(known) : Self.printed(known)
    }
    let result = host.output(of: commands)
    lastSubstitution = result.outcome
    return result.text
  }

  /// A program with arguments, and nothing else.
  private func plainCommand(_ node: ShellNode) -> ShellNode.SimpleCommand? {
    guard case .simple(let command) = node, let first = command.words.first, command.assignments.isEmpty,
      command.outputs.allSatisfy({ $0.written == "/dev/null" }), command.input == nil,
      command.sources.allSatisfy({ $0.written.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
      first.pieces.count == 1, case .text(let name, _) = first.pieces[0], !Self.ownCommands.contains(name),
      scope.functions[name] == nil
    else { return nil }
    return command
  }

  /// What `printf` prints for plain texts, without trailing line ends.
  private static func printed(_ arguments: [String]) -> String? {
    if arguments.count == 2, ["%s", "%s\\n"].contains(arguments[0]) { return arguments[1] }
    guard arguments.count == 1, !arguments[0].contains(where: { "%\\".contains($0) }) else { return nil }
    return arguments[0]
  }
}
