import Wire

/// What a rule asks of the packet's headers, its mark, its flow and its route.
extension NftExpressions {
  mutating func readMeta(into rule: inout FilterRule) {
    let key = tokens.take()
    switch key {
    case "mark": readMark(into: &rule)
    case "oifname", "oif": addInterface(key, &rule) { .outInterface($0) }
    case "iifname", "iif": addInterface(key, &rule) { .inInterface($0) }
    case "l4proto": addTransport(&rule)
    case "nfproto":
      guard let value = operand(), Set(value.items).isSubset(of: ["ipv4", "ipv6"]) else {
        return unreadable("meta nfproto", &rule)
      }
      let isOurs = value.items.contains(family == .ipv4 ? "ipv4" : "ipv6")
      if isOurs == value.isNegated { rule.matches.append(.init(test: .transport([]))) }
    case "skuid", "skgid", "cgroup", "time", "day", "hour", "random", "length", "priority", "pkttype", "cpu":
      sometimes(key, &rule)
    default: unreadable("meta \(key)", &rule)
    }
  }

  /// Adds a condition that holds for some packets.
  private mutating func sometimes(_ text: String, _ rule: inout FilterRule) {
    guard let value = operand() else { return unreadable(text, &rule) }
    rule.matches.append(.init(test: .some("\(text) \(value.items.joined(separator: ","))")))
  }

  mutating func readMark(into rule: inout FilterRule) {
    if tokens.skip("set") {
      let word = tokens.take()
      let isSameForFlow = word == "ct" && tokens.next == "mark"
      let (isPlain, isWhole) = skipValue(word)
      if isPlain, let mark = IPTablesWords.number(word) {
        change(.mark(value: mark, mask: .max), &rule)
      } else {
        change(isSameForFlow && isWhole ? .flowMark : .anyMark, &rule)
      }
      return
    }
    if rule.change != nil { return unreadable("a mark that was changed", &rule) }
    var mask = UInt32.max
    // mark and 0xff == 1
    if tokens.skip("and") || tokens.skip("&") {
      guard let stated = IPTablesWords.number(tokens.take()) else { return unreadable("mark and", &rule) }
      mask = stated
    }
    add(&rule) { items in
      guard items.count == 1, let value = IPTablesWords.number(items[0]) else { return nil }
      return .mark(value, mask: mask)
    }
  }

  /// Skips the rest of a value after its first word, as in `meta mark or 0x1`. A plain value has one word. A whole
  /// value is used unchanged.
  private mutating func skipValue(_ first: String) -> (isPlain: Bool, isWhole: Bool) {
    func isKey(_ word: String) -> Bool { word == "meta" || word == "ct" }
    var isWhole = true
    if isKey(first) { tokens.take() }
    while let next = tokens.next, ["&", "|", "^", "and", "or", "xor", "<<", ">>"].contains(next) {
      isWhole = false
      tokens.take()
      if isKey(tokens.take()) { tokens.take() }
    }
    return (isWhole && !isKey(first), isWhole)
  }

  mutating func readAddress(_ stated: IPFamily, into rule: inout FilterRule) {
    let field = tokens.take()
    guard asks(for: stated) else {
      if operand() == nil { unreadable(field, &rule) }
      rule.matches.append(.init(test: .transport([])))
      return
    }
    let family = family
    func ranges(_ items: [String]) -> [ClosedRange<IPAddress>]? {
      let read = items.map { IPTablesWords.addresses($0) }
      return read.contains { $0.map { $0.lowerBound.isIPv4 != (family == .ipv4) } ?? true } ? nil : read.map { $0! }
    }
    switch field {
    case "daddr": add(&rule) { ranges($0).map { .destination($0) } }
    case "saddr": add(&rule) { ranges($0).map { .source($0) } }
    case "protocol": addTransport(&rule)
    case "nexthdr":
      // If other headers come before the transport header, nexthdr names one of those.
      let index = rule.matches.count
      addTransport(&rule)
      rule.matches.append(.init(test: .some("ip6 nexthdr")))
      if rule.matches.indices.contains(index), rule.matches[index].isNegated { rule.matches.remove(at: index) }
    case "ttl", "hoplimit", "length", "dscp", "ecn", "id":
      sometimes("\(family == .ipv4 ? "ip" : "ip6") \(field)", &rule)
    default: unreadable(field, &rule)
    }
  }

