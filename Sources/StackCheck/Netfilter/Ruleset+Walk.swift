import PolicyFiles

extension Ruleset {
  /// What may become of a packet. Where a rule may match or not, both ways are followed: a kill switch that only may
  /// hold is none.
  func fate(of packet: ProbePacket) -> Fate {
    var lastAccept: FilterRule?
    var known: [ChainName: Ways] = [:]
    let base = chains.filter { $0.key.family == packet.family && $0.value.hook != nil }
      .sorted { ($0.value.hook!, $0.key.table) < ($1.value.hook!, $1.key.table) }
    for (name, chain) in base {
      let ways = walk(name, packet, &known)
      let passes = ways.accept != nil || (ways.fallsThrough && !chain.refusesByDefault)
      guard passes else { return .refused(by: ways.refuse, place: ways.refuse?.place ?? chain.defaultPlace) }
      if let accept = ways.accept { lastAccept = accept }
    }
    return .letOut(by: lastAccept)
  }

  enum Fate: Sendable {
    /// By a rule that accepts it; nil where nothing refuses it.
    case letOut(by: FilterRule?)
    /// By a rule, or by a chain's default.
    case refused(by: FilterRule?, place: SourcePlace?)

    var isLetOut: Bool {
      if case .letOut = self { true } else { false }
    }

    var acceptingRule: FilterRule? {
      if case .letOut(let rule) = self { rule } else { nil }
    }
  }

  /// The ways through a chain: the first rule that may accept, the first that may refuse, and whether its end may be
  /// reached.
  private struct Ways {
    var accept: FilterRule?
    var refuse: FilterRule?
    var fallsThrough = false
  }

  /// Every chain is walked once: chains that jump to each other many times would else take for ever.
  private func walk(_ name: ChainName, _ packet: ProbePacket, _ known: inout [ChainName: Ways]) -> Ways {
    if let ways = known[name] { return ways }
    // The kernel refuses loops of chains; a rule set that has one would not exist.
    known[name] = Ways(fallsThrough: true)
    let ways = chains[name].map { walk($0, name, packet, &known) } ?? Ways(fallsThrough: true)
    known[name] = ways
    return ways
  }

  private func walk(
    _ chain: Chain, _ name: ChainName, _ packet: ProbePacket, _ known: inout [ChainName: Ways]
  ) -> Ways {
    var ways = Ways()
    for rule in chain.rules {
      var answer = RuleMatch.Answer.yes
      for match in rule.matches {
        switch match.answer(for: packet) {
        case .no: answer = .no
        case .maybe where answer == .yes: answer = .maybe
        default: break
        }
      }
      guard answer != .no else { continue }
      let isCertain = answer == .yes && rule.isCertain
      switch rule.action {
      case .goOn: continue
      case .accept:
        ways.accept = ways.accept ?? rule
        if isCertain { return ways }
      case .refuse:
        ways.refuse = ways.refuse ?? rule
        if isCertain { return ways }
      case .leaveChain:
        ways.fallsThrough = true
        if isCertain { return ways }
      case .jump(let target), .goTo(let target):
        var next = name
        next.chain = target
        let inner = walk(next, packet, &known)
        ways.accept = ways.accept ?? inner.accept
        ways.refuse = ways.refuse ?? inner.refuse
        if case .goTo = rule.action, isCertain {
          ways.fallsThrough = ways.fallsThrough || inner.fallsThrough
          return ways
        }
        if isCertain, !inner.fallsThrough { return ways }
      }
    }
    ways.fallsThrough = true
    return ways
  }

  /// The chains that a packet can get to, from every hook on.
  func reachableChains(_ family: IPFamily) -> Set<ChainName> {
    var reached: Set<ChainName> = []
    var waiting = chains.filter { $0.key.family == family && $0.value.hook != nil }.map(\.key)
    while let name = waiting.popLast() {
      guard reached.insert(name).inserted, let chain = chains[name] else { continue }
      for rule in chain.rules {
        switch rule.action {
        case .jump(let target), .goTo(let target):
          waiting.append(ChainName(family: family, table: name.table, chain: target))
        default: break
        }
      }
    }
    return reached
  }
}
