import PolicyFiles
import ShellScript

/// What stands in a chain: where it is called, its default, its rules.
extension NftCommand {
  /// `type filter hook output priority 0; policy drop; RULE…}`
  mutating func chainBody(
    _ chain: String, _ table: String, _ families: [IPFamily], _ ruleset: inout Ruleset
  ) -> ShellOutcome {
    while tokens.next != nil {
      tokens.skipEnds()
      if tokens.take("}") { return .succeeds }
      let line = tokens.line
      switch tokens.next {
      case "type":
        var definition = tokens.statement()
        guard let hook = Self.hook(&definition) else { return notRead(line, definition.text) }
        for family in families {
          let name = Ruleset.ChainName(family: family, table: table, chain: chain)
          // A chain stays where it is called: another hook, or a first one, is refused.
          let stated = ruleset.chains[name]?.hook
          guard stated == hook || stated == nil && !before.contains(name) else { return .fails }
          ruleset[family, table, chain]?.hook = hook
        }
      case "policy":
        tokens.take()
        let refuses = tokens.take() == "drop"
        for family in families {
          ruleset[family, table, chain]?.setDefault(
            refuses: refuses, at: SourcePlace(file, line: line), isCertain: isCertain)
        }
      case "comment", "flags", "devices": _ = tokens.statement()
      default:
        let outcome = rule(chain, table, families, isFirst: false, &ruleset)
        if outcome != .succeeds { return outcome }
      }
    }
    return .fails
  }

  private static func hook(_ tokens: inout NftTokens) -> Ruleset.Hook? {
    var type = ""
    var stage: Ruleset.Hook.Stage?
    var priority = 0
    while tokens.next != nil {
      switch tokens.take() {
      case "type": type = tokens.take()
      case "hook":
        let stages: [String: Ruleset.Hook.Stage] = [
          "prerouting": .prerouting, "input": .input, "forward": .forward, "output": .output,
          "postrouting": .postrouting,
        ]
        stage = stages[tokens.take()]
      case "priority":
        let names = ["raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100]
        let text = tokens.take()
        guard let stated = Int(text) ?? names[text] else { return nil }
        priority = stated
        // filter + 10
        if tokens.next == "+" || tokens.next == "-" {
          let sign = tokens.take() == "+" ? 1 : -1
          guard let difference = Int(tokens.take()), abs(difference) < 1 << 30 else { return nil }
          priority += sign * difference
        }
      default: return nil
      }
    }
    // Whether such a chain is asked before conntrack or after it depends on which was there first.
    if priority == -200, stage == .prerouting || stage == .output { return nil }
    return stage.map { .init(stage: $0, priority: priority, isNAT: type == "nat", isRoute: type == "route") }
  }

  mutating func rule(
    _ chain: String, _ table: String, _ families: [IPFamily], isFirst: Bool, _ ruleset: inout Ruleset
  ) -> ShellOutcome {
    let line = tokens.line
    let statement = tokens.statement()
    let text = wholeText ?? statement.text
    for family in families {
      guard ruleset[family, table, chain] != nil else { return .fails }
      var rule = FilterRule(
        matches: [], action: .goOn, place: SourcePlace(file, line: line), text: text, isCertain: isCertain)
      var reader = NftExpressions(statement, names: names.merging(sets[table] ?? [:]) { $1 })
      reader.read(into: &rule, family: family)
      if let test = rule.matches.first(where: \.isUnreadable) {
        problems.append((line, text, "\(test.text) is not understood: what the rule lets out is not known", false))
      }
      if case .jump(let target) = rule.action, ruleset[family, table, target] == nil { return .fails }
      if case .goTo(let target) = rule.action, ruleset[family, table, target] == nil { return .fails }
      if isFirst {
        ruleset[family, table, chain]?.rules.insert(rule, at: 0)
      } else {
        ruleset[family, table, chain]?.rules.append(rule)
      }
    }
    return .succeeds
  }
}