  mutating func readPorts(_ name: String, into rule: inout FilterRule) {
    if let number = IPTablesWords.transport(name) {
      asksHeader(name)
      rule.matches.append(.init(test: .transport([number])))
    } else if !rule.matches.contains(where: Self.asksForPorts) {
      // For protocols without ports, th tests whatever is at that position.
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
      let verdicts: Set<String> = ["accept", "drop", "reject", "return", "jump", "goto", "counter", "log", "comment"]
      while let next = tokens.next, !verdicts.contains(next) { tokens.take() }
      rule.matches.append(.init(test: .some("\(name) flags")))
    default: unreadable("\(name) \(field)", &rule)
    }
  }

  private static func asksForPorts(_ match: RuleMatch) -> Bool {
    guard case .transport(let numbers) = match.test, !match.isNegated else { return false }
    return ProtocolSet(numbers).isSubset(of: .withPorts)
  }

  mutating func readICMP(_ stated: IPFamily, into rule: inout FilterRule) {
    let field = tokens.take()
    let number: UInt8 = stated == .ipv4 ? 1 : 58
    asksHeader(stated == .ipv4 ? "icmp" : "icmpv6")
    guard stated == family else {
      if operand() == nil { unreadable("icmp \(field)", &rule) }
      // A table of one family reads it as a protocol of that number.
      rule.matches.append(.init(test: .transport(isInet ? [] : [number])))
      if !isInet { rule.matches.append(.init(test: .some("icmp \(field)"))) }
      return
    }
    rule.matches.append(.init(test: .transport([number])))
    guard field == "type" else { return sometimes("icmp \(field)", &rule) }
    add(&rule) { items in
      let ranges = items.map { IPTablesWords.icmp($0, stated) }
      return ranges.contains(nil) ? nil : .icmp(ranges.map { $0! })
    }
  }

  mutating func readConnection(into rule: inout FilterRule) {
    let field = tokens.take()
    switch field {
    case "state" where tokens.next == "vmap": add(&rule) { .connectionState($0.map { $0.uppercased() }) }
    case "state":
      guard let value = operand() else { return unreadable("ct state", &rule) }
      var test = RuleMatch(test: .connectionState(value.items.map { $0.uppercased() }), isNegated: value.isNegated)
      // nft compares the state with both bits at once for `!= a,b`. No packet has both, so all match.
      if value.isList, value.isNegated { test = .init(test: .connectionState(ConnectionStates.names.map(\.name))) }
      rule.matches.append(test)
    case "mark" where tokens.next == "set":
      tokens.take()
      _ = skipValue(tokens.take())
      rule.marksFlow = true
    case "mark", "direction", "status", "zone", "helper", "label", "count": sometimes("ct \(field)", &rule)
    default: unreadable("ct \(field)", &rule)
    }
  }

  /// Reads `fib daddr type local`. Other keys, such as `fib saddr . iif oif`, count as holding for some packets.
  mutating func readRoute(into rule: inout FilterRule) {
    var field = tokens.take()
    guard field == "daddr", tokens.skip("type") else {
      while tokens.skip(".") { field += " . \(tokens.take())" }
      guard let result = tokens.next, ["type", "oif", "oifname", "check"].contains(result) else {
        return unreadable("fib \(field)", &rule)
      }
      tokens.take()
      return sometimes("fib \(field) \(result)", &rule)
    }
    add(&rule) { .routeType($0.map { $0.uppercased() }) }
  }
}
