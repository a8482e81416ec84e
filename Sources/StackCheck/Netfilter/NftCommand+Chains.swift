import PolicyFiles
import ShellScript

/// The contents of a table: chains with their hooks, defaults and rules; and sets.
extension NftCommand {
  /// Reads `type filter hook output priority 0; policy drop; RULE…}`, and lets the rules wait. Nil if all was read.
  mutating func chainBody(_ chain: String, _ table: NftTable, _ ruleset: inout Ruleset) -> ShellOutcome? {
    let start = tokens.place
    while tokens.next != nil {
      tokens.skipEnds()
      if tokens.skip("}") { return nil }
      let place = tokens.place
      var statement = tokens.statement()
      switch statement.next {
      case nil: return fail(place, "chain \(chain)", "its block is not valid")
      case "type":
        guard let hook = Self.hook(&statement) else {
          _ = notRead(place, "chain \(chain)", "where it is called is not read")
          continue
        }
        for family in table.families {
          let name = Ruleset.ChainName(family: family, table: table.key, chain: chain)
          // A chain keeps its hook. nft refuses another hook, or a first one for a chain that exists.
          let stated = ruleset.chains[name]?.hook
          guard stated == hook || stated == nil && !before.contains(name), hook.isValid else {
            return fail(place, "chain \(chain)", "it cannot be called there")
          }
          ruleset[family, table.key, chain]?.hook = hook
        }
      case "policy":
        statement.take()
        let policy = statement.take()
        guard ["accept", "drop"].contains(policy), statement.next == nil else {
          return fail(place, "policy \(policy)", "there is no such default")
        }
        for family in table.families {
          guard let known = ruleset[family, table.key, chain] else { continue }
          guard known.hook != nil else { return fail(place, "policy \(policy)", "no hook calls its chain") }
          ruleset[family, table.key, chain]?.setDefault(
            refuses: policy == "drop", at: place, isCertain: isCertain && known.isCertain)
        }
      case "comment": continue
      case "flags", "devices", "device":
        _ = notRead(place, statement.text, "what the chain does then is not followed")
      default: wait(statement, for: chain)
      }
    }
    return fail(start, "chain \(chain)", "its block does not end")
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
    // Whether such a chain runs before or after conntrack depends on which of them was there first.
    if priority == -200, stage == .prerouting || stage == .output { return nil }
    guard ["filter", "nat", "route"].contains(type) else { return nil }
    return stage.map { .init(stage: $0, priority: priority, isNAT: type == "nat", isRoute: type == "route") }
  }

  mutating func add(
    _ statement: NftTokens, to chain: String, _ table: NftTable, isFirst: Bool, _ isCertain: Bool,
    _ ruleset: inout Ruleset
  ) -> ShellOutcome {
    let place = statement.place
    let text = wholeText ?? statement.text
    for family in table.families {
      guard let known = ruleset[family, table.key, chain] else {
        return fail(place, text, "there is no chain '\(chain)' at this moment")
      }
      let rule = FilterRule(
        matches: [], action: .goOn, place: place, text: text, isCertain: isCertain && known.isCertain)
      var reader = NftExpressions(
        statement, sets: ruleset.nftTables[table.key]?.sets ?? [:], family: family, isInet: table.isInet,
        hasInterface: hasInterface)
      var rules = reader.rules(from: rule)
      if let reason = reader.refusal { return fail(place, text, reason) }
      if let reason = reader.doubt { _ = notRead(place, text, reason) }
      if let test = rules.flatMap(\.matches).first(where: \.isUnreadable) {
        _ = notRead(
          place, text, "\(test.text) is not understood: what the rule lets out is not known", mayMakeRules: false)
      }
      for index in rules.indices {
        switch rules[index].action {
        case .jump(let target), .goTo(let target):
          guard let called = ruleset[family, table.key, target] else {
            return fail(place, text, "there is no chain '\(target)' at this moment")
          }
          if !called.isCertain { rules[index].isCertain = false }
          dependsOnHooks = true
        default: if rules[index].answer != nil || rules[index].translates != nil { dependsOnHooks = true }
        }
      }
      if isFirst {
        ruleset[family, table.key, chain]?.rules.insert(contentsOf: rules, at: 0)
      } else {
        ruleset[family, table.key, chain]?.rules += rules
      }
    }
    return .succeeds
  }

  /// `set name { type ipv4_addr; flags interval; elements = { a, b } }`
  mutating func set(in table: NftTable, _ ruleset: inout Ruleset, isThere: Bool? = nil) -> ShellOutcome {
    let place = tokens.place
    let name = tokens.take()
    guard tokens.skip("{") else { return notRead(place, "set \(name)") }
    // Elements are added to a set that exists already, and rules also test its old elements.
    guard !(isThere ?? before.contains { $0.table == table.key && ruleset.chains[$0] != nil }) else {
      return notRead(place, "set \(name)", "its table existed before, and may have such a set with other elements")
    }
    var elements: [String] = []
    while tokens.next != nil {
      tokens.skipEnds()
      if tokens.skip("}") { break }
      let statementPlace = tokens.place
      var statement = tokens.statement()
      switch statement.take() {
      case "elements": elements = statement.rest.map(\.text).filter { !["=", "{", "}", ","].contains($0) }
      case "type", "typeof", "comment", "auto-merge", "size", "policy": break
      case "flags" where !statement.text.contains("dynamic") && !statement.text.contains("timeout"): break
      default: return notRead(statementPlace, "set \(name)", "its elements may come and go")
      }
    }
    ruleset.makeSet("@" + name, in: table.key, elements)
    return .succeeds
  }
}

extension Ruleset.Hook {
  /// Whether the kernel supports such a chain (nft(8), chain types).
  fileprivate var isValid: Bool {
    if isRoute { return stage == .output }
    return !isNAT || stage != .forward && priority > -200
  }
}
