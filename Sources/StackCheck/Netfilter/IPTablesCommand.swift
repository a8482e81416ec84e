import PolicyFiles
import ShellScript
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
  /// Why the program would refuse the call, or what of it is not understood.
  var problem: String?
  /// Whether the program refuses the call, so that it does nothing.
  var isRefused = false

  enum Verb: Sendable {
    case append, insert, replace, delete, check, policy, newChain, deleteChain, flush, rename, list
  }

  init(_ command: ShellCommand, family: IPFamily, file: String) {
    self.family = family
    rule = FilterRule(
      matches: [], action: .goOn, place: SourcePlace(file, line: command.line), text: command.text,
      isCertain: command.isCertain)
    var reader = IPTablesOptions(command.words.dropFirst(), family: family)
    reader.read(into: &self)
  }

  /// Of a rule's number, which counts from 1; none where it does not.
  private static func index(_ number: Int) -> Int { number > 0 ? number - 1 : -1 }

  /// Does to the rule set what the call does. Returns the outcome, and the rule that was taken away, if one was.
  func apply(to ruleset: inout Ruleset) -> (outcome: ShellOutcome, deleted: FilterRule?) {
    if isRefused { return (.fails, nil) }
    guard problem == nil, let verb else { return (.unknown, nil) }
    let isCertain = rule.isCertain
    if verb == .flush, chain.isEmpty {
      guard isCertain else { return (.succeeds, nil) }
      for name in ruleset.chains.keys where name.family == family && name.table == table {
        ruleset[family, table, name.chain]?.rules = []
      }
      return (.succeeds, nil)
    }
    if verb == .newChain {
      guard ruleset[family, table, chain] == nil else { return (.fails, nil) }
      ruleset[family, table, chain] = .init()
      return (.succeeds, nil)
    }
    if verb == .list { return (.succeeds, nil) }
    guard var target = ruleset[family, table, chain] else { return (verb == .deleteChain ? .succeeds : .fails, nil) }
    switch rule.action {
    case .jump(let name), .goTo(let name):
      guard ruleset[family, table, name] != nil else { return (.fails, nil) }
    default: break
    }
    var deleted: FilterRule?
    switch verb {
    case .append: target.rules.append(rule)
    case .insert:
      let index = number.map(Self.index) ?? 0
      guard (0...target.rules.count).contains(index) else { return (.fails, nil) }
      target.rules.insert(rule, at: index)
    case .replace, .delete:
      let index = number.map(Self.index) ?? target.rules.firstIndex { $0.saysSame(as: rule) } ?? -1
      guard target.rules.indices.contains(index) else { return (.fails, nil) }
      deleted = target.rules[index]
      if !isCertain {
        target.rules[index].isCertain = false
      } else if verb == .delete {
        target.rules.remove(at: index)
      } else {
        target.rules[index] = rule
      }
    case .check: return (target.rules.contains { $0.saysSame(as: rule) } ? .succeeds : .fails, nil)
    case .policy:
      // A default that may be set: whichever lets more out.
      target.refusesByDefault = isCertain ? refusesByDefault : target.refusesByDefault && refusesByDefault
      target.defaultPlace = rule.place
    case .flush where isCertain: target.rules = []
    case .deleteChain where isCertain:
      ruleset.removeAll { $0 == .init(family: family, table: table, chain: chain) }
      return (.succeeds, nil)
    case .rename:
      guard let newName else { return (.unknown, nil) }
      ruleset.removeAll { $0 == .init(family: family, table: table, chain: chain) }
      ruleset[family, table, newName] = target
      return (.succeeds, nil)
    default: break
    }
    ruleset[family, table, chain] = target
    return (.succeeds, deleted)
  }
}
