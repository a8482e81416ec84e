import Wire

/// The expressions and statements of a rule (nft(8)), as far as kill switches use them. If something is not read,
/// nobody knows what the rule tests.
struct NftExpressions {
  var tokens: NftTokens
  /// Elements of sets by name, with its sign.
  let sets: [String: [String]]
  let family: IPFamily
  let isInet: Bool
  let hasInterface: (String) -> Bool?
  /// Why nft refuses the rule, and with it the whole command.
  private(set) var refusal: String?
  /// Why nft may refuse it.
  private(set) var doubt: String?
  /// Whether a verdict was read. Nothing may follow it.
  var isEnded = false
  /// The protocols whose headers the rule tests.
  private var headers: Set<String> = []
  /// The families whose headers the rule tests.
  private var families: Set<IPFamily> = []
  /// The actions of a `vmap`, by key.
  var choices: [(match: RuleMatch, action: FilterRule.Action)] = []

  init(
    _ tokens: NftTokens, sets: [String: [String]], family: IPFamily, isInet: Bool,
    hasInterface: @escaping (String) -> Bool?
  ) {
    self.tokens = tokens
    self.sets = sets
    self.family = family
    self.isInet = isInet
    self.hasInterface = hasInterface
  }

  mutating func refuse(_ reason: String) { refusal = refusal ?? reason }
  mutating func mayRefuse(_ reason: String) { doubt = doubt ?? reason }

  /// The rules that one rule stands for: each key of a verdict map has its own.
  mutating func rules(from start: FilterRule) -> [FilterRule] {
    var rule = start
    while tokens.next != nil {
      let token = tokens.take()
      if isEnded, token != "comment" {
        refuse("nothing may follow its verdict")
        break
      }
      if !choices.isEmpty, token != "comment" { mayRefuse("what follows a verdict map is not read") }
      if readVerdict(token, into: &rule) { continue }
      read(token, into: &rule)
    }
    checkHeaders(rule)
    if rule.action == .goOn, let change = rule.change {
      rule.action = .change(change)
      rule.change = nil
    }
    guard !choices.isEmpty else { return [rule] }
    return choices.map { choice in
      var one = rule
      one.matches.append(choice.match)
      one.action = choice.action
      return one
    }
  }

  private mutating func read(_ token: String, into rule: inout FilterRule) {
    switch token {
    case "counter":
      if ["packets", "bytes"].contains(tokens.next) { for _ in 0..<4 { tokens.take() } }
    case "comment": tokens.take()
    case "log": readLog()
    case "notrack": change(.untrack, &rule)
    case "limit", "quota":
      rule.matches.append(.init(test: .some(token)))
      while let next = tokens.next, !Self.verdicts.contains(next) { tokens.take() }
    case "oifname", "oif": addInterface(token, &rule) { .outInterface($0) }
    case "iifname", "iif": addInterface(token, &rule) { .inInterface($0) }
    case "meta": readMeta(into: &rule)
    case "mark": readMark(into: &rule)
    case "l4proto": addTransport(&rule)
    case "ip", "ip6": readAddress(token == "ip" ? .ipv4 : .ipv6, into: &rule)
    case "tcp", "udp", "th", "sctp", "dccp", "udplite": readPorts(token, into: &rule)
    case "icmp", "icmpv6": readICMP(token == "icmp" ? .ipv4 : .ipv6, into: &rule)
    case "ct": readConnection(into: &rule)
    case "fib": readRoute(into: &rule)
    default: unreadable(token, &rule)
    }
  }

  private static let verdicts: Set<String> = [
    "accept", "drop", "reject", "return", "continue", "jump", "goto", "counter", "log", "comment",
  ]

