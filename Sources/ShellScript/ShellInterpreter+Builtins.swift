/// The shell's own commands (POSIX.1-2017, XCU 2.14; bash(1), SHELL BUILTIN COMMANDS).
extension ShellInterpreter {
  /// Runs a command of the shell's own. Nil for any other command.
  mutating func builtin(
    _ command: ShellCommand, _ written: ShellNode.SimpleCommand, isTested: Bool
  ) -> ShellOutcome? {
    let arguments = command.words.dropFirst()
    let values = arguments.map(\.value)
    switch command.name {
    case ":", "true", "echo": return .succeeds
    case "pwd", "times", "jobs":
      return values.isEmpty ? .succeeds : leaveOut(command, "what this option does is not followed")
    case "false": return .fails
    case "cd", "umask": return values == ["/"] ? .succeeds : .unknown
    case "printf":
      if values.first == "-v" {
        guard values.count > 1, let name = values[1], isVariableName(name) else {
          return leaveOut(command, "which variable it sets is not known")
        }
        assign(name, [nil])
      }
      return .succeeds
    case "set": return setOptions(command)
    case "export", "local", "readonly", "declare", "typeset": return declare(command, written.declarations)
    case "unset": return unset(command)
    case "read", "mapfile", "readarray": return read(command)
    case "shift":
      let count = values.first.map { $0.flatMap { Int($0) } } ?? 1
      guard let count, count >= 0, let all = scope.variables["@"], count <= all.count else {
        for name in ["@", "*", "#"] + (1...9).map(String.init) { scope.variables[name] = [nil] }
        return .unknown
      }
      bind(Array(all.dropFirst(count)))
      return .succeeds
    case "sleep", "wait":
      if command.name == "wait", values.contains(where: { $0?.hasPrefix("-") ?? true }) {
        return leaveOut(command, "what this option does is not followed")
      }
      host.mayWait(at: line, because: command.text)
      if values.contains(where: { $0 == "infinity" || $0 == "inf" }) { scope.mayNeverGetHere = true }
      return .succeeds
    case "exit":
      let outcome: ShellOutcome =
        values.isEmpty ? .unknown : values[0].map { $0 == "0" ? .succeeds : .fails } ?? .unknown
      if isCertain { end(outcome) } else { mayEnd(at: line, because: command.text) }
      return outcome
    case "return", "continue", "break": return leave(command)
    case "[", "test":
      if command.name == "[", values.last != "]" { return .fails }
      let operands = command.name == "[" ? arguments.dropLast() : arguments
      if operands.contains(where: { $0.value == "-v" }), operands.contains(where: { $0.value?.contains("[") ?? true }) {
        return leaveOut(command, "which variable it uses is not known")
      }
      return test(operands) ?? host.run(command)
    case "bash", "sh", "ash", "dash": return shell(command)
    case ".", "source": return source(command, isTested: isTested)
    case "eval":
      guard !values.contains(nil) else { return leaveOut(command, "what it runs is not known before it runs") }
      return walk(ShellParser.parse(values.map { $0! }.joined(separator: " "), firstLine: line), isTested: isTested)
    case "trap": return trap(command)
    case "exec":
      // By itself it only redirects; with options it runs something.
      return arguments.isEmpty ? .succeeds : nil
    case "shopt":
      let known: Set<String?> = ["-s", "-u", "-q", "nullglob", "globstar", "inherit_errexit", "failglob"]
      return values.allSatisfy(known.contains) ? .succeeds : nil
    default: return nil
    }
  }

  mutating func leaveOut(_ command: ShellCommand, _ reason: String) -> ShellOutcome {
    host.leaveOut(line: line, text: command.text, because: reason)
    return .unknown
  }

  private mutating func leave(_ command: ShellCommand) -> ShellOutcome {
    let values = command.words.dropFirst().map(\.value)
    let name = command.words[0].value
    var outcome = ShellOutcome.succeeds
    let skip: Skip
    if name == "return" {
      guard functionDepth > 0 else { return leaveOut(command, "outside of a function, shells differ in what it does") }
      skip = .function
      outcome = values.isEmpty ? .unknown : values[0].map { $0 == "0" ? .succeeds : .fails } ?? .unknown
    } else {
      guard values.isEmpty || values == ["1"] else {
        return leaveOut(command, "loops around this one are not followed")
      }
      // Outside of a loop it does nothing.
      guard loopDepth > 0 else {
        return functionDepth > 0 ? leaveOut(command, "whether it is inside a loop is not followed") : .succeeds
      }
      skip = name == "break" ? .loop : .round
    }
    if isCertain {
      scope.skips = skip
    } else if skip.rawValue > scope.doubt.rawValue {
      scope.doubt = skip
    }
    return outcome
  }

