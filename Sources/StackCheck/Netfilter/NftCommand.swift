import ShellScript
import TextFiles
import Wire

/// Commands that nft(8) reads, from its command line or from a file.
struct NftCommand {
  /// What is not understood, with its place.
  private(set) var problems: [(place: SourcePlace, text: String, reason: String, mayMakeRules: Bool)] = []
  /// Why nft refuses all of it.
  private(set) var refusal: (place: SourcePlace, text: String, reason: String)?
  var tokens: NftTokens
  let isCertain: Bool
  /// The chains that existed before.
  private(set) var before: Set<Ruleset.ChainName> = []
  /// Included files, by the names that messages use.
  let included: [String]
  /// Families in which it names a table like one of iptables-nft's own (iptables-nft(8)).
  private(set) var touchesIPTables: Set<IPFamily> = []
  /// The text of the command, for rules on nft's command line; nil if each line has a text of its own.
  let wholeText: String?
  /// Whether an interface exists at this moment; nil if nobody knows.
  let hasInterface: (String) -> Bool?
  /// The rules in the chains of a table's block. nft makes them after the block's chains and sets.
  private var waiting: [(chain: String, rule: NftTokens)] = []
  /// Whether it made something that depends on the hooks from which packets get there: a jump, an answer, NAT.
  var dependsOnHooks = false

  /// `wholeText` is the text of a command on nft's command line.
  init(
    _ tokens: NftTokens, wholeText: String?, isCertain: Bool, hasInterface: @escaping (String) -> Bool?,
    files: @escaping (String) -> ScriptHost.ReadText?
  ) {
    let source = NftSource(tokens, files: files)
    self.tokens = NftTokens(source.tokens)
    included = source.included
    self.isCertain = isCertain
    self.wholeText = wholeText
    self.hasInterface = hasInterface
    if let problem = source.problem { problems.append((problem.place, problem.text, problem.reason, true)) }
  }

  /// Applies the commands to the rule set. nft applies all of them or none.
  mutating func apply(to ruleset: inout Ruleset) -> ShellOutcome {
    let before = ruleset
    let start = tokens.place
    self.before = Set(before.chains.keys)
    if let end = tokens.unendedBlock {
      return notRead(
        end.place, end.text,
        "nft may refuse it: it needs a ';' or a line's end before and after a block's closing brace")
    }
    var outcome = problems.isEmpty ? ShellOutcome.succeeds : .unknown
    while outcome != .fails {
      tokens.skipEnds()
      guard tokens.next != nil else { break }
      switch command(&ruleset) {
      case .succeeds: break
      case .fails: outcome = .fails
      case .unknown:
        outcome = .unknown
        _ = tokens.statement()
      }
    }
    if outcome != .fails, dependsOnHooks {
      if let reason = ruleset.nftRefusal(by: .certain) {
        outcome = fail(start, wholeText ?? "nft", reason)
      } else if let reason = ruleset.nftRefusal(by: .any) {
        outcome = notRead(start, wholeText ?? "nft", "nft may refuse it: \(reason)")
      }
    }
    if outcome == .fails { ruleset = before }
    return outcome
  }

  mutating func notRead(
    _ place: SourcePlace, _ text: String, _ reason: String = "this form is not read", mayMakeRules: Bool = true
  ) -> ShellOutcome {
    problems.append((place, text, reason, mayMakeRules))
    return .unknown
  }

  mutating func fail(_ place: SourcePlace, _ text: String, _ reason: String) -> ShellOutcome {
    refusal = (place, text, reason)
    return .fails
  }

  private mutating func command(_ ruleset: inout Ruleset) -> ShellOutcome {
    let place = tokens.place
    let verb = tokens.take()
    switch verb {
    case "list", "monitor", "describe", "reset":
      _ = tokens.statement()
      return .succeeds
    case "table": return table("add", &ruleset)
    case "chain", "rule", "set": return object("add", verb, &ruleset)
    case "add", "create", "insert", "delete", "flush", "replace": return object(verb, tokens.take(), &ruleset)
    default: return notRead(place, verb)
    }
  }

