import Wire

/// The expressions and statements of a rule (nft(8)), as far as kill switches use them. What is not read makes the rule
/// one of which nobody knows what it asks.
struct NftExpressions {
  private var tokens: NftTokens
  /// Sets and definitions by name, each as the words that it stands for.
  private let names: [String: [String]]

  init(_ tokens: NftTokens, names: [String: [String]] = [:]) {
    self.tokens = tokens
    self.names = names
  }

  mutating func read(into rule: inout FilterRule, family: IPFamily) {
    while tokens.next != nil {
      let token = tokens.take()
      if readVerdict(token, into: &rule) { continue }
      switch token {
      case "counter":
        if ["packets", "bytes"].contains(tokens.next) { for _ in 0..<4 { tokens.take() } }
      case "comment", "prefix", "level", "group", "snaplen", "queue-threshold": tokens.take()
      case "log", "notrack":
        if token == "notrack" { rule.action = .change(.untrack) }
      case "limit", "quota":
        rule.matches.append(.init(test: .some(token)))
        while let next = tokens.next, !Self.verdicts.contains(next) { tokens.take() }
      case "oifname", "oif": add(&rule) { .outInterface($0) }
      case "iifname", "iif": add(&rule) { .inInterface($0) }
      case "meta": readMeta(into: &rule, family)
      case "mark": readMark(into: &rule)
      case "l4proto": addTransport(&rule)
      case "ip", "ip6": readAddress(token == "ip" ? .ipv4 : .ipv6, into: &rule, family)
      case "tcp", "udp", "th", "sctp", "dccp", "udplite": readPorts(token, into: &rule)
      case "icmp", "icmpv6": readICMP(token == "icmp" ? .ipv4 : .ipv6, into: &rule, family)
      case "ct": readConnection(into: &rule)
      case "fib": readRoute(into: &rule)
      default: unreadable(token, &rule)
      }
    }
  }

  private static let verdicts: Set<String> = [
    "accept", "drop", "reject", "return", "continue", "jump", "goto", "counter", "log", "comment",
  ]

  private mutating func readVerdict(_ token: String, into rule: inout FilterRule) -> Bool {
    switch token {
    case "accept": rule.action = .accept
    case "drop": rule.action = .refuse
    case "reject":
      rule.action = .refuse
      rule.answer = tokens.text
      if tokens.next == "with" { tokens = NftTokens([]) }
    case "return": rule.action = .leaveChain
    case "continue": rule.action = .goOn
    case "jump": rule.action = .jump(tokens.take())
    case "goto": rule.action = .goTo(tokens.take())
    case "masquerade", "snat":
      rule.action = .accept
      tokens = NftTokens([])
    case "dnat", "redirect":
      rule.action = .change(.destination(nil, port: nil))
      tokens = NftTokens([])
    default: return false
    }
    return true
  }

  private func unreadable(_ text: String, _ rule: inout FilterRule) {
    rule.matches.append(.init(test: .unreadable(text)))
  }

  private mutating func readMeta(into rule: inout FilterRule, _ family: IPFamily) {
    let key = tokens.take()
    switch key {
    case "mark": readMark(into: &rule)
    case "oifname", "oif": add(&rule) { .outInterface($0) }
    case "iifname", "iif": add(&rule) { .inInterface($0) }
    case "l4proto": addTransport(&rule)
    case "nfproto":
      let value = operand()
      let isOurs = value.items.contains(family == .ipv4 ? "ipv4" : "ipv6")
      if isOurs == value.isNegated { rule.matches.append(.init(test: .transport([]))) }
    case "skuid", "skgid", "cgroup", "time", "day", "hour", "random", "length", "priority", "pkttype", "cpu":
      let value = operand()
      rule.matches.append(.init(test: .some("\(key) \(value.items.joined(separator: ","))")))
    default: unreadable("meta \(key)", &rule)
    }
  }

  private mutating func readMark(into rule: inout FilterRule) {
    if tokens.take("set") {
      let word = tokens.take()
      if tokens.next == nil || Self.verdicts.contains(tokens.next ?? ""), let mark = IPTablesWords.number(word) {
        rule.action = .change(.mark(value: mark, mask: .max))
      } else {
        rule.action = .change(.anyMark)
        tokens = NftTokens([])
      }
      return
    }
    var mask = UInt32.max
    // mark and 0xff == 1
    if tokens.take("and") || tokens.take("&") {
      guard let stated = IPTablesWords.number(tokens.take()) else { return unreadable("mark and", &rule) }
      mask = stated
    }
    add(&rule) { items in
      guard items.count == 1, let value = IPTablesWords.number(items[0]) else { return nil }
      return .mark(value, mask: mask)
    }
  }

