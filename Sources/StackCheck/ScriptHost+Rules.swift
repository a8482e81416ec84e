import PolicyFiles
import ShellScript

/// The programs that make rules.
extension ScriptHost {
  mutating func runIPTables(_ command: ShellCommand, _ family: IPFamily) -> ShellOutcome {
    let backEnd = chooseBackEnd(command, family)
    let call = IPTablesCommand(command, family: family, file: file, backEnd: backEnd)
    if call.isRefused {
      refuse(call.rule.place, command.text, call.problem ?? "it is not valid")
      return .fails
    }
    if let problem = call.problem { passOver(line: command.line, text: command.text, because: problem) }
    for match in call.rule.matches where match.isUnreadable {
      passOver(
        line: command.line, text: command.text,
        because: "\(match.text) is not understood: what the rule lets out is not known", mayMakeRules: false)
    }
    let (outcome, deleted) = call.apply(to: &namespace.ruleset)
    if outcome == .fails, [.append, .insert, .policy].contains(call.verb) {
      refuse(
        call.rule.place, command.text, "there is no such chain, no such target, or no such position at this moment")
    }
    if let deleted { noteDeletion(of: deleted, at: call.rule.place) }
    return outcome
  }

  /// iptables-nft and iptables-legacy keep rule sets of their own, and a packet has to pass both. Which of them is called
  /// iptables depends on the image: that matters only where a script calls one of them by its own name, too.
  mutating func chooseBackEnd(_ command: ShellCommand, _ family: IPFamily) -> String {
    let name = command.name ?? ""
    let backEnd = name.contains("-nft") ? "iptables-nft " : name.contains("-legacy") ? "iptables-legacy " : ""
    if !backEnd.isEmpty { namespace.ruleset.addTables(family, backEnd: backEnd) }
    backEnds.insert(backEnd)
    if backEnd != "iptables-legacy " { sharedTables.iptables.insert(family) }
    passOverSharedTables(command)
    if backEnds.count > 1, backEnds.contains("") {
      passOver(
        line: command.line, text: command.text,
        because: "whether iptables is iptables-nft or iptables-legacy depends on the image, and both are called here")
    }
    return backEnd
  }

  /// iptables-nft keeps its rules in tables of nft's: what one makes, the other may take away.
  private mutating func passOverSharedTables(_ command: ShellCommand) {
    guard !sharedTables.iptables.isDisjoint(with: sharedTables.nft) else { return }
    passOver(
      line: command.line, text: command.text,
      because:
        "iptables and nft are both used on tables of these names, which are the same ones where iptables is iptables-nft"
    )
  }

  mutating func runNft(_ command: ShellCommand) -> ShellOutcome {
    let words = command.words.dropFirst()
    guard !words.contains(where: { $0.value == nil }) else {
      passOver(line: command.line, text: command.text, because: "not all of its words are known before it runs")
      return .unknown
    }
    var rest = words.compactMap(\.value)[...]
    while let option = rest.first, option.hasPrefix("-") {
      rest = rest.dropFirst()
      if option == "-c" || option == "--check" { return .unknown }
      if ["-D", "--define", "-I", "--includepath"].contains(option) {
        passOver(line: command.line, text: command.text, because: "\(option) is not followed")
        return .unknown
      }
      guard option == "-f" || option == "--file" else { continue }
      guard let path = rest.first, let text = text(of: path, for: command) else { return .unknown }
      var call = NftCommand(
        text: text.text, firstLine: text.line, file: text.name, isCertain: command.isCertain)
      return apply(&call, command, in: text.name)
    }
    var call = NftCommand(Array(rest), of: command, file: file)
    return apply(&call, command, in: file)
  }

  private mutating func apply(_ call: inout NftCommand, _ command: ShellCommand, in name: String) -> ShellOutcome {
    let outcome = call.apply(to: &namespace.ruleset)
    sharedTables.nft.formUnion(call.touchesIPTables)
    passOverSharedTables(command)
    let script = file
    file = name
    for problem in call.problems {
      passOver(line: problem.line, text: problem.text, because: problem.reason, mayMakeRules: problem.mayMakeRules)
    }
    file = script
    if outcome == .fails { refuse(SourcePlace(file, line: command.line), command.text, "nft refuses it") }
    return outcome
  }
}
