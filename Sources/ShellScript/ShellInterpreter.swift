/// Walks a script as the shell would, without running anything: variables are followed, loops over known words are
/// unrolled, functions are entered, conditions are decided if they can be, and `set -e` is obeyed. If a condition
/// cannot be decided, both ways are walked, and their commands are marked as uncertain.
///
/// It does not know what programs do; the host does.
package struct ShellInterpreter<Host: ShellHost> {
  package var host: Host
  /// The state that a subshell gets a copy of.
  var scope = Scope()
  /// Whether the commands being walked run on every way; see `isCertain`.
  var isOnEveryWay = true
  /// Whether the commands being walked run beside what follows them.
  var runsBeside = false
  var depth = 0
  /// How many functions and sourced files are around, and how many loops in the innermost of them.
  var (functionDepth, loopDepth) = (0, 0)
  /// The variables that `local` hides, one entry for each function.
  var hidden: [[String: [String?]?]] = []
  /// The line of the command being walked.
  var line = 1
  /// The status of the latest `$(…)`. A command of assignments alone has this status.
  var lastSubstitution = ShellOutcome.succeeds
  /// The standard input of a command that does not state any itself.
  var standardInput = ShellInput.inherited
  private var steps = 0
  private var length = 0

  struct Scope {
    /// By name, with the elements of an array; empty if unset. A name that is missing is unknown.
    var variables: [String: [String?]] = [:]
    /// The variables that programs get.
    var exported: Set<String> = []
    var functions: [String: ShellNode] = [:]
    /// `set -e`: the script ends with the first command that fails.
    var endsOnError = false
    /// Whether `set -e` is in force on some ways only.
    var isErrexitDoubtful = false
    /// `set -u`
    var endsOnUnset = false
    var failsWithPipe = false
    /// Whether the script has ended for certain, and its status.
    var hasEnded = false
    var end = ShellOutcome.unknown
    /// What `continue`, `break` or `return` leaves: the rest of it is not run.
    var skips = Skip.nothing
    /// The same, on a way that may not be taken: what follows is uncertain.
    var doubt = Skip.nothing
    /// Whether a loop before this may never end.
    var mayNeverGetHere = false
    /// Variables that cannot be changed: a command that gives one a value ends what is around it.
    var constants: Set<String> = ["UID", "EUID", "PPID", "BASHOPTS", "SHELLOPTS", "BASH_VERSINFO"]
    /// Variables whose values are calculated (`declare -i`).
    var numbers: Set<String> = []
    /// What `trap` makes the shell run when it ends.
    var atExit: ShellNode?
  }

  enum Skip: Int { case nothing, round, loop, function }

  /// Whether what is walked runs on every way that does not end early.
  var isCertain: Bool { isOnEveryWay && !scope.mayNeverGetHere && scope.doubt == .nothing }

  /// A script that takes more steps than this is not followed to its end.
  private static var mostSteps: Int { 20_000 }
  /// Nor is one whose words together become longer than this, in bytes.
  private static var mostLength: Int { 16 << 20 }

  /// Variables by name, as the script finds them. Programs do not get those of `own`. All others are unknown.
  package init(
    _ host: Host, variables: [String: String] = [:], own: [String: String] = [:], arguments: [String] = []
  ) {
    self.host = host
    scope.variables = own.merging(variables) { $1 }.mapValues { [$0] }
    scope.exported = Set(variables.keys)
    if scope.variables["PATH"] == nil { scope.variables["PATH"] = ["/usr/sbin:/usr/bin:/sbin:/bin"] }
    scope.variables["IFS"] = [" \t\n"]
    bind(arguments)
  }

  /// Runs a script from its file, or a command that wg-quick gives to bash, which then runs under `set -e`.
  package mutating func run(_ script: String, firstLine: Int = 1, endsOnError: Bool = false) {
    scope.endsOnError = endsOnError
    walkText(script, firstLine: firstLine)
    walkExit()
  }

  /// Whether the script has ended with a failure, on every way.
  package var hasFailed: Bool {
    if case .fails = scope.end { scope.hasEnded } else { false }
  }

  /// Counts the size of an expansion. False if the total is too large: then the script is not followed any more.
  mutating func spend(_ bytes: Int) -> Bool {
    length += bytes
    if length <= Self.mostLength { return true }
    if !scope.hasEnded { host.leaveOut(line: 1, text: "", because: "its words get too long") }
    scope.hasEnded = true
    return false
  }

  /// `isTested`: a failure decides something other than the script's end.
  @discardableResult
  mutating func walk(_ node: ShellNode, isTested: Bool = false) -> ShellOutcome {
    guard !scope.hasEnded, scope.skips == .nothing else { return .unknown }
    steps += 1
    guard steps <= Self.mostSteps, depth < 100, host.takeStep() else {
      host.leaveOut(line: 1, text: "", because: "it takes too many steps")
      scope.hasEnded = true
      return .unknown
    }
    depth += 1
    defer { depth -= 1 }
    switch node {
    case .simple(let command): return simple(command, isTested: isTested)
    case .pipeline(let nodes): return pipeline(nodes, isTested: isTested)
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
      let before = isOnEveryWay
      for node in nodes {
        if scope.doubt != .nothing { isOnEveryWay = false }
        let next = walk(node, isTested: isTested)
        outcome = scope.hasEnded ? scope.end : next
      }
      isOnEveryWay = before
      return outcome
    case .background(let node):
      let before = runsBeside
      runsBeside = true
      _ = inSubshell { $0.walk(node, isTested: true) }
      runsBeside = before
      return .succeeds
    case .subshell(let node):
      return settle(inSubshell { $0.walk(node, isTested: isTested) }, node, isTested)
    case .redirected(let node, let command):
      let opens = redirect(command, text: "")
      let inherited = standardInput
      if command.input != nil { standardInput = .unknown }
      defer { standardInput = inherited }
      guard !opens else { return walk(node, isTested: isTested) }
      _ = doubtful(node, isTested: true)
      return settle(.unknown, node, isTested)
    case .choice(let condition, let then, let otherwise):
      switch walk(condition, isTested: true) {
      case .succeeds: return walk(then, isTested: isTested)
      case .fails: return otherwise.map { walk($0, isTested: isTested) } ?? .succeeds
      case .unknown: return both([then] + (otherwise.map { [$0] } ?? []), isTested: isTested)
      }
    case .loop(let condition, let isUntil, let body, let line):
      return loop(condition, isUntil: isUntil, body, line: line)
    case .forEach(let name, let words, let body): return forEach(name, words, body, isTested: isTested)
    case .match(let subject, let branches): return match(subject, branches, isTested: isTested)
    case .test(let words, let isSimple, let line):
      self.line = line
      return settle(compare(words, isSimple: isSimple), "[[", line: line, isTested)
    case .arithmetic(let text, let line):
      self.line = line
      calculate(text)
      return settle(.unknown, "((\(text)))", line: line, isTested)
    case .function(let name, let body):
      // If a function is made on some ways only, nobody knows which of two functions it is.
      scope.functions[name] = isCertain ? body : .unknown(line: line, text: name)
      return .succeeds
    case .unknown(let line, let text):
      host.leaveOut(line: line, text: text, because: "this reader of shell scripts does not understand it")
      return .unknown
    }
  }

  /// What a subshell does to the shell's state stays in the subshell.
  mutating func inSubshell(_ body: (inout Self) -> ShellOutcome) -> ShellOutcome {
    let before = scope
    scope.atExit = nil
    let outcome = body(&self)
    let end = scope.hasEnded ? scope.end : outcome
    walkExit()
    scope = before
    return end
  }

  /// What a failure means if `set -e` is in force.
  mutating func settle(_ outcome: ShellOutcome, _ text: @autoclosure () -> String, line: Int, _ isTested: Bool)
    -> ShellOutcome
  {
    guard scope.endsOnError, !isTested, !scope.hasEnded else { return outcome }
    switch outcome {
    case .succeeds: break
    case .unknown: mayEnd(at: line, because: text())
    case .fails:
      if isCertain, !scope.isErrexitDoubtful { end(.fails) } else { mayEnd(at: line, because: text()) }
    }
    return outcome
  }

  mutating func settle(_ outcome: ShellOutcome, _ node: ShellNode, _ isTested: Bool) -> ShellOutcome {
    let place = Self.place(of: node)
    return settle(outcome, place.text, line: place.line, isTested)
  }

  /// The script may end here. What a trap does to the state then is not followed.
  mutating func mayEnd(at line: Int, because text: String) {
    if scope.atExit != nil {
      host.leaveOut(line: line, text: text, because: "what the trap does where the script ends here is not followed")
    }
    host.mayEnd(at: line, because: text)
  }

  /// Runs the commands that a trap has set for the shell's end.
  mutating func walkExit() {
    guard let body = scope.atExit else { return }
    scope.atExit = nil
    let end = scope.end
    (scope.hasEnded, scope.skips, scope.endsOnError) = (false, .nothing, false)
    walk(body, isTested: true)
    scope.hasEnded = true
    scope.end = end
  }

  mutating func end(_ outcome: ShellOutcome) {
    scope.hasEnded = true
    scope.end = outcome
  }

  private static func place(of node: ShellNode) -> (line: Int, text: String) {
    switch node {
    case .simple(let command): (command.line, command.words.map(\.written).joined(separator: " "))
    case .pipeline(let nodes):
      (nodes.first.map { place(of: $0).line } ?? 1, nodes.map { place(of: $0).text }.joined(separator: " | "))
    case .sequence(let nodes): nodes.first.map { place(of: $0) } ?? (1, "")
    default: (1, "")
    }
  }
}
