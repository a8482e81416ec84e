import ShellScript
import TextFiles
import Wire

/// A call of iptables(8) or ip6tables(8), read as the program reads it.
struct IPTablesCommand: Sendable {
  var family: IPFamily
  var table = "filter"
  var verb: Verb?
  var chain = ""
  /// The position of an insertion, replacement or deletion, counted from 1.
  var number: Int?
  var newName: String?
  var refusesByDefault = false
  var rule: FilterRule
  /// Why the program would refuse the call, or which part of it is not understood.
  var problem: String?
  /// Whether the program refuses the call, so that it does nothing.
  var isRefused = false
  var target: String?
  var targetOptions: [(option: String, word: ShellArgument?)] = []
  /// Which iptables is called, followed by a space; empty if the image decides.
  var backEnd = ""

  enum Verb: Sendable {
    case append, insert, replace, delete, check, policy, newChain, deleteChain, flush, rename, list

    static let options: [String: Self] = [
      "-A": .append, "--append": .append, "-I": .insert, "--insert": .insert, "-R": .replace, "--replace": .replace,
      "-D": .delete, "--delete": .delete, "-C": .check, "--check": .check, "-P": .policy, "--policy": .policy,
      "-N": .newChain, "--new-chain": .newChain, "-X": .deleteChain, "--delete-chain": .deleteChain, "-F": .flush,
      "--flush": .flush, "-E": .rename, "--rename-chain": .rename, "-L": .list, "--list": .list, "-S": .list,
      "--list-rules": .list, "-Z": .list, "--zero": .list,
    ]
  }

  /// Keeps the first reason why the program would stop.
  mutating func refuse(_ reason: String) {
    if !isRefused { problem = reason }
    isRefused = true
  }

  init(_ command: ShellCommand, family: IPFamily, file: String, backEnd: String = "") {
    self.family = family
    self.backEnd = backEnd
    rule = FilterRule(
      matches: [], action: .goOn, place: SourcePlace(file, line: command.line), text: command.text,
      isCertain: command.isCertain)
    var reader = IPTablesOptions(command.words.dropFirst(), family: family)
    reader.read(into: &self)
    settleTarget(reader.transport)
  }

  /// The index for a rule's number, which counts from 1; -1 for an invalid number.
  private static func index(_ number: Int) -> Int { number > 0 ? number - 1 : -1 }

