extension ShellInterpreter {
  /// The words that a word becomes: variables and commands take part, and what is not quoted is split.
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
      case .unknown:
        current = nil
        begins = true
      case .variable(let reference, let isQuoted):
        let values = self.values(of: reference)
        if reference.isWhole {
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
      // A word costs some bytes even where it is empty.
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
      let parts = value.split(whereSeparator: \.isWhitespace)
      for (index, part) in parts.enumerated() {
        if index > 0 || (value.first?.isWhitespace ?? false) { end(&results, &current, &begins) }
        current = current.map { $0 + part }
        begins = true
      }
      if !parts.isEmpty, value.last?.isWhitespace ?? false { end(&results, &current, &begins) }
    }
    end(&results, &current, &begins)
    return results
  }

  /// The word without being split, as in an assignment. Nil where only running the script would tell.
  mutating func text(of word: ShellWord) -> String? {
    var result: String? = ""
    for piece in word.pieces {
      let value: String?
      switch piece {
      case .text(let text, _): value = text
      case .unknown: value = nil
      case .variable(let reference, _):
        let values = self.values(of: reference)
        if reference.isWhole {
          value = values.contains(nil) ? nil : values.map { $0! }.joined(separator: " ")
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

  /// The values of a reference: one of a scalar, any number of a whole array, none where it is unset.
  private mutating func values(of reference: ShellWord.Reference) -> [String?] {
    let stated = variables[reference.name]
    let isEmpty = stated.map { $0.allSatisfy { $0 == "" } }
    switch reference.modifier {
    case .useDefault where stated == nil, .useDefaultIfEmpty where isEmpty != false:
      return [reference.word.flatMap { text(of: $0) }]
    case .useOther: return stated == nil ? [""] : [reference.word.flatMap { text(of: $0) }]
    case .useOtherIfNotEmpty: return isEmpty == false ? [reference.word.flatMap { text(of: $0) }] : [""]
    case .other: return [nil]
    case .none, .useDefault, .useDefaultIfEmpty: return stated ?? [nil]
    }
  }

  /// What `$(…)` becomes.
  private mutating func output(of node: ShellNode) -> String? {
    guard depth < 100 else { return nil }
    depth += 1
    defer { depth -= 1 }
    var commands: [ShellCommand] = []
    let nodes: [ShellNode]
    if case .pipeline(let parts) = node { nodes = parts } else { nodes = [node] }
    for node in nodes {
      guard case .simple(let command) = node else {
        lastSubstitution = .unknown
        return nil
      }
      let words = command.words.flatMap { expand($0) }
      guard !words.isEmpty else { return nil }
      commands.append(ShellCommand(words: words, line: command.line, isCertain: isCertain))
    }
    if commands.count == 1, commands[0].name == "echo" || commands[0].name == "printf" {
      let arguments = commands[0].words.dropFirst().map(\.value)
      lastSubstitution = .succeeds
      return arguments.contains(nil) ? nil : arguments.map { $0! }.joined(separator: " ")
    }
    let result = host.output(of: commands)
    lastSubstitution = result.outcome
    return result.text
  }
}
