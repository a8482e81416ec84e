/// Scripts that a script runs, reads, or keeps for later.
extension ShellInterpreter {
  /// Walks a script as it is written in a file.
  mutating func walkText(_ text: String, firstLine: Int = 1) {
    if let end = text.firstIndex(of: "\r\n") ?? text.firstIndex(of: "\r") {
      let line = firstLine + text[..<end].count(where: \.isNewline)
      host.leaveOut(
        line: line, text: "", because: "its lines end in CR LF: a shell takes the CR as part of the last word")
    }
    readFirstLine(text, firstLine)
    _ = walk(ShellParser.parse(text, firstLine: firstLine))
  }

  private static var shells: Set<String> { ["sh", "bash", "ash", "dash"] }

  /// `#!/bin/bash -e`, which counts if a file is run by its path.
  private mutating func readFirstLine(_ text: String, _ line: Int) {
    guard text.hasPrefix("#!") else { return }
    var words = text.prefix { !$0.isNewline }.dropFirst(2).split(separator: " ").map(String.init)
    func name() -> String { words.first.map(ShellPath.program) ?? "" }
    if ["env", "with-contenv"].contains(name()), words.count > 1 { words.removeFirst() }
    let isShell = Self.shells.contains(name())
    words = Array(words.dropFirst())
    guard isShell, words.count <= 1,
      words.first.map({ $0.hasPrefix("-") && $0.dropFirst().allSatisfy("eux".contains) }) ?? true
    else {
      return host.leaveOut(
        line: line, text: String(text.prefix { !$0.isNewline }),
        because: "the program that runs the script is not followed")
    }
    // An image may also give the file to a shell, which does not read this line.
    if words.first?.contains("e") == true {
      scope.endsOnError = true
      scope.isErrexitDoubtful = true
    }
    if words.first?.contains("u") == true { scope.endsOnUnset = true }
  }

  /// `bash -c TEXT`, `bash FILE`, `bash` with a script on its standard input; nil for any other form.
  mutating func shell(_ command: ShellCommand) -> ShellOutcome? {
    var values = command.words.dropFirst().map(\.value)[...]
    var options = ""
    while let option = values.first ?? nil, option.hasPrefix("-"), option.count > 1 {
      options += option.dropFirst()
      values = values.dropFirst()
    }
    guard options.allSatisfy("ceuxs".contains), options.contains("s") == false || values.isEmpty else { return nil }
    let script: ShellFile
    var firstLine = 1
    var isText = false
    // The word after `-c` and its text is the script's name.
    var names = 1
    if options.contains("c") {
      guard let text = values.first ?? nil else { return nil }
      script = ShellFile(name: "", text: text, isExecutable: true)
      firstLine = line
      isText = true
      names = 2
    } else if let path = values.first {
      guard let path, let file = host.script(at: path) else { return nil }
      script = file
    } else {
      switch command.input {
      case .text(let text, let line):
        script = ShellFile(name: "", text: text, isExecutable: true)
        firstLine = line
        isText = true
      case .file(let path):
        guard let file = host.script(at: path) else { return nil }
        script = file
      case .inherited, .unknown: return nil
      }
    }
    return inNewShell(script, isText: isText, firstLine, arguments: Array(values.dropFirst(names)), options: options)
  }

  /// Runs a program by its path, if the path leads to a script.
  mutating func runFile(_ command: ShellCommand) -> ShellOutcome? {
    guard let path = command.words[0].value, path.hasPrefix("/"), ShellPath.program(path) == path,
      let file = host.script(at: path)
    else { return nil }
    guard file.isExecutable else {
      // A shell says "Permission denied" and goes on.
      host.leaveOut(line: line, text: command.text, because: "'\(file.name)' cannot be executed: its mode has no x")
      return .fails
    }
    return inNewShell(
      file, isText: false, 1, arguments: command.words.dropFirst().map(\.value), options: "", readsFirstLine: true)
  }

  private mutating func inNewShell(
    _ script: ShellFile, isText: Bool, _ firstLine: Int, arguments: [String?], options: String,
    readsFirstLine: Bool = false
  ) -> ShellOutcome {
    let before = (functionDepth, loopDepth, hidden)
    (functionDepth, loopDepth, hidden) = (0, 0, [])
    let name = isText ? nil : host.enter(script.name)
    let outcome = inSubshell { shell in
      var scope = Scope()
      scope.exported = shell.scope.exported
      scope.mayNeverGetHere = shell.scope.mayNeverGetHere
      // The new shell gets from this one only what is exported.
      scope.variables = shell.scope.variables.filter { shell.scope.exported.contains($0.key) || $0.key == "PATH" }
      scope.variables["IFS"] = [" \t\n"]
      shell.scope = scope
      shell.bind(arguments)
      shell.scope.endsOnError = options.contains("e")
      shell.scope.endsOnUnset = options.contains("u")
      if isText { return shell.walk(ShellParser.parse(script.text, firstLine: firstLine)) }
      shell.walkText(script.text, firstLine: firstLine)
      return .unknown
    }
    if let name { _ = host.enter(name) }
    (functionDepth, loopDepth, hidden) = before
    return outcome
  }

