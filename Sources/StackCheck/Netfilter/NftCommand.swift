import PolicyFiles
import ShellScript
import Wire

/// What nft(8) reads: commands on its line, or a file of them.
struct NftCommand {
  /// What is not understood, with its line.
  var problems: [(line: Int, text: String, reason: String, mayMakeRules: Bool)] = []
  var tokens: NftTokens
  let isCertain: Bool
  let file: String
  private(set) var names: [String: [String]] = [:]
  /// Elements by the set's name with its sign, by table.
  private(set) var sets: [String: [String: [String]]] = [:]
  /// The chains that were there before.
  private(set) var before: Set<Ruleset.ChainName> = []
  /// Families in which it names a table as iptables-nft names its own (iptables-nft(8)).
  private(set) var touchesIPTables: Set<IPFamily> = []
  /// The text of the command for a rule that stands on nft's line; nil where each line has its own.
  private(set) var wholeText: String?

  /// The words of a command line, which are not an option's.
  init(_ words: [String], of command: ShellCommand, file: String) {
    // The shell took the quotes away: the signs that are left are nft's.
    tokens = NftTokens(words.joined(separator: " "), firstLine: command.line)
    isCertain = command.isCertain
    wholeText = command.text
    self.file = file
  }

  /// A file, as `nft -f` reads it.
  init(text: String, firstLine: Int = 1, file: String, isCertain: Bool) {
    tokens = NftTokens(text, firstLine: firstLine)
    self.isCertain = isCertain
    self.file = file
  }

  /// Does to the rule set what the commands do. nft does all of them or none.
  mutating func apply(to ruleset: inout Ruleset) -> ShellOutcome {
    let before = ruleset
    self.before = Set(before.chains.keys)
    if let line = tokens.lineOfUnendedBlock {
      let text = tokens.rest.filter { $0.line == line && $0.text != "\n" }.map(\.text).joined(separator: " ")
      return notRead(
        line, text, "nft may refuse it: before and behind a block's closing brace it wants a ';' or a line's end")
    }
    var outcome = ShellOutcome.succeeds
    while true {
      tokens.skipEnds()
      guard tokens.next != nil else {
        guard ruleset.answersLate else { return outcome }
        ruleset = before
        return .fails
      }
      switch command(&ruleset) {
      case .succeeds: break
      case .fails:
        ruleset = before
        return .fails
      case .unknown:
        outcome = .unknown
        _ = tokens.statement()
      }
    }
  }

  mutating func notRead(_ line: Int, _ text: String, _ reason: String = "this form is not read") -> ShellOutcome {
    problems.append((line, text, reason, true))
    return .unknown
  }

  private mutating func command(_ ruleset: inout Ruleset) -> ShellOutcome {
    let line = tokens.line
    let verb = tokens.take()
    switch verb {
    case "list", "monitor", "describe", "reset":
      _ = tokens.statement()
      return .succeeds
    case "define":
      // define name = value
      var definition = tokens.statement()
      let name = definition.take()
      guard definition.take("=") else { return notRead(line, "define \(name)") }
      names["$" + name] = definition.rest.map(\.text).filter { !["{", "}", ","].contains($0) }.flatMap {
        names[$0] ?? [$0]
      }
      return .succeeds
    case "table": return table("add", &ruleset)
    case "chain", "rule", "set":
      return object("add", verb, &ruleset)
    case "add", "create", "insert", "delete", "destroy", "flush", "replace":
      return object(verb, tokens.take(), &ruleset)
    default: return notRead(line, verb)
    }
  }

  private mutating func object(_ verb: String, _ object: String, _ ruleset: inout Ruleset) -> ShellOutcome {
    let line = tokens.line
    if verb == "flush", object == "ruleset" {
      _ = tokens.statement()
      ruleset.flushAll(isCertain: isCertain)
      return .succeeds
    }
    if object == "table" { return table(verb, &ruleset) }
    let families = takeFamilies()
    let name = tokens.take()
    note(name, families)
    let table = "nft " + families.name + " " + name
    switch (verb, object) {
    case ("add", "chain"), ("create", "chain"):
      let chain = tokens.take()
      for family in families.members where ruleset[family, table, chain] == nil {
        ruleset[family, table, chain] = Ruleset.Chain()
      }
      return tokens.take("{") ? chainBody(chain, table, families.members, &ruleset) : .succeeds
    case ("flush", "chain"), ("delete", "chain"), ("destroy", "chain"):
      let chain = tokens.take()
      for family in families.members {
        guard ruleset[family, table, chain] != nil else { return verb == "destroy" ? .succeeds : .fails }
        ruleset[family, table, chain]?.flush(isCertain: isCertain)
        guard verb != "flush", isCertain else { continue }
        ruleset.removeAll { $0 == .init(family: family, table: table, chain: chain) }
      }
      return .succeeds
    case ("add", "rule"), ("insert", "rule"):
      let chain = tokens.take()
      if ["position", "index", "handle"].contains(tokens.next) {
        return notRead(line, "\(verb) rule at a position")
      }
      return rule(chain, table, families.members, isFirst: verb == "insert", &ruleset)
    case ("add", "set"), ("create", "set"): return set(in: table, &ruleset)
    default: return notRead(line, "\(verb) \(object)")
    }
  }

