import PolicyFiles

/// The way of a set of packets through the chains of a rule set, as netfilter calls them.
///
/// What may go either way is followed both ways: packets get to where they can get if all that is not known goes the right
/// way. Those that surely do are the ones that nothing may refuse or change on their way. A rule that is not understood lets
/// no packet on that it may concern: nothing is said of those.
struct RulesetWalk {
  let ruleset: Ruleset
  let context: HeaderContext
  /// What rules and defaults refused.
  private(set) var refusals: [Refusal] = []
  /// Packets of which it is not sure that they pass as they are: what may be refused, changed, or is not understood.
  private(set) var doubtful: [HeaderRegion] = []
  /// The marks by which routing tells packets from those without one: what a rule gives another mark keeps its route.
  let routedMarks: UInt64
  /// Whether a packet of a new flow may have one that was kept with it.
  private(set) var marksNewFlows = true
  private var path: [Ruleset.ChainName] = []
  private var spaces: [SpaceKey: FilterRule.Space] = [:]

  /// Packets that have come so far, and the last rule that accepted them.
  struct Strand {
    var rule: FilterRule?
    /// Whether a rule changed them: then the packets are as they leave, not as they were sent.
    var isChanged = false
    /// What had the kernel ask for its route anew. The chains of the same hook still see the interface of before.
    var rerouting: FilterRule?
    var possible: HeaderRegion
  }

  /// What of a strand leaves whatever is not known does.
  func sure(_ strand: Strand, within region: HeaderRegion) throws(HeaderSpaceError) -> HeaderRegion {
    guard !strand.isChanged else { return HeaderRegion() }
    var rest = try strand.possible.intersection(region)
    for part in doubtful where !rest.isEmpty { rest = try rest.subtracting(part) }
    return rest
  }

  struct Refusal {
    /// Nil for a chain's default.
    var rule: FilterRule?
    var place: SourcePlace?
    var possible: HeaderRegion
  }

  private struct SpaceKey: Hashable {
    var rule: FilterRule
    var sawConntrack: Bool
  }

  init(_ ruleset: Ruleset, _ context: HeaderContext, routing: RoutingPolicy? = nil) {
    self.ruleset = ruleset
    self.context = context
    routedMarks = routing?.marksToldApart(context) ?? .max
  }

  /// What of the packets passes all chains of the hooks, in their order.
  mutating func passing(_ packets: HeaderRegion, _ stages: [Ruleset.Hook.Stage]) throws(HeaderSpaceError) -> [Strand] {
    marksNewFlows = ruleset.marksFlows(context.family, stages)
    var flow = [Strand(rule: nil, possible: packets)]
    for stage in stages {
      let base = ruleset.chains.filter { $0.key.family == context.family && $0.value.hook?.stage == stage }
        .sorted { ($0.value.hook!.priority, $0.key) < ($1.value.hook!.priority, $1.key) }
      for (name, chain) in base { flow = try pass(name, chain, flow) }
      if stage == .output { flow = try leadAnew(flow) }
    }
    return flow
  }

  /// A hook's chains all see the interface by which a packet was to leave when it came there (linux/netfilter.h, nf_hook_state),
  /// whatever they change; then it takes its new way.
  private func leadAnew(_ flow: [Strand]) throws(HeaderSpaceError) -> [Strand] {
    let everywhere = context.everything.outInterfaces
    var result: [Strand] = []
    for var strand in flow {
      if let rule = strand.rerouting {
        strand.possible = try strand.possible.changed { $0.outInterfaces = everywhere }
        // An interface that was accepted is not the one by which it leaves.
        if strand.rule?.asksForOutInterface != false { strand.rule = rule }
      }
      result = try Self.join(result, [strand])
    }
    return result
  }

  private mutating func pass(
    _ name: Ruleset.ChainName, _ chain: Ruleset.Chain, _ flow: [Strand]
  ) throws(HeaderSpaceError) -> [Strand] {
    guard let hook = chain.hook else { return flow }
    var entering = flow
    var passing: [Strand] = []
    if hook.isNAT {
      // Only the first packet of a flow sees a nat chain; one of a related flow may.
      var first = context.everything
      first.states = [.new, .related]
      var notFirst = context.everything
      notFirst.states.remove(.new)
      entering = flow.map { $0.common(with: first) }
      passing = flow.map { $0.common(with: notFirst) }
    }
    let ways = try walk(name, entering, hook)
    passing = try Self.join(passing, ways.accepted)
    guard chain.refusesByDefault else {
      if !chain.isDefaultCertain { doubtful += ways.fallen.map(\.possible) }
      return try Self.join(passing, ways.fallen)
    }
    for strand in ways.fallen where !strand.possible.isEmpty {
      refuse(strand, nil, at: chain.defaultPlace)
    }
    return passing
  }

