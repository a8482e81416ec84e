import Wire

extension RuleMatch {
  /// The packets for which a condition holds.
  struct Answer {
    var region: HeaderRegion
    /// False if the condition may also fail for them.
    var isCertain = true
    /// False if nobody knows what the condition tests.
    var isUnderstood = true
  }

  /// `sawConntrack` is false for chains that a packet passes before its flow is known.
  func answer(_ context: HeaderContext, sawConntrack: Bool) throws(HeaderSpaceError) -> Answer {
    let whole = HeaderBox(context.family)
    // The packets that the condition applies to: `! --dport 53` only applies to protocols with ports.
    var domain = whole
    var boxes: [HeaderBox] = []
    func add<Value>(_ part: WritableKeyPath<HeaderBox, Value>, _ values: [Value]) {
      for value in values {
        var box = domain
        box[keyPath: part] = value
        boxes.append(box)
      }
    }
    switch test {
    case .outInterface(let names):
      add(\.outInterfaces, [context.interfaces { name in !name.isEmpty && names.contains { Self.matches($0, name) } }])
    case .inInterface(let names):
      add(\.inInterfaces, [context.interfaces { name in names.contains { Self.matches($0, name) } }])
    case .source(let ranges): add(\.source, Self.numbers(ranges, context.family))
    case .destination(let ranges): add(\.destination, Self.numbers(ranges, context.family))
    case .transport(let numbers): add(\.protocols, [ProtocolSet(numbers)])
    case .destinationPorts(let ranges):
      domain.protocols = .withPorts
      add(\.destinationPort, ranges)
    case .sourcePorts(let ranges):
      domain.protocols = .withPorts
      add(\.sourcePort, ranges)
    case .ports(let ranges):
      domain.protocols = .withPorts
      add(\.destinationPort, ranges)
      add(\.sourcePort, ranges)
    case .icmp(let ranges):
      domain.protocols = .icmp(context.family)
      add(\.icmp, ranges)
    case .mark(let value, let mask):
      // A mark that nobody can tell both matches and does not match.
      add(\.marks, [context.marks { ($0 & mask == value) != isNegated } | context.unknownMark])
      return Answer(region: try HeaderRegion(anyOf: boxes.filter { $0.marks != 0 }))
    case .connectionState(let names):
      var states: ConnectionStates = []
      for known in ConnectionStates.names where names.contains(known.name) { states.insert(known.state) }
      guard Set(names).isSubset(of: ConnectionStates.names.map(\.name)) else {
        return try Answer(region: HeaderRegion(anyOf: [whole]), isCertain: false)
      }
      if sawConntrack { add(\.states, [states]) } else if states.contains(.invalid) { boxes = [whole] }
    case .destinationType(let types):
      guard let typed = DestinationTypes.addrtype(types, context.family) else {
        return Answer(region: HeaderRegion(whole), isCertain: false)
      }
      boxes = typed
    case .routeType(let types):
      guard let typed = DestinationTypes.fib(types, context.family) else {
        return Answer(region: HeaderRegion(whole), isCertain: false)
      }
      boxes = typed
    case .some: return Answer(region: HeaderRegion(whole), isCertain: false)
    case .unreadable: return Answer(region: HeaderRegion(whole), isCertain: false, isUnderstood: false)
    }
    let holds = try HeaderRegion(anyOf: boxes)
    return Answer(region: isNegated ? try HeaderRegion(domain).subtracting(holds) : holds)
  }

  private static func numbers(
    _ ranges: [ClosedRange<IPAddress>], _ family: IPFamily
  ) -> [ClosedRange<UInt128>] {
    ranges.filter { $0.lowerBound.isIPv4 == (family == .ipv4) && $0.upperBound.isIPv4 == (family == .ipv4) }
      .map { $0.lowerBound.number...$0.upperBound.number }
  }
}

extension FilterRule {
  /// The packets that a rule matches.
  struct Space {
    /// They match whatever the unknowns are.
    var sure = HeaderRegion()
    /// They match if all unknowns go the right way.
    var possible = HeaderRegion()
    var isUnderstood = true
  }

  func space(_ context: HeaderContext, sawConntrack: Bool) throws(HeaderSpaceError) -> Space {
    var space = Space(possible: HeaderRegion(context.everything))
    var certain = isCertain
    for match in matches {
      let answer = try match.answer(context, sawConntrack: sawConntrack)
      space.possible = try space.possible.intersection(answer.region)
      certain = certain && answer.isCertain
      space.isUnderstood = space.isUnderstood && answer.isUnderstood
    }
    if certain { space.sure = space.possible }
    if context.unknownMark != 0, matches.contains(where: \.asksForMark) {
      var known = HeaderBox(context.family)
      known.marks = context.marks { _ in true }
      space.sure = space.sure.intersection(known)
    }
    return space
  }
}