  private mutating func table(_ verb: String, _ ruleset: inout Ruleset) -> ShellOutcome {
    let line = tokens.line
    let families = takeFamilies()
    let name = tokens.take()
    note(name, families)
    let table = "nft " + families.name + " " + name
    guard !name.isEmpty, name != "handle" else { return notRead(line, "\(verb) table") }
    switch verb {
    case "add", "create": break
    case "flush":
      for key in ruleset.chains.keys where key.table == table {
        ruleset[key.family, table, key.chain]?.flush(isCertain: isCertain)
      }
      return .succeeds
    case "delete", "destroy":
      if isCertain {
        ruleset.removeAll { $0.table == table }
      } else {
        ruleset.loosen { $0.table == table }
      }
      return .succeeds
    default: return notRead(line, "\(verb) table")
    }
    guard tokens.take("{") else { return .succeeds }
    while tokens.next != nil {
      tokens.skipEnds()
      if tokens.take("}") { return .succeeds }
      let line = tokens.line
      switch tokens.take() {
      case "chain":
        let chain = tokens.take()
        for family in families.members where ruleset[family, table, chain] == nil {
          ruleset[family, table, chain] = Ruleset.Chain()
        }
        guard tokens.take("{") else { return .fails }
        let outcome = chainBody(chain, table, families.members, &ruleset)
        if outcome != .succeeds { return outcome }
      case "set": if set(in: table, &ruleset) == .fails { return .fails }
      case "comment", "flags": _ = tokens.statement()
      case let other:
        _ = notRead(line, other)
        _ = tokens.statement()
      }
    }
    return .fails
  }

  /// `set name { type ipv4_addr; flags interval; elements = { a, b } }`
  private mutating func set(in table: String, _ ruleset: inout Ruleset) -> ShellOutcome {
    let line = tokens.line
    let name = tokens.take()
    guard tokens.take("{") else { return notRead(line, "set \(name)") }
    // To a set that is there already elements are added.
    guard !before.contains(where: { $0.table == table && ruleset.chains[$0] != nil }) else {
      return notRead(line, "set \(name)", "its table was there before, and may have such a set with other elements")
    }
    var elements: [String] = []
    while tokens.next != nil {
      tokens.skipEnds()
      if tokens.take("}") { break }
      var statement = tokens.statement()
      if statement.take("elements") {
        elements = statement.rest.map(\.text).filter { !["=", "{", "}", ","].contains($0) }
      } else if statement.next == "timeout" || statement.text.contains("dynamic") || statement.text.contains("timeout")
      {
        return notRead(line, "set \(name)", "its elements come and go")
      }
    }
    sets[table, default: [:]]["@" + name, default: []] += elements
    return .succeeds
  }

  private mutating func note(_ table: String, _ families: (name: String, members: [IPFamily])) {
    if families.name != "inet", Ruleset.isIPTables(table) { touchesIPTables.formUnion(families.members) }
  }

  private mutating func takeFamilies() -> (name: String, members: [IPFamily]) {
    switch tokens.next {
    case "inet":
      tokens.take()
      return ("inet", IPFamily.allCases)
    case "ip6":
      tokens.take()
      return ("ip6", [.ipv6])
    case "ip":
      tokens.take()
      return ("ip", [.ipv4])
    case "arp", "bridge", "netdev": return (tokens.take(), [])
    default: return ("ip", [.ipv4])
    }
  }
}

extension RuleMatch {
  var isUnreadable: Bool {
    if case .unreadable = test { true } else { false }
  }

  /// What of a condition that is not followed stands in the rule.
  var text: String {
    switch test {
    case .some(let text), .unreadable(let text): text
    default: ""
    }
  }
}
