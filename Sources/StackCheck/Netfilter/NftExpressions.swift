import Wire

/// The expressions and statements of a rule (nft(8)), as far as kill switches use them.
struct NftExpressions {
  private var tokens: ArraySlice<String>

  init(_ tokens: ArraySlice<String>) { self.tokens = tokens }

  private mutating func take() -> String { tokens.popFirst() ?? "" }

  mutating func read(into rule: inout FilterRule, family: IPFamily) {
    while let token = tokens.popFirst() {
      switch token {
      case "accept": rule.action = .accept
      case "drop", "reject":
        rule.action = .refuse
        if token == "reject", tokens.first == "with" { tokens = [] }
      case "return": rule.action = .leaveChain
      case "jump": rule.action = .jump(take())
      case "goto": rule.action = .goTo(take())
      case "counter": break
      case "comment", "prefix": _ = take()
      case "log", "masquerade", "snat", "dnat", "redirect": if token != "log" { tokens = [] }
      case "oifname", "oif": add(&rule) { .outInterface($0) }
      case "iifname", "iif":
        let value = operand()
        rule.matches.append(.init(test: .inInterface, isNegated: value.isNegated))
      case "mark": add(&rule) { Self.mark($0) }
      case "meta": break
      case "l4proto", "protocol", "nexthdr": add(&rule) { .transport($0.map(IPTablesOptions.transportName)) }
      case "ip", "ip6": readAddress(token == "ip" ? .ipv4 : .ipv6, into: &rule, family)
      case "tcp", "udp", "th":
        if token != "th" { rule.matches.append(.init(test: .transport([token]))) }
        switch take() {
        case "dport": add(&rule) { Self.ports($0).map { .destinationPorts($0) } }
        case "sport": add(&rule) { Self.ports($0).map { .sourcePorts($0) } }
        default: rule.matches.append(.init(test: .unreadable(token)))
        }
      case "icmp", "icmpv6":
        _ = take()
        let value = operand()
        rule.matches.append(.init(test: .transport(["icmp"])))
        rule.matches.append(.init(test: .some(value.items.joined(separator: ","))))
      case "ct":
        guard take() == "state" else {
          rule.matches.append(.init(test: .unreadable("ct")))
          continue
        }
        add(&rule) { .connectionState($0.map { $0.uppercased() }) }
      case "fib":
        // fib daddr type local
        while tokens.first.map({ $0 != "type" }) ?? false { tokens = tokens.dropFirst() }
        _ = take()
        add(&rule) { .destinationType($0.map { $0.uppercased() }) }
      default: rule.matches.append(.init(test: .unreadable(token)))
      }
    }
  }

  private mutating func readAddress(_ stated: IPFamily, into rule: inout FilterRule, _ family: IPFamily) {
    let field = take()
    // A rule about the other family's header matches nothing of this one.
    guard stated == family else {
      _ = operand()
      rule.matches.append(.init(test: .transport([])))
      return
    }
    func prefixes(_ items: [String]) -> [IPPrefix]? {
      let read = items.map { IPPrefix($0) }
      return read.contains(nil) ? nil : read.map { $0! }
    }
    switch field {
    case "daddr": add(&rule) { prefixes($0).map { .destination($0) } }
    case "saddr": add(&rule) { prefixes($0).map { .source($0) } }
    case "protocol", "nexthdr": add(&rule) { .transport($0.map(IPTablesOptions.transportName)) }
    default: rule.matches.append(.init(test: .unreadable(field)))
    }
  }

  private mutating func add(_ rule: inout FilterRule, _ make: ([String]) -> RuleMatch.Test?) {
    let value = operand()
    let test = make(value.items) ?? .unreadable(value.items.joined(separator: ","))
    rule.matches.append(.init(test: test, isNegated: value.isNegated))
  }

  /// `x`, `!= x`, `{ x, y }`, `x,y`.
  private mutating func operand() -> (items: [String], isNegated: Bool) {
    var isNegated = false
    if tokens.first == "!=" || tokens.first == "==" { isNegated = take() == "!=" }
    var items: [String] = []
    if tokens.first == "{" {
      _ = take()
      while let token = tokens.popFirst(), token != "}" {
        if token != "," { items.append(token) }
      }
    } else {
      items.append(take())
      while tokens.first == "," {
        _ = take()
        items.append(take())
      }
    }
    return (items, isNegated)
  }

  private static func ports(_ items: [String]) -> [ClosedRange<UInt16>]? {
    let ranges = items.map { IPTablesOptions.ports($0) }
    return ranges.contains { $0 == nil } ? nil : ranges.flatMap { $0! }
  }

  private static func mark(_ items: [String]) -> RuleMatch.Test? {
    guard items.count == 1 else { return nil }
    return IPTablesOptions.mark(items[0]).map { .mark($0.value, mask: $0.mask) }
  }
}