  private mutating func refuse(_ strand: Strand, _ rule: FilterRule?, at place: SourcePlace?) {
    refusals.append(Refusal(rule: rule, place: place, possible: strand.possible))
    doubtful.append(strand.possible)
  }

  private mutating func walk(
    _ name: Ruleset.ChainName, _ entering: [Strand], _ hook: Ruleset.Hook
  ) throws(HeaderSpaceError) -> (accepted: [Strand], fallen: [Strand]) {
    // The kernel refuses loops of chains; a rule set that has one would not exist.
    guard let chain = ruleset.chains[name], !path.contains(name), path.count < 100 else { return ([], entering) }
    path.append(name)
    defer { path.removeLast() }
    var flow = entering
    var accepted: [Strand] = []
    var returned: [Strand] = []
    for rule in chain.rules {
      flow.removeAll { $0.possible.isEmpty }
      guard !flow.isEmpty else { break }
      try HeaderWork.spend(1)
      if case .goOn = rule.action, rule.change == nil { continue }
      let space = try space(of: rule, hook)
      var (taken, rest) = try split(flow, space)
      if !space.isUnderstood {
        doubtful += taken.map(\.possible)
        // What may be accepted here and refused later is not known to leave, and the other way around.
        if case .accept = rule.action {
          for index in rest.indices { rest[index].possible = flow[index].possible }
        }
        flow = rest
        continue
      }
      if let change = rule.change {
        doubtful += taken.map(\.possible)
        taken = try apply(change, of: rule, to: taken, hook)
      }
      switch rule.action {
      case .goOn: rest = try Self.join(rest, taken)
      case .accept:
        // A nat chain is not for filtering: what ends it lets nothing out that another refuses.
        if !hook.isNAT { for index in taken.indices { taken[index].rule = rule } }
        accepted = try Self.join(accepted, taken)
      case .refuse:
        for strand in taken where !strand.possible.isEmpty { refuse(strand, rule, at: rule.place) }
      case .leaveChain: returned = try Self.join(returned, taken)
      case .jump(let target), .goTo(let target):
        let inner = try walk(name.sibling(target), taken, hook)
        accepted = try Self.join(accepted, inner.accepted)
        if case .goTo = rule.action {
          returned = try Self.join(returned, inner.fallen)
        } else {
          rest = try Self.join(rest, inner.fallen)
        }
      case .change(let change):
        doubtful += taken.map(\.possible)
        let changed = try apply(change, of: rule, to: taken, hook)
        if change.endsRules { accepted = try Self.join(accepted, changed) } else { rest = try Self.join(rest, changed) }
      }
      flow = rest
    }
    return (accepted, try Self.join(flow, returned))
  }

  private mutating func space(of rule: FilterRule, _ hook: Ruleset.Hook) throws(HeaderSpaceError) -> FilterRule.Space {
    let key = SpaceKey(rule: rule, sawConntrack: hook.sawConntrack)
    if let space = spaces[key] { return space }
    let space = try rule.space(context, sawConntrack: key.sawConntrack)
    spaces[key] = space
    return space
  }

  private func split(
    _ flow: [Strand], _ space: FilterRule.Space
  ) throws(HeaderSpaceError) -> (taken: [Strand], rest: [Strand]) {
    var taken: [Strand] = []
    var rest: [Strand] = []
    // Where a rule is not understood, it is what it would have to be to keep the packet from what is said of it.
    let surelyTaken = space.isUnderstood ? space.sure : space.possible
    for strand in flow {
      var part = strand
      part.possible = try strand.possible.intersection(space.possible)
      taken.append(part)
      part.possible = try strand.possible.subtracting(surelyTaken)
      rest.append(part)
    }
    return (taken, rest)
  }

  private static func join(_ left: [Strand], _ right: [Strand]) throws(HeaderSpaceError) -> [Strand] {
    var result = left
    for strand in right where !strand.possible.isEmpty {
      try HeaderWork.spend(1 + result.count / 4)
      let index = result.firstIndex {
        $0.rule == strand.rule && $0.isChanged == strand.isChanged && $0.rerouting == strand.rerouting
      }
      if let index {
        result[index].possible = try result[index].possible.union(strand.possible)
      } else {
        result.append(strand)
      }
    }
    return result
  }
}

extension RulesetWalk.Strand {
  func common(with box: HeaderBox) -> Self {
    var part = self
    part.possible = possible.intersection(box)
    return part
  }
}
