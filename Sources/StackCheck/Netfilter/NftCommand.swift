import PolicyFiles
import ShellScript
import Wire

/// A call of nft(8) with a command on its line: tables, chains and rules as they stand in scripts.
struct NftCommand {
  /// Why the call is not understood.
  private(set) var problem: String?
  private var tokens: ArraySlice<String>
  private let command: ShellCommand
  private let file: String

  init(_ command: ShellCommand, file: String) {
    self.command = command
    self.file = file
    let words = command.words.dropFirst().drop { $0.value?.hasPrefix("-") == true && $0.value != "-f" }
    if words.first?.value == "-f" || words.contains(where: { $0.value == nil }) {
      problem = "only commands that stand on its line, with all of their words known, are read"
    }
    tokens = Self.tokens(words.compactMap(\.value).joined(separator: " "))[...]
  }

  /// Signs stand alone; a text in quotes is one token.
  private static func tokens(_ text: String) -> [String] {
    var tokens: [String] = []
    var current = ""
    var quote: Character?
    for character in text {
      if let end = quote {
        if character == end { quote = nil } else { current.append(character) }
      } else if character == "\"" || character == "'" {
        quote = character
      } else if character.isWhitespace || "{};,".contains(character) {
        if !current.isEmpty { tokens.append(current) }
        current = ""
        if !character.isWhitespace { tokens.append(String(character)) }
      } else {
        current.append(character)
      }
    }
    return current.isEmpty ? tokens : tokens + [current]
  }

  private mutating func take() -> String { tokens.popFirst() ?? "" }

  /// Does to the rule set what the call does.
  mutating func apply(to ruleset: inout Ruleset) -> ShellOutcome {
    guard problem == nil else { return .unknown }
    let verb = take()
    let object = take()
    if verb == "list" { return .succeeds }
    if verb == "flush", object == "ruleset" {
      // What iptables made lives there too where iptables is iptables-nft.
      if command.isCertain { ruleset = Ruleset() }
      return .succeeds
    }
    let families = takeFamilies()
    let table = "nft " + families.name + " " + take()
    switch (verb, object) {
    case ("add", "table"), ("create", "table"): return .succeeds
    case ("delete", "table"), ("flush", "table"):
      guard command.isCertain else { return .succeeds }
      ruleset.removeAll { $0.table == table }
      return .succeeds
    case ("add", "chain"), ("create", "chain"):
      let chain = take()
      let definition = readChain()
      for family in families.members where ruleset[family, table, chain] == nil || definition.hook != nil {
        var made = ruleset[family, table, chain] ?? Ruleset.Chain()
        made.hook = definition.hook ?? made.hook
        made.refusesByDefault = definition.refuses && command.isCertain
        made.defaultPlace = SourcePlace(file, line: command.line)
        ruleset[family, table, chain] = made
      }
      return .succeeds
    case ("flush", "chain"):
      let chain = take()
      guard command.isCertain else { return .succeeds }
      for family in families.members { ruleset[family, table, chain]?.rules = [] }
      return .succeeds
    case ("add", "rule"), ("insert", "rule"):
      let chain = take()
      if ["position", "index", "handle"].contains(tokens.first) {
        _ = take()
        _ = take()
      }
      for family in families.members {
        guard ruleset[family, table, chain] != nil else { return .fails }
        let rule = readRule(family)
        if verb == "add" {
          ruleset[family, table, chain]?.rules.append(rule)
        } else {
          ruleset[family, table, chain]?.rules.insert(rule, at: 0)
        }
      }
      return .succeeds
    default:
      problem = "this form of the command is not read"
      return .unknown
    }
  }

  private mutating func takeFamilies() -> (name: String, members: [IPFamily]) {
    switch tokens.first {
    case "inet":
      _ = take()
      return ("inet", IPFamily.allCases)
    case "ip6":
      _ = take()
      return ("ip6", [.ipv6])
    case "ip":
      _ = take()
      return ("ip", [.ipv4])
    case "arp", "bridge", "netdev": return (take(), [])
    default: return ("ip", [.ipv4])
    }
  }

  /// `{ type filter hook output priority 0 ; policy drop ; }`
  private mutating func readChain() -> (hook: Ruleset.Hook?, refuses: Bool) {
    var hook: Ruleset.Hook?
    var refuses = false
    while let token = tokens.popFirst() {
      switch token {
      case "hook":
        switch take() {
        case "output": hook = .init(stage: 0, priority: 0)
        case "postrouting": hook = .init(stage: 1, priority: 100)
        default: break
        }
      case "priority":
        let names = ["raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100]
        let text = take()
        hook?.priority = Int(text) ?? names[text] ?? 0
      case "policy": refuses = take() == "drop"
      default: break
      }
    }
    return (hook, refuses)
  }

  /// The conditions and the verdict of a rule; what is not understood makes it one that may match.
  private func readRule(_ family: IPFamily) -> FilterRule {
    var rule = FilterRule(
      matches: [], action: .goOn, place: SourcePlace(file, line: command.line), text: command.text,
      isCertain: command.isCertain)
    var reader = NftExpressions(tokens)
    reader.read(into: &rule, family: family)
    return rule
  }
}
