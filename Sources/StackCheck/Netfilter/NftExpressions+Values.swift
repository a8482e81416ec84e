import Wire

/// What expressions are compared with: single values, sets, and maps of them to verdicts.
extension NftExpressions {
  mutating func addTransport(_ rule: inout FilterRule) {
    add(&rule) { items in
      let numbers = items.map { IPTablesWords.transport($0) }
      return numbers.contains(nil) ? nil : .transport(numbers.map { $0! })
    }
  }

  /// A trailing star in an interface name matches any rest. An interface that is tested by number has to exist.
  mutating func addInterface(
    _ key: String, _ rule: inout FilterRule, _ make: @escaping ([String]) -> RuleMatch.Test
  ) {
    let isByNumber = key.hasSuffix("if")
    var named: [String] = []
    let index = rule.matches.count
    add(&rule) { items in
      named += items
      var names: [String] = []
      for item in items {
        guard !item.isEmpty, !item.hasSuffix("+"), !item.contains("\\"), item != "*", !item.hasPrefix("@") else {
          return nil
        }
        names.append(item.hasSuffix("*") && !isByNumber ? item.dropLast() + "+" : item)
      }
      return make(names)
    }
    guard rule.matches.count == index || !rule.matches[index].isUnreadable else { return }
    for name in named {
      if name.utf8.count > 15 { refuse("'\(name)' is too long for an interface's name") }
      guard isByNumber else { continue }
      switch hasInterface(name) {
      case true?: continue
      case false?: refuse("there is no interface '\(name)' at this moment, and \(key) needs its number")
      case nil:
        mayRefuse("it is not known whether there is an interface '\(name)' at this moment, and \(key) needs its number")
      }
    }
  }

  mutating func add(_ rule: inout FilterRule, _ make: ([String]) -> RuleMatch.Test?) {
    if tokens.skip("vmap") { return readChoices(&rule, make) }
    guard let value = operand() else { return unreadable(tokens.take(), &rule) }
    let test = make(value.items) ?? .unreadable(value.items.joined(separator: ","))
    rule.matches.append(.init(test: test, isNegated: value.isNegated))
  }

  /// Reads `{ key : verdict, … }`; at most one key holds.
  private mutating func readChoices(_ rule: inout FilterRule, _ make: ([String]) -> RuleMatch.Test?) {
    guard choices.isEmpty, tokens.skip("{") else { return unreadable("vmap", &rule) }
    while tokens.next != nil, !tokens.skip("}") {
      var key = tokens.take()
      if tokens.next != ":", key.hasSuffix(":") { key.removeLast() } else if !tokens.skip(":") { key = "" }
      var one = rule
      one.action = .goOn
      guard let test = key.isEmpty ? nil : make([key]), readVerdict(tokens.take(), into: &one) else {
        return unreadable("vmap", &rule)
      }
      choices.append((RuleMatch(test: test), one.action))
      _ = tokens.skip(",")
    }
    isEnded = false
  }

  /// `x`, `!= x`, `{ x, y }`, `x,y`, `@set`. Nil for other comparisons, and for several values that are tested at once.
  mutating func operand() -> (items: [String], isNegated: Bool, isList: Bool)? {
    guard let next = tokens.next, ![".", "<", ">", "<=", ">=", "&", "|", "^", "and", "or", "xor", "map"].contains(next)
    else { return nil }
    var isNegated = false
    if ["!=", "==", "!"].contains(next) { isNegated = tokens.take() != "==" }
    var items: [String] = []
    var isList = false
    if tokens.skip("{") {
      var depth = 1
      while depth > 0, tokens.next != nil {
        if tokens.skip("{") {
          depth += 1
        } else if tokens.skip("}") {
          depth -= 1
        } else if !tokens.skip(",") {
          items.append(tokens.take())
        }
      }
    } else {
      items.append(tokens.take())
      while tokens.skip(",") {
        isList = true
        items.append(tokens.take())
      }
    }
    for item in items where item.hasPrefix("@") && sets[item] == nil {
      mayRefuse("the set '\(item.dropFirst())' is not defined in what is read")
    }
    return (items.flatMap { sets[$0] ?? [$0] }, isNegated, isList)
  }
}
