/// Loops, branches and pipelines: which parts run, and how often.
extension ShellInterpreter {
  /// Walks a node that may or may not run.
  mutating func doubtful(_ node: ShellNode, isTested: Bool) -> ShellOutcome {
    let before = isOnEveryWay
    isOnEveryWay = false
    defer { isOnEveryWay = before }
    let scopeBefore = scope
    let outcome = walk(node, isTested: isTested)
    for (name, value) in scope.variables where scopeBefore.variables[name] != value { scope.variables[name] = [nil] }
    if scope.endsOnError != scopeBefore.endsOnError {
      scope.endsOnError = true
      scope.isErrexitDoubtful = true
    }
    scope.endsOnUnset = scope.endsOnUnset || scopeBefore.endsOnUnset
    return outcome
  }

  /// Walks several ways, at most one of which is taken.
  mutating func both(_ nodes: [ShellNode], isTested: Bool) -> ShellOutcome {
    for node in nodes { _ = doubtful(node, isTested: isTested) }
    return .unknown
  }

  /// Walks a node that runs any number of times. Each round finds the variables as the one before left them.
  private mutating func rounds(_ body: ShellNode, _ condition: ShellNode? = nil) {
    let before = scope.variables
    doubtfulRound(body)
    guard scope.variables != before else { return }
    doubtfulRound(body)
    if let condition { doubtfulRound(condition) }
  }

  private mutating func doubtfulRound(_ node: ShellNode) {
    loopDepth += 1
    _ = doubtful(node, isTested: true)
    loopDepth -= 1
    endRound()
  }

  /// Ends what `continue` or `break` leaves. Returns whether it was `break`.
  @discardableResult
  private mutating func endRound() -> Bool {
    let isBreak = scope.skips == .loop
    if scope.skips != .function { scope.skips = .nothing }
    return isBreak
  }

  private mutating func endLoop() {
    if scope.doubt != .function { scope.doubt = .nothing }
  }

  /// The number of rounds that are followed, if the condition tells each time whether there is another one.
  private static var mostRounds: Int { 16 }

  mutating func loop(_ condition: ShellNode, isUntil: Bool, _ body: ShellNode, line: Int) -> ShellOutcome {
    defer { endLoop() }
    for _ in 0..<Self.mostRounds {
      let holds = walk(condition, isTested: true)
      if scope.hasEnded || scope.skips != .nothing { return .unknown }
      if holds == (isUntil ? .succeeds : .fails) { return .succeeds }
      if holds == .unknown {
        if !condition.readsLines { host.mayWait(at: line, because: isUntil ? "until" : "while") }
        rounds(body, condition)
        return .unknown
      }
      loopDepth += 1
      walk(body, isTested: true)
      loopDepth -= 1
      if endRound() || scope.skips == .function || scope.hasEnded { return .succeeds }
      // On some ways the loop has been left by now.
      if scope.doubt != .nothing { break }
    }
    host.mayWait(at: line, because: isUntil ? "until" : "while")
    rounds(body, condition)
    if scope.doubt == .nothing { scope.mayNeverGetHere = true }
    return .unknown
  }

  mutating func forEach(_ name: String, _ words: [ShellWord], _ body: ShellNode, isTested: Bool) -> ShellOutcome {
    for argument in words.flatMap({ expand($0) }) {
      assign(name, [argument.value])
      // Nobody knows how many words an unknown word becomes.
      if argument.value == nil {
        rounds(body)
        assign(name, [nil])
      } else {
        loopDepth += 1
        walk(body, isTested: isTested)
        loopDepth -= 1
      }
      if endRound() || scope.skips == .function || scope.hasEnded { break }
    }
    endLoop()
    return .succeeds
  }

  mutating func match(
    _ subject: ShellWord, _ branches: [(patterns: [ShellWord], body: ShellNode)], isTested: Bool
  ) -> ShellOutcome {
    let value = text(of: subject)
    for (patterns, body) in branches {
      for pattern in patterns {
        if pattern.written == "*" { return walk(body, isTested: isTested) }
        guard let value, let fits = fits(value, pattern) else { return both(branches.map(\.body), isTested: isTested) }
        if fits { return walk(body, isTested: isTested) }
      }
    }
    return .succeeds
  }

  /// Whether a text matches a pattern. Quotes and variables in the pattern are matched as text; anything else in it is
  /// a glob. Nil if the pattern has both, or if nobody knows.
  mutating func fits(_ value: String, _ pattern: ShellWord) -> Bool? {
    if pattern.isPlain { return Glob.holds(pattern.written, value) }
    let hasGlob = pattern.pieces.contains { piece in
      switch piece {
      case .text(let text, let isQuoted): !isQuoted && text.contains("[")
      case .variable(_, let isQuoted), .substitution(_, let isQuoted): !isQuoted
      default: true
      }
    }
    let text = text(of: pattern)
    guard let text, !hasGlob || !text.contains(where: { "*?[\\".contains($0) }) else { return nil }
    return value == text
  }

  mutating func pipeline(_ nodes: [ShellNode], isTested: Bool) -> ShellOutcome {
    var outcomes: [ShellOutcome] = []
    let inherited = standardInput
    for (index, node) in nodes.enumerated() {
      if index > 0 { standardInput = .unknown }
      if index == 1, case .simple(let first) = nodes[0], case .simple = node {
        standardInput = plainOutput(of: first)
      }
      // All of them run in shells of their own; the last one's status counts.
      outcomes.append(inSubshell { $0.walk(node, isTested: true) })
    }
    standardInput = inherited
    let last = outcomes.last ?? .succeeds
    guard scope.failsWithPipe else { return settle(last, .pipeline(nodes), isTested) }
    let whole: ShellOutcome =
      outcomes.contains(.fails) ? .fails : outcomes.contains(.unknown) ? .unknown : .succeeds
    return settle(whole, .pipeline(nodes), isTested)
  }

  mutating func call(_ body: ShellNode, arguments: [String?], isTested: Bool) -> ShellOutcome {
    let names = ["@", "*", "#"] + (1...9).map(String.init)
    let saved = names.map { ($0, scope.variables[$0]) }
    bind(arguments)
    hidden.append([:])
    functionDepth += 1
    let loops = loopDepth
    loopDepth = 0
    let outcome = walk(body, isTested: isTested)
    loopDepth = loops
    functionDepth -= 1
    for (name, value) in hidden.removeLast() { scope.variables[name] = value }
    for (name, value) in saved { scope.variables[name] = value }
    scope.skips = .nothing
    scope.doubt = .nothing
    return outcome
  }
}

extension ShellNode {
  /// `while read …`, which ends with its input.
  fileprivate var readsLines: Bool {
    guard case .simple(let command) = self else { return false }
    return command.words.first?.written == "read"
  }
}