  /// Applies the call to the rule set. Returns the outcome, and the rule that was deleted, if one was.
  func apply(to ruleset: inout Ruleset) -> (outcome: ShellOutcome, deleted: FilterRule?) {
    if isRefused { return (.fails, nil) }
    guard problem == nil, let verb else { return (.unknown, nil) }
    let table = backEnd + self.table
    // Nothing is certain about a chain that may not exist.
    let isChainCertain = ruleset[family, table, chain]?.isCertain != false
    let isCertain = rule.isCertain && isChainCertain
    if verb == .flush, chain.isEmpty {
      for name in ruleset.chains.keys where name.family == family && name.table == table {
        ruleset[family, table, name.chain]?.flush(isCertain: isCertain)
      }
      return (.succeeds, nil)
    }
    if verb == .newChain {
      guard let known = ruleset[family, table, chain] else {
        ruleset[family, table, chain] = .init(isCertain: isCertain)
        return (.succeeds, nil)
      }
      guard !known.isCertain else { return (.fails, nil) }
      ruleset[family, table, chain]?.isCertain = rule.isCertain
      return (.unknown, nil)
    }
    if verb == .list { return (.succeeds, nil) }
    if verb == .deleteChain, chain.isEmpty {
      guard isCertain else { return (.unknown, nil) }
      let mine = ruleset.chains.filter { $0.key.family == family && $0.key.table == table && !$0.value.isBuiltIn }
      let free = mine.filter { $0.value.rules.isEmpty && !ruleset.isUsed($0.key) }
      ruleset.removeAll { free[$0] != nil }
      return (free.count == mine.count ? .succeeds : .fails, nil)
    }
    guard let count = ruleset[family, table, chain]?.rules.count else { return (.fails, nil) }
    var rule = rule
    rule.isCertain = isCertain
    switch rule.action {
    case .jump(let name), .goTo(let name):
      guard let called = ruleset[family, table, name] else { return (.fails, nil) }
      rule.isCertain = isCertain && called.isCertain
    default: break
    }
    let rules = rule.oneForEachAddress
    let outcome = isChainCertain && rule.isCertain == isCertain ? ShellOutcome.succeeds : .unknown
    switch verb {
    case .append:
      ruleset[family, table, chain]?.rules += rules
      return (outcome, nil)
    case .insert:
      let index = number.map(Self.index) ?? 0
      guard (0...count).contains(index) else { return (.fails, nil) }
      ruleset[family, table, chain]?.rules.insert(contentsOf: rules.reversed(), at: index)
      return (outcome, nil)
    default: break
    }
    guard var target = ruleset[family, table, chain] else { return (.fails, nil) }
    var deleted: FilterRule?
    switch verb {
    case .replace, .delete:
      // Several addresses make several rules, and these cannot replace a single one.
      guard verb == .delete || rules.count == 1 else { return (.fails, nil) }
      for rule in number == nil ? rules : [rule] {
        let index = number.map(Self.index) ?? target.rules.firstIndex { $0.saysSame(as: rule) } ?? -1
        guard target.rules.indices.contains(index) else {
          ruleset[family, table, chain] = target
          return (.fails, deleted)
        }
        deleted = target.rules[index]
        if !isCertain {
          target.rules[index].isCertain = false
          if verb == .replace { target.rules.insert(rule, at: index) }
        } else if verb == .delete {
          target.rules.remove(at: index)
        } else {
          target.rules[index] = rule
        }
      }
    case .check:
      return (rules.allSatisfy { rule in target.rules.contains { $0.saysSame(as: rule) } } ? .succeeds : .fails, nil)
    case .policy:
      guard target.isBuiltIn else { return (.fails, nil) }
      target.setDefault(refuses: refusesByDefault, at: rule.place, isCertain: isCertain)
    case .flush: target.flush(isCertain: isCertain)
    case .deleteChain where isCertain:
      // iptables deletes neither its own chains nor chains that have rules or are jumped to.
      guard !target.isBuiltIn, target.rules.isEmpty, !ruleset.isUsed(.init(family: family, table: table, chain: chain))
      else { return (.fails, nil) }
      ruleset.removeAll { $0 == .init(family: family, table: table, chain: chain) }
      return (.succeeds, nil)
    case .rename:
      guard let newName, !target.isBuiltIn, ruleset[family, table, newName] == nil else { return (.fails, nil) }
      ruleset.removeAll { $0 == .init(family: family, table: table, chain: chain) }
      ruleset[family, table, newName] = target
      return (outcome, nil)
    case .deleteChain: target.isCertain = false
    default: break
    }
    ruleset[family, table, chain] = target
    return (outcome, deleted)
  }

  /// Whether jumps lead back to the chain from the target of the call's rule, or into a loop there. If neither, the
  /// rule makes no loop.
  func mayMakeLoop(in ruleset: Ruleset) -> Bool {
    switch rule.action {
    case .jump(let target), .goTo(let target):
      let own = Ruleset.ChainName(family: family, table: backEnd + table, chain: chain)
      return ruleset.leadsBack(to: own, from: own.sibling(target))
    default: return false
    }
  }

  /// Whether a packet could come back to a chain that it is in.
  func hasLoop(in ruleset: Ruleset, by certainty: Ruleset.Certainty) -> Bool {
    ruleset.hasLoop(by: certainty) { $0.family == family && $0.table == backEnd + table }
  }
}
