/// Walks a script as the shell would, without running anything: variables are followed, loops over known words
/// unrolled, functions entered, conditions decided where they can be, and `set -e` is obeyed. Where a condition
/// cannot be decided both ways are walked, and their commands are marked as uncertain.
///
/// It does not know what programs do; the host does.
package struct ShellInterpreter<Host: ShellHost> {
  package var host: Host
  var variables: [String: [String?]]
  var functions: [String: ShellNode] = [:]
  /// `set -e`: the script ends with the first command that fails.
  var endsOnError = false
  var failsWithPipe = false
  /// Whether the commands being walked run on every way.
  var isCertain = true
  /// Whether the script has ended for certain.
  var hasEnded = false
  /// Whether `continue`, `break` or `return` was met: what follows it up to the loop's or the function's end is not run.
  var isSkipping = false
  var skipsLoop = false
  /// Whether one was met on a way that may not be taken: what follows is not certain.
  var isDoubtful = false
  var depth = 0
  /// The status of the latest `$(…)`, which is that of an assignment alone.
  var lastSubstitution = ShellOutcome.succeeds
  /// What a command finds on its standard input that says nothing of it itself.
  var standardInput = ShellInput.inherited
  private var steps = 0
  private var length = 0

  /// A script that takes more steps than this is not understood to its end.
  private static var mostSteps: Int { 20_000 }
  /// Nor one whose words become longer than this, all together: in bytes.
  private static var mostLength: Int { 16 << 20 }

  /// Variables by name, as the script finds them. A name that is not among them is unknown, unless the script
  /// itself gives a default for it.
  package init(_ host: Host, variables: [String: String] = [:], arguments: [String] = []) {
    self.host = host
    self.variables = variables.mapValues { [$0] }
    bind(arguments)
  }

  package mutating func run(_ script: String, firstLine: Int = 1) {
    _ = walk(ShellParser.parse(script, firstLine: firstLine))
  }

  private mutating func bind(_ arguments: [String?]) {
    variables["@"] = arguments
    variables["*"] = arguments
    variables["#"] = ["\(arguments.count)"]
    for index in 0..<max(arguments.count, 9) {
      variables["\(index + 1)"] = [index < arguments.count ? arguments[index] : ""]
    }
  }

  /// Counts what an expansion made. False where it is too much: then the script is not followed any more.
  mutating func spend(_ bytes: Int) -> Bool {
    length += bytes
    if length <= Self.mostLength { return true }
    if !hasEnded { host.passOver(line: 1, text: "", because: "its words become too long") }
    hasEnded = true
    return false
  }

  /// `isTested`: its failure decides something else than the script's end.
  @discardableResult
  mutating func walk(_ node: ShellNode, isTested: Bool = false) -> ShellOutcome {
    guard !hasEnded, !isSkipping else { return .unknown }
    steps += 1
    guard steps <= Self.mostSteps, depth < 100 else {
      if !hasEnded { host.passOver(line: 1, text: "", because: "it takes too many steps") }
      hasEnded = true
      return .unknown
    }
    depth += 1
    defer { depth -= 1 }
    switch node {
    case .simple(let command): return simple(command, isTested: isTested)
    case .pipeline(let nodes):
      var outcomes: [ShellOutcome] = []
      // All but the last run in shells of their own; the last one's status counts.
      let inherited = standardInput
      for (index, node) in nodes.enumerated() {
        if index > 0 { standardInput = .unknown }
        if index == 1, case .simple(let first) = nodes[0], case .simple = node {
          standardInput = plainOutput(of: first)
        }
        outcomes.append(walk(node, isTested: true))
      }
      standardInput = inherited
      let isDoubtful = failsWithPipe && outcomes.contains(.unknown)
      return settle(isDoubtful ? .unknown : outcomes.last ?? .succeeds, node, isTested)
    case .not(let inner):
      switch walk(inner, isTested: true) {
      case .succeeds: return .fails
      case .fails: return .succeeds
      case .unknown: return .unknown
      }
    case .and(let left, let right):
      switch walk(left, isTested: true) {
      case .succeeds: return walk(right, isTested: isTested)
      case .fails: return .fails
      case .unknown: return doubtful(right, isTested: isTested) == .fails ? .fails : .unknown
      }
    case .or(let left, let right):
      switch walk(left, isTested: true) {
      case .succeeds: return .succeeds
      case .fails: return walk(right, isTested: isTested)
      case .unknown: return doubtful(right, isTested: isTested) == .succeeds ? .succeeds : .unknown
      }
    case .sequence(let nodes):
      var outcome = ShellOutcome.succeeds
      let before = isCertain
      for node in nodes {
        if isDoubtful { isCertain = false }
        outcome = walk(node, isTested: isTested)
      }
      isCertain = before
      return outcome
    case .background(let node):
      _ = walk(node, isTested: true)
      return .succeeds
    case .subshell(let node):
      let before = variables
      let outcome = walk(node, isTested: isTested)
      variables = before
      return outcome
    case .choice(let condition, let then, let otherwise):
      switch walk(condition, isTested: true) {
      case .succeeds: return walk(then, isTested: isTested)
      case .fails: return otherwise.map { walk($0, isTested: isTested) } ?? .succeeds
      case .unknown: return both([then] + (otherwise.map { [$0] } ?? []), isTested: isTested)
      }
    case .loop(let condition, let body):
      _ = walk(condition, isTested: true)
      return both([body], isTested: isTested)
    case .forEach(let name, let words, let body):
      for argument in words.flatMap({ expand($0) }) {
        variables[name] = [argument.value]
        // How often an unknown word stands for something, nobody knows.
        if argument.value == nil { _ = doubtful(body, isTested: isTested) } else { walk(body, isTested: isTested) }
        if endSkipping() { break }
      }
      isDoubtful = false
      return .succeeds
    case .match(let subject, let branches): return match(subject, branches, isTested: isTested)
    case .function(let name, let body):
      functions[name] = body
      return .succeeds
    case .unknown(let line, let text):
      host.passOver(line: line, text: text, because: "this reader of shell scripts does not understand it")
      return .unknown
    }
  }

  /// Walks what may run or not.
  mutating func doubtful(_ node: ShellNode, isTested: Bool) -> ShellOutcome {
    let before = isCertain
    isCertain = false
    defer { isCertain = before }
    let variablesBefore = variables
    let outcome = walk(node, isTested: isTested)
    for (name, value) in variables where variablesBefore[name] != value { variables[name] = [nil] }
    return outcome
  }

  /// Walks ways of which one is taken, if any.
  private mutating func both(_ nodes: [ShellNode], isTested: Bool) -> ShellOutcome {
    for node in nodes { _ = doubtful(node, isTested: isTested) }
    return .unknown
  }

  private mutating func match(
    _ subject: ShellWord, _ branches: [(patterns: [ShellWord], body: ShellNode)], isTested: Bool
  ) -> ShellOutcome {
    let value = text(of: subject)
    for (patterns, body) in branches {
      for pattern in patterns {
        if pattern.written == "*" { return walk(body, isTested: isTested) }
        // Quotes and variables in a pattern are matched as text; what else it holds is a glob.
        let isPlain = !pattern.written.contains { "\"'$`\\".contains($0) }
        guard let value, let wanted = isPlain ? pattern.written : text(of: pattern) else {
          return both(branches.map(\.body), isTested: isTested)
        }
        if isPlain ? Glob.matches(wanted, value) : value == wanted { return walk(body, isTested: isTested) }
      }
    }
    return .succeeds
  }

  /// What a failure means where `set -e` is in force.
  mutating func settle(_ outcome: ShellOutcome, _ text: @autoclosure () -> String, line: Int, _ isTested: Bool)
    -> ShellOutcome
  {
    guard endsOnError, !isTested else { return outcome }
    switch outcome {
    case .succeeds: break
    case .unknown: host.mayEnd(at: line, because: text())
    case .fails:
      if isCertain { hasEnded = true } else { host.mayEnd(at: line, because: text()) }
    }
    return outcome
  }

  private mutating func settle(_ outcome: ShellOutcome, _ node: ShellNode, _ isTested: Bool) -> ShellOutcome {
    let place = Self.place(of: node)
    return settle(outcome, place.text, line: place.line, isTested)
  }

  private static func place(of node: ShellNode) -> (line: Int, text: String) {
    switch node {
    case .simple(let command): (command.line, command.words.map(\.written).joined(separator: " "))
    case .pipeline(let nodes):
      (nodes.first.map { place(of: $0).line } ?? 1, nodes.map { place(of: $0).text }.joined(separator: " | "))
    default: (1, "")
    }
  }

  mutating func call(_ body: ShellNode, arguments: [String?], isTested: Bool) -> ShellOutcome {
    let names = ["@", "*", "#"] + (1...9).map(String.init)
    let saved = names.map { ($0, variables[$0]) }
    bind(arguments)
    defer { for (name, value) in saved { variables[name] = value } }
    let outcome = walk(body, isTested: isTested)
    _ = endSkipping()
    isDoubtful = false
    return outcome
  }

  /// At the end of what `continue`, `break` or `return` leaves. Whether it was `break`.
  private mutating func endSkipping() -> Bool {
    defer {
      isSkipping = false
      skipsLoop = false
    }
    return isSkipping && skipsLoop
  }
}