  mutating func readVerdict(_ token: String, into rule: inout FilterRule) -> Bool {
    switch token {
    case "accept": rule.action = .accept
    case "drop": rule.action = .refuse
    case "reject":
      rule.action = .refuse
      readAnswer(into: &rule)
    case "return": rule.action = .leaveChain
    case "continue":
      rule.action = .goOn
      return true
    case "jump", "goto":
      guard tokens.next != "{" else {
        unreadable("a chain without a name", &rule)
        mayRefuse("a chain without a name is not read")
        tokens = NftTokens([])
        return true
      }
      let target = tokens.take()
      rule.action = token == "jump" ? .jump(target) : .goTo(target)
    case "masquerade", "snat":
      rule.action = .accept
      rule.translates = .source
      tokens = NftTokens([])
    case "dnat", "redirect":
      rule.action = .change(.destination(nil, port: 0...UInt16.max))
      rule.translates = .destination
      tokens = NftTokens([])
    default: return false
    }
    isEnded = true
    return true
  }

  /// Reads `with icmp type X`, `with icmpx X` or `with tcp reset`. In a table of both families, the first is only for
  /// its own family.
  private mutating func readAnswer(into rule: inout FilterRule) {
    rule.answer = ""
    guard tokens.skip("with") else { return }
    let kind = tokens.take()
    let names: Set<String>
    switch kind {
    case "icmp", "icmpv6":
      let stated: IPFamily = kind == "icmp" ? .ipv4 : .ipv6
      names =
        stated == .ipv4
        ? [
          "net-unreachable", "host-unreachable", "prot-unreachable", "port-unreachable", "net-prohibited",
          "host-prohibited", "admin-prohibited",
        ] : ["no-route", "admin-prohibited", "addr-unreachable", "port-unreachable", "policy-fail", "reject-route"]
      if !isInet, stated != family { refuse("the answer belongs to the other family") }
      if stated != family { rule.matches.append(.init(test: .transport([]))) }
    case "icmpx": names = ["port-unreachable", "admin-prohibited", "no-route", "host-unreachable"]
    case "tcp":
      names = ["reset"]
      headers.insert("tcp")
      rule.matches.append(.init(test: .transport([6])))
    default: names = []
    }
    if kind != "tcp" { _ = tokens.skip("type") }
    let name = tokens.take()
    if !names.contains(name) { mayRefuse("there may be no such answer as '\(kind) \(name)'") }
    rule.answer = "\(kind) \(name)"
  }

  private mutating func readLog() {
    while let next = tokens.next {
      switch next {
      case "prefix", "level", "group", "snaplen", "queue-threshold":
        tokens.take()
        tokens.take()
      case "flags":
        tokens.take()
        if ["tcp", "ip"].contains(tokens.take()) { tokens.take() }
        while tokens.skip(",") { tokens.take() }
      default: return
      }
    }
  }

  mutating func change(_ change: FilterRule.Change, _ rule: inout FilterRule) {
    // Later conditions would test the packet as changed.
    if rule.change != nil { unreadable("a second change", &rule) }
    rule.change = change
  }

  mutating func unreadable(_ text: String, _ rule: inout FilterRule) {
    rule.matches.append(.init(test: .unreadable(text)))
  }

  // MARK: - What nft refuses

  /// A header of the other family is only valid in tables of both families. There, no packet of this family has it.
  mutating func asks(for stated: IPFamily) -> Bool {
    families.insert(stated)
    if !isInet, stated != family { refuse("it tests a header of the other family") }
    return stated == family
  }

  mutating func asksHeader(_ name: String) { headers.insert(name) }

  private mutating func checkHeaders(_ rule: FilterRule) {
    if headers.count > 1 { refuse("it tests headers of several protocols") }
    if families.count > 1 { refuse("it tests headers of both families") }
    var transports: Set<UInt8>?
    for match in rule.matches where !match.isNegated {
      guard case .transport(let numbers) = match.test, !numbers.isEmpty else { continue }
      transports = transports?.intersection(numbers) ?? Set(numbers)
    }
    if transports?.isEmpty == true { mayRefuse("nft may refuse it: it tests for several protocols at once") }
  }
}