  private mutating func readAddress(_ stated: IPFamily, into rule: inout FilterRule, _ family: IPFamily) {
    let field = tokens.take()
    // A rule about the other family's header matches nothing of this one.
    guard stated == family else {
      _ = operand()
      rule.matches.append(.init(test: .transport([])))
      return
    }
    func ranges(_ items: [String]) -> [ClosedRange<IPAddress>]? {
      let read = items.map { IPTablesWords.addresses($0) }
      return read.contains { $0.map { $0.lowerBound.isIPv4 != (family == .ipv4) } ?? true } ? nil : read.map { $0! }
    }
    switch field {
    case "daddr": add(&rule) { ranges($0).map { .destination($0) } }
    case "saddr": add(&rule) { ranges($0).map { .source($0) } }
    case "protocol", "nexthdr": addTransport(&rule)
    case "ttl", "hoplimit", "length", "dscp", "ecn", "id":
      _ = operand()
      rule.matches.append(.init(test: .some("\(family == .ipv4 ? "ip" : "ip6") \(field)")))
    default: unreadable(field, &rule)
    }
  }

  private mutating func readPorts(_ name: String, into rule: inout FilterRule) {
    if let number = IPTablesWords.transport(name) {
      rule.matches.append(.init(test: .transport([number])))
    } else if !rule.matches.contains(where: Self.asksForPorts) {
      // Of what has no ports, th asks for whatever stands there.
      return unreadable(name, &rule)
    }
    let field = tokens.take()
    func ports(_ items: [String]) -> [ClosedRange<UInt16>]? {
      let ranges = items.map { IPTablesWords.ports($0) }
      return ranges.contains { $0 == nil } ? nil : ranges.flatMap { $0! }
    }
    switch field {
    case "dport": add(&rule) { ports($0).map { .destinationPorts($0) } }
    case "sport": add(&rule) { ports($0).map { .sourcePorts($0) } }
    case "flags":
      while let next = tokens.next, !Self.verdicts.contains(next) { tokens.take() }
      rule.matches.append(.init(test: .some("\(name) flags")))
    default: unreadable("\(name) \(field)", &rule)
    }
  }

  private static func asksForPorts(_ match: RuleMatch) -> Bool {
    guard case .transport(let numbers) = match.test, !match.isNegated else { return false }
    return ProtocolSet(numbers).isSubset(of: .withPorts)
  }

  private mutating func readICMP(_ stated: IPFamily, into rule: inout FilterRule, _ family: IPFamily) {
    let field = tokens.take()
    rule.matches.append(.init(test: .transport(stated == family ? [stated == .ipv4 ? 1 : 58] : [])))
    if field == "type" {
      add(&rule) { items in
        let ranges = items.map { IPTablesWords.icmp($0, stated) }
        return ranges.contains(nil) ? nil : .icmp(ranges.map { $0! })
      }
    } else {
      let value = operand()
      rule.matches.append(.init(test: .some("icmp \(field) \(value.items.joined(separator: ","))")))
    }
  }

  private mutating func readConnection(into rule: inout FilterRule) {
    let field = tokens.take()
    switch field {
    case "state": add(&rule) { .connectionState($0.map { $0.uppercased() }) }
    case "mark" where tokens.next == "set": tokens = NftTokens([])
    case "mark", "direction", "status", "zone", "helper", "label", "count":
      let value = operand()
      rule.matches.append(.init(test: .some("ct \(field) \(value.items.joined(separator: ","))")))
    default: unreadable("ct \(field)", &rule)
    }
  }

  /// `fib daddr type local`
  private mutating func readRoute(into rule: inout FilterRule) {
    let field = tokens.take()
    guard field == "daddr", tokens.take("type") else { return unreadable("fib \(field)", &rule) }
    add(&rule) { .routeType($0.map { $0.uppercased() }) }
  }

  private mutating func addTransport(_ rule: inout FilterRule) {
    add(&rule) { items in
      let numbers = items.map { IPTablesWords.transport($0) }
      return numbers.contains(nil) ? nil : .transport(numbers.map { $0! })
    }
  }

  private mutating func add(_ rule: inout FilterRule, _ make: ([String]) -> RuleMatch.Test?) {
    let value = operand()
    let test = make(value.items) ?? .unreadable(value.items.joined(separator: ","))
    rule.matches.append(.init(test: test, isNegated: value.isNegated))
  }

  /// `x`, `!= x`, `{ x, y }`, `x,y`, `@set`, `$name`.
  private mutating func operand() -> (items: [String], isNegated: Bool) {
    var isNegated = false
    if ["!=", "==", "!"].contains(tokens.next) { isNegated = tokens.take() != "==" }
    var items: [String] = []
    if tokens.take("{") {
      while tokens.next != nil, !tokens.take("}") {
        let token = tokens.take()
        if token != "," { items.append(token) }
      }
    } else {
      items.append(tokens.take())
      while tokens.take(",") { items.append(tokens.take()) }
    }
    return (items.flatMap { names[$0] ?? [$0] }, isNegated)
  }
}