  private mutating func object(_ verb: String, _ object: String, _ ruleset: inout Ruleset) -> ShellOutcome {
    let place = tokens.place
    if verb == "flush", object == "ruleset" { return flushRuleset(&ruleset) }
    if object == "table" { return table(verb, &ruleset) }
    guard let table = NftTable(&tokens) else { return notRead(place, "\(verb) \(object)", Self.otherFamily) }
    note(table)
    guard ["chain", "rule", "set"].contains(object), ["add", "create", "insert", "flush", "delete"].contains(verb)
    else {
      return notRead(place, "\(verb) \(object)")
    }
    guard let isTableCertain = ruleset.nftTables[table.key]?.isCertain else {
      return fail(place, "\(verb) \(object)", "there is no table '\(table.key.dropFirst(4))' at this moment")
    }
    let isCertain = isCertain && isTableCertain
    switch (verb, object) {
    case ("add", "chain"), ("create", "chain"):
      let chain = tokens.take()
      make(chain, table, isCertain, &ruleset)
      guard tokens.skip("{") else { return .succeeds }
      return chainBody(chain, table, &ruleset) ?? addWaiting(to: table, isCertain, &ruleset)
    case ("flush", "chain"), ("delete", "chain"):
      let chain = tokens.take()
      for family in table.families {
        let name = Ruleset.ChainName(family: family, table: table.key, chain: chain)
        guard ruleset.chains[name] != nil else { return fail(place, chain, "there is no such chain at this moment") }
        guard verb == "flush" || !ruleset.isUsed(name) else { return fail(place, chain, "a rule jumps to it") }
        ruleset[family, table.key, chain]?.flush(isCertain: isCertain)
        guard verb != "flush" else { continue }
        if isCertain { ruleset.removeAll { $0 == name } } else { ruleset.loosen { $0 == name } }
      }
      return .succeeds
    case ("add", "rule"), ("insert", "rule"):
      let chain = tokens.take()
      if ["position", "index", "handle"].contains(tokens.next) {
        return notRead(place, "\(verb) rule at a position")
      }
      return add(tokens.statement(), to: chain, table, isFirst: verb == "insert", isCertain, &ruleset)
    case ("add", "set"), ("create", "set"): return set(in: table, &ruleset)
    default: return notRead(place, "\(verb) \(object)")
    }
  }

  static let otherFamily = "tables of this family are not read"

  private mutating func flushRuleset(_ ruleset: inout Ruleset) -> ShellOutcome {
    guard tokens.next != nil, !["\n", ";"].contains(tokens.next) else {
      ruleset.flushAll(isCertain: isCertain)
      return .succeeds
    }
    let place = tokens.place
    let family = tokens.take()
    guard family == "inet" else { return notRead(place, "flush ruleset \(family)") }
    for name in ruleset.nftTables.keys where name.hasPrefix("nft inet ") {
      ruleset.removeTable(name, isCertain: isCertain)
    }
    return .succeeds
  }

  func make(_ chain: String, _ table: NftTable, _ isCertain: Bool, _ ruleset: inout Ruleset) {
    for family in table.families {
      if ruleset[family, table.key, chain] == nil {
        ruleset[family, table.key, chain] = Ruleset.Chain(isCertain: isCertain)
      } else if isCertain {
        ruleset[family, table.key, chain]?.isCertain = true
      }
    }
  }

  private mutating func table(_ verb: String, _ ruleset: inout Ruleset) -> ShellOutcome {
    let place = tokens.place
    guard let table = NftTable(&tokens) else {
      let outcome = notRead(place, "table", Self.otherFamily)
      tokens.skipBlock()
      return outcome
    }
    note(table)
    guard !table.name.isEmpty, table.name != "handle" else { return notRead(place, "\(verb) table") }
    let known = ruleset.nftTables[table.key]
    switch verb {
    case "add": break
    case "create" where known == nil: break
    case "flush", "delete":
      guard known != nil else {
        return fail(place, "\(verb) table", "there is no table '\(table.key.dropFirst(4))' at this moment")
      }
      guard verb == "flush" else {
        ruleset.removeTable(table.key, isCertain: isCertain)
        return .succeeds
      }
      for key in ruleset.chains.keys where key.table == table.key {
        ruleset[key.family, table.key, key.chain]?.flush(isCertain: isCertain)
      }
      return .succeeds
    case "create": return fail(place, "create table", "it already exists")
    default: return notRead(place, "\(verb) table")
    }
    let isThere = before.contains { $0.table == table.key && ruleset.chains[$0] != nil }
    ruleset.makeTable(table.key, isCertain: isCertain)
    let isCertain = ruleset.nftTables[table.key]?.isCertain == true && isCertain
    guard tokens.skip("{") else { return .succeeds }
    while tokens.next != nil {
      tokens.skipEnds()
      if tokens.skip("}") { return addWaiting(to: table, isCertain, &ruleset) }
      let place = tokens.place
      switch tokens.take() {
      case "chain":
        let chain = tokens.take()
        make(chain, table, isCertain, &ruleset)
        guard tokens.skip("{") else { return fail(place, "chain \(chain)", "it has no block") }
        if let outcome = chainBody(chain, table, &ruleset), outcome == .fails { return .fails }
      case "set": if set(in: table, &ruleset, isThere: isThere) == .fails { return .fails }
      case "comment": _ = tokens.statement()
      case "flags":
        _ = notRead(place, "flags \(tokens.statement().text)", "such a table may do nothing, or be gone at once")
      case let other:
        _ = notRead(place, other)
        _ = tokens.statement()
      }
    }
    return fail(place, "table \(table.name)", "its block does not end")
  }

  /// Keeps a rule of a block until all of its chains and sets are known.
  mutating func wait(_ rule: NftTokens, for chain: String) { waiting.append((chain, rule)) }

  private mutating func addWaiting(to table: NftTable, _ isCertain: Bool, _ ruleset: inout Ruleset) -> ShellOutcome {
    defer { waiting = [] }
    for (chain, rule) in waiting {
      let outcome = add(rule, to: chain, table, isFirst: false, isCertain, &ruleset)
      if outcome == .fails { return .fails }
    }
    return .succeeds
  }

  private mutating func note(_ table: NftTable) {
    if !table.isInet, Ruleset.isIPTables(table.name) { touchesIPTables.formUnion(table.families) }
  }
}