  private mutating func setOptions(_ command: ShellCommand) -> ShellOutcome {
    var words = command.words.dropFirst()
    while let word = words.first {
      guard let option = word.value else { return leaveOut(command, "which option it sets is not known") }
      guard let sign = option.first, sign == "-" || sign == "+", option.count > 1 else { break }
      words = words.dropFirst()
      if option == "--" {
        bind(words.map(\.value))
        return .succeeds
      }
      for letter in option.dropFirst() {
        let isOn = sign == "-"
        switch letter {
        case "e": setErrexit(isOn)
        case "u": scope.endsOnUnset = isOn
        case "n": if isOn { return stopReading(command) }
        case "x", "v", "E", "T", "b", "m", "h": break
        case "o":
          guard let name = words.popFirst()?.value, setOption(name, isOn) else {
            return leaveOut(command, "what this option does is not followed")
          }
        default: return leaveOut(command, "what this option does is not followed")
        }
      }
    }
    // Words that are not options replace the arguments.
    if !words.isEmpty { bind(words.map(\.value)) }
    return .succeeds
  }

  private mutating func setOption(_ name: String, _ isOn: Bool) -> Bool {
    switch name {
    case "errexit": setErrexit(isOn)
    case "nounset": scope.endsOnUnset = isOn
    case "pipefail": scope.failsWithPipe = isOn
    case "xtrace", "verbose", "errtrace", "functrace", "monitor": break
    default: return false
    }
    return true
  }

  mutating func setErrexit(_ isOn: Bool) {
    scope.endsOnError = isOn
    scope.isErrexitDoubtful = isOn && !isCertain
  }

  /// `set -n`: what follows is read, but not run.
  private mutating func stopReading(_ command: ShellCommand) -> ShellOutcome {
    if isCertain { end(.succeeds) } else { mayEnd(at: line, because: command.text) }
    return .succeeds
  }

  /// The tests that can be decided from the words alone.
  func test(_ operands: ArraySlice<ShellArgument>) -> ShellOutcome? {
    let values = operands.map(\.value)
    guard !values.contains(nil) else { return .unknown }
    switch values.count {
    case 0: return .fails
    case 1: return values[0]!.isEmpty ? .fails : .succeeds
    case 2 where values[0] == "-n": return values[1]!.isEmpty ? .fails : .succeeds
    case 2 where values[0] == "-z": return values[1]!.isEmpty ? .succeeds : .fails
    case 3 where values[1] == "=" || values[1] == "==": return values[0] == values[2] ? .succeeds : .fails
    case 3 where values[1] == "!=": return values[0] != values[2] ? .succeeds : .fails
    case 3: return Self.compare(values[0], values[1], values[2])
    default: return nil
    }
  }

  /// Compares numbers as test(1) does; nil if one is not a number.
  private static func compare(_ left: String?, _ sign: String?, _ right: String?) -> ShellOutcome? {
    // A number with a leading zero is octal to `[[`, but not to `[`.
    let texts = [left, right].compactMap { $0.flatMap { $0.hasPrefix("0") && $0.count > 1 ? nil : Int($0) } }
    guard texts.count == 2 else { return nil }
    let (left, right) = (texts[0], texts[1])
    let signs: [String: (Int, Int) -> Bool] = [
      "-eq": (==), "-ne": (!=), "-lt": (<), "-le": (<=), "-gt": (>), "-ge": (>=),
    ]
    return sign.flatMap { signs[$0] }.map { $0(left, right) ? .succeeds : .fails }
  }

  /// `[[ … ]]`
  mutating func compare(_ words: [ShellWord], isSimple: Bool) -> ShellOutcome {
    // Commands in these words run in any case, or may run.
    let texts = words.map { text(of: $0) }
    if texts.contains(where: { ["-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-v"].contains($0) }) {
      for case let text? in texts { evaluateVariables(in: text, isValue: true) }
    }
    guard isSimple else { return .unknown }
    switch words.count {
    case 1: return texts[0].map { $0.isEmpty ? .fails : .succeeds } ?? .unknown
    case 2 where texts[0] == "-n": return texts[1].map { $0.isEmpty ? .fails : .succeeds } ?? .unknown
    case 2 where texts[0] == "-z": return texts[1].map { $0.isEmpty ? .succeeds : .fails } ?? .unknown
    case 2:
      return host.run(
        ShellCommand(
          words: [ShellArgument("[", written: "[")] + zip(texts, words).map { ShellArgument($0, written: $1.written) },
          line: line, isCertain: isCertain))
    case 3 where texts[1] == "=" || texts[1] == "==" || texts[1] == "!=":
      guard let value = texts[0], let fits = fits(value, words[2]) else { return .unknown }
      return fits == (texts[1] != "!=") ? .succeeds : .fails
    case 3: return Self.compare(texts[0], texts[1], texts[2]) ?? .unknown
    default: return .unknown
    }
  }
}