  /// `. FILE`: runs in this shell.
  mutating func source(_ command: ShellCommand, isTested: Bool) -> ShellOutcome {
    let values = command.words.dropFirst().map(\.value)
    guard let path = values.first ?? nil, path.contains("/"), let file = host.script(at: path) else {
      return leaveOut(command, "what it runs is not in this file")
    }
    let name = host.enter(file.name)
    let before = line
    let doubt = scope.doubt
    functionDepth += 1
    let saved = ["@", "*", "#"] + (1...9).map(String.init)
    let arguments = saved.map { ($0, scope.variables[$0]) }
    if values.count > 1 { bind(Array(values.dropFirst())) }
    let outcome = walk(ShellParser.parse(file.text), isTested: isTested)
    if values.count > 1 { for (name, value) in arguments { scope.variables[name] = value } }
    functionDepth -= 1
    scope.skips = .nothing
    scope.doubt = doubt
    line = before
    _ = host.enter(name)
    return outcome
  }

  /// A trap for the script's end is followed. At any other moment, only harmless commands are accepted.
  mutating func trap(_ command: ShellCommand) -> ShellOutcome {
    var values = command.words.dropFirst().map(\.value)[...]
    if values.first == "--" { values = values.dropFirst() }
    guard !values.isEmpty, values.first != "-p", values.first != "-l" else { return .succeeds }
    guard !values.contains(nil), let text = values.first ?? nil, text == "-" || !text.hasPrefix("-") else {
      return leaveOut(command, "what it runs is not known before it runs")
    }
    let moments = values.dropFirst().map { name in
      let name = name!.uppercased()
      return name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name
    }
    guard !moments.isEmpty else { return .unknown }
    let isAtExit = moments.contains { $0 == "EXIT" || $0 == "0" }
    if text == "-" || text == "" {
      if isAtExit, scope.atExit != nil {
        guard isCertain else { return leaveOut(command, "whether a trap is still set then is not followed") }
        scope.atExit = nil
      }
      return .succeeds
    }
    let body = ShellParser.parse(text, firstLine: line)
    // These signals end the script anyway, and so does its end.
    let mayExit = moments.allSatisfy(Self.ending.contains)
    if isHarmless(body, mayExit: mayExit) {
      if isAtExit, isCertain { scope.atExit = nil }
      return .succeeds
    }
    guard isAtExit, moments.count == 1, isCertain else {
      return leaveOut(command, "what it runs later is not followed")
    }
    scope.atExit = body
    return .succeeds
  }

  private static var ending: Set<String> { ["EXIT", "0", "HUP", "1", "INT", "2", "QUIT", "3", "TERM", "15"] }

  private mutating func isHarmless(_ node: ShellNode, mayExit: Bool) -> Bool {
    switch node {
    case .sequence(let nodes), .pipeline(let nodes): return nodes.allSatisfy { isHarmless($0, mayExit: mayExit) }
    case .and(let left, let right), .or(let left, let right):
      return isHarmless(left, mayExit: mayExit) && isHarmless(right, mayExit: mayExit)
    case .redirected: return false
    case .simple(let command):
      let hasCommand = command.words.contains { word in
        word.pieces.contains { piece in
          switch piece {
          case .text, .variable: false
          default: true
          }
        }
      }
      guard command.assignments.isEmpty, !hasCommand, command.sources.allSatisfy({ $0.pieces.count == 1 }),
        command.outputs.isEmpty || command.outputs.allSatisfy({ text(of: $0).map(host.isScratch) ?? false })
      else { return false }
      let words = command.words.map { ShellArgument(text(of: $0), written: $0.written) }
      guard let name = words.first?.value, scope.functions[name] == nil else { return words.isEmpty }
      return ["echo", "printf", ":", "true"].contains(name) && words.dropFirst().first?.value != "-v"
        || mayExit && name == "exit" || host.isHarmless(ShellCommand(words: words, line: line))
    default: return false
    }
  }
}
