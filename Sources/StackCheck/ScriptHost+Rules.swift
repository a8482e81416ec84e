import ShellScript
import TextFiles

/// The programs that make rules.
extension ScriptHost {
  mutating func runIPTables(_ command: ShellCommand, _ family: IPFamily) -> ShellOutcome {
    let backEnd = chooseBackEnd(command, family)
    let call = IPTablesCommand(command, family: family, file: file, backEnd: backEnd)
    if call.isRefused {
      refuse(call.rule.place, command.text, call.problem ?? "it is not valid")
      return .fails
    }
    if let problem = call.problem { leaveOut(line: command.line, text: command.text, because: problem) }
    for match in call.rule.matches where match.isUnreadable {
      leaveOut(
        line: command.line, text: command.text,
        because: "\(match.text) is not understood: what the rule lets out is not known", mayMakeRules: false)
    }
    // A copy is kept only then. Copying all rules for each call would take time that grows with the square of their
    // number.
    let before = call.mayMakeLoop(in: namespace.ruleset) ? namespace.ruleset : nil
    let (outcome, deleted) = call.apply(to: &namespace.ruleset)
    if let before {
      if call.hasLoop(in: namespace.ruleset, by: .certain) {
        namespace.ruleset = before
        refuse(call.rule.place, command.text, "its chains form a loop")
        return .fails
      }
      if call.hasLoop(in: namespace.ruleset, by: .any) {
        leaveOut(
          line: command.line, text: command.text,
          because: "\(command.name ?? "iptables") may refuse it: its chains may form a loop")
        return .unknown
      }
    }
    if outcome == .fails, [.append, .insert, .policy].contains(call.verb) {
      refuse(
        call.rule.place, command.text, "there is no such chain, no such target, or no such position at this moment")
    }
    if let deleted { noteDeletion(of: deleted, at: call.rule.place) }
    return outcome
  }

  /// iptables-nft and iptables-legacy keep separate rule sets, and a packet has to pass both. The image decides which
  /// of them is called iptables. That matters only if a script also calls one of them by its own name.
  mutating func chooseBackEnd(_ command: ShellCommand, _ family: IPFamily) -> String {
    let name = command.name ?? ""
    let backEnd = name.contains("-nft") ? "iptables-nft " : name.contains("-legacy") ? "iptables-legacy " : ""
    if !backEnd.isEmpty { namespace.ruleset.addTables(family, backEnd: backEnd) }
    backEnds.insert(backEnd)
    if backEnd != "iptables-legacy " { sharedTables.iptables.insert(family) }
    passOverSharedTables(command)
    if backEnds.count > 1, backEnds.contains("") {
      leaveOut(
        line: command.line, text: command.text,
        because: "the image decides whether iptables is iptables-nft or iptables-legacy, and both are called here")
    }
    return backEnd
  }

  /// iptables-nft keeps its rules in nft tables, so each of the two programs may remove what the other made.
  private mutating func passOverSharedTables(_ command: ShellCommand) {
    guard !sharedTables.iptables.isDisjoint(with: sharedTables.nft) else { return }
    leaveOut(
      line: command.line, text: command.text,
      because:
        "iptables and nft are both used on tables of these names, which are the same tables if iptables is iptables-nft"
    )
  }

  mutating func runNft(_ command: ShellCommand) -> ShellOutcome {
    let words = command.words.dropFirst()
    guard !words.contains(where: { $0.value == nil }) else {
      leaveOut(line: command.line, text: command.text, because: "not all of its words are known before it runs")
      return .unknown
    }
    let options = NftOptions(words.compactMap(\.value))
    if options.checksOnly { return .unknown }
    if let option = options.unread {
      leaveOut(line: command.line, text: command.text, because: "\(option) is not followed")
      return .unknown
    }
    // If both are stated, nft reads its command line.
    if !options.commands.isEmpty {
      // The shell has removed its quotes: the remaining signs are nft's.
      let tokens = NftTokens(options.commands.joined(separator: " "), file: file, firstLine: command.line)
      return apply(tokens, command, wholeText: command.text)
    }
    guard let path = options.file else { return .unknown }
    guard let text = text(of: path, for: command) else { return .unknown }
    return apply(NftTokens(text.text, file: text.name, firstLine: text.line), command, wholeText: nil)
  }

  private mutating func apply(_ tokens: NftTokens, _ command: ShellCommand, wholeText: String?) -> ShellOutcome {
    let host = self
    var call = NftCommand(
      tokens, wholeText: wholeText, isCertain: command.isCertain, hasInterface: { host.hasInterface($0) },
      files: { path in host.files(path).map { ReadText(text: $0.text, name: $0.name, line: 1) } })
    let outcome = call.apply(to: &namespace.ruleset)
    for name in call.included where !filesRead.contains(name) { filesRead.append(name) }
    sharedTables.nft.formUnion(call.touchesIPTables)
    passOverSharedTables(command)
    let script = file
    for problem in call.problems {
      file = problem.place.file
      leaveOut(
        line: problem.place.line ?? command.line, text: problem.text, because: problem.reason,
        mayMakeRules: problem.mayMakeRules)
    }
    file = script
    if let refusal = call.refusal {
      let place = refusal.place.file.isEmpty ? SourcePlace(file, line: command.line) : refusal.place
      refuse(place, refusal.text, "nft refuses it, and all that is in the same call: \(refusal.reason)")
    }
    return outcome
  }

  /// Whether the namespace has an interface at this moment; nil if no file tells.
  private func hasInterface(_ name: String) -> Bool? {
    if let links { return links.contains(name) }
    if name == "lo" || name == onlyNetwork || namespace.tunnels.contains(where: { $0.interface == name }) {
      return true
    }
    return configs.contains { $0.config.interfaceName == name } ? false : nil
  }
}

/// The options of nft(8) that decide what it reads.
private struct NftOptions {
  private(set) var file: String?
  private(set) var checksOnly = false
  /// An option that is not followed.
  private(set) var unread: String?
  private(set) var commands: [String] = []

  private static let long: [String: Character] = [
    "--file": "f", "--check": "c", "--optimize": "o", "--echo": "e", "--handle": "a", "--stateless": "s",
    "--terse": "t",
    "--numeric": "n", "--service": "S", "--reversedns": "N", "--guid": "u", "--numeric-priority": "y",
    "--numeric-protocol": "p", "--numeric-time": "T", "--version": "v",
  ]

  init(_ arguments: [String]) {
    var words = arguments[...]
    while let word = words.first, word.hasPrefix("-"), word != "-" {
      words = words.dropFirst()
      if word == "--" { break }
      if word.hasPrefix("--") {
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        guard let letter = Self.long[parts[0]] else {
          unread = word
          continue
        }
        _ = readOption(letter, parts.count > 1 ? parts[1] : "", &words)
        continue
      }
      var letters = word.dropFirst()
      while let letter = letters.popFirst() {
        if readOption(letter, String(letters), &words) { break }
      }
    }
    commands = Array(words)
  }

  /// Returns whether the text after it was its value.
  private mutating func readOption(_ letter: Character, _ value: String, _ words: inout ArraySlice<String>) -> Bool {
    switch letter {
    case "f":
      file = value.isEmpty ? words.popFirst() : value
      return true
    case "c": checksOnly = true
    case "o", "e", "a", "s", "t", "n", "S", "N", "u", "y", "p", "T", "v": break
    default: unread = "-\(letter)"
    }
    return false
  }
}
