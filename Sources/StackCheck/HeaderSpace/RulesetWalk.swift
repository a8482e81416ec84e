import TextFiles

/// Walks a set of packets through the chains of a rule set, as netfilter calls them.
///
/// Packets that may go either way are followed both ways: they get wherever they can if all unknowns go the right way.
/// They surely get there if nothing may refuse or change them on their way. A rule that is not understood stops all
/// packets that it may concern: nothing is said about those.
struct RulesetWalk {
  let ruleset: Ruleset
  let context: HeaderContext
  /// What rules and defaults refused.
  private(set) var refusals: [Refusal] = []
  /// Packets that may not pass unchanged: those that may be refused or changed, or that a rule not understood may
  /// concern.
  private(set) var doubtful: [HeaderRegion] = []
  /// The marks that routing distinguishes from no mark. A packet that gets any other mark keeps its route.
  let routedMarks: UInt64
  /// Whether a packet of a new flow may get a mark that was saved with the flow.
  private(set) var marksNewFlows = true
  private var path: [Ruleset.ChainName] = []
  private var spaces: [SpaceKey: FilterRule.Space] = [:]

  /// Packets that have come this far, and the last rule that accepted them.
  struct PacketGroup {
    var rule: FilterRule?
    /// Whether a rule changed them: then the packets are as they leave, not as they were sent.
    var isChanged = false
    /// The rule that made the kernel look up the route again. The chains of the same hook still see the previous
    /// interface.
    var rerouting: FilterRule?
    var possible: HeaderRegion
  }

  /// The part of a group that leaves whatever the unknowns are.
  func sure(_ group: PacketGroup, within region: HeaderRegion) throws(HeaderSpaceError) -> HeaderRegion {
    guard !group.isChanged else { return HeaderRegion() }
    var rest = try group.possible.intersection(region)
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

  /// The packets that pass all chains of the hooks, in order.
  mutating func passing(_ packets: HeaderRegion, _ stages: [Ruleset.Hook.Stage]) throws(HeaderSpaceError)
    -> [PacketGroup]
  {
    marksNewFlows = ruleset.marksFlows(context.family, stages)
    var flow = [PacketGroup(rule: nil, possible: packets)]
    for stage in stages {
      let base = ruleset.chains.filter { $0.key.family == context.family && $0.value.hook?.stage == stage }
        .sorted { ($0.value.hook!.priority, $0.key) < ($1.value.hook!.priority, $1.key) }
      for (name, chain) in base { flow = try pass(name, chain, flow) }
      if stage == .output { flow = try reroute(flow) }
    }
    return flow
  }

  /// All chains of a hook see the outgoing interface that a packet had when it entered the hook (linux/netfilter.h,
  /// nf_hook_state), whatever they change. After the hook, the packet takes its new way.
  private func reroute(_ flow: [PacketGroup]) throws(HeaderSpaceError) -> [PacketGroup] {
    let everywhere = context.everything.outInterfaces
    var result: [PacketGroup] = []
    for var group in flow {
      if let rule = group.rerouting {
        group.possible = try group.possible.changed { $0.outInterfaces = everywhere }
        // The accepted interface is not the one by which the packet leaves.
        if group.rule?.asksForOutInterface != false { group.rule = rule }
      }
      result = try Self.join(result, [group])
    }
    return result
  }

  private mutating func pass(
    _ name: Ruleset.ChainName, _ chain: Ruleset.Chain, _ flow: [PacketGroup]
  ) throws(HeaderSpaceError) -> [PacketGroup] {
    guard let hook = chain.hook else { return flow }
    var entering = flow
    var passing: [PacketGroup] = []
    if hook.isNAT {
      // Only the first packet of a flow sees a nat chain; a packet of a related flow may see it.
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
    for group in ways.fallen where !group.possible.isEmpty {
      refuse(group, nil, at: chain.defaultPlace)
    }
    return passing
  }

  private mutating func refuse(_ group: PacketGroup, _ rule: FilterRule?, at place: SourcePlace?) {
    refusals.append(Refusal(rule: rule, place: place, possible: group.possible))
    doubtful.append(group.possible)
  }

  private mutating func walk(
    _ name: Ruleset.ChainName, _ entering: [PacketGroup], _ hook: Ruleset.Hook
  ) throws(HeaderSpaceError) -> (accepted: [PacketGroup], fallen: [PacketGroup]) {
    // The kernel refuses loops of chains; a rule set that has one would not exist.
    guard let chain = ruleset.chains[name], !path.contains(name), path.count < 100 else { return ([], entering) }
    path.append(name)
    defer { path.removeLast() }
    var flow = entering
    var accepted: [PacketGroup] = []
    var returned: [PacketGroup] = []
    for rule in chain.rules {
      flow.removeAll { $0.possible.isEmpty }
      guard !flow.isEmpty else { break }
      try HeaderWork.spend(1)
      if case .goOn = rule.action, rule.change == nil { continue }
      let space = try space(of: rule, hook)
      var (taken, rest) = try split(flow, space)
      if !space.isUnderstood {
        doubtful += taken.map(\.possible)
        // A packet that may be accepted here and refused later is not known to leave, and vice versa.
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
        // A nat chain does not filter: a rule that ends it lets nothing out that another chain refuses.
        if !hook.isNAT { for index in taken.indices { taken[index].rule = rule } }
        accepted = try Self.join(accepted, taken)
      case .refuse:
        for group in taken where !group.possible.isEmpty { refuse(group, rule, at: rule.place) }
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
    _ flow: [PacketGroup], _ space: FilterRule.Space
  ) throws(HeaderSpaceError) -> (taken: [PacketGroup], rest: [PacketGroup]) {
    var taken: [PacketGroup] = []
    var rest: [PacketGroup] = []
    // A rule that is not understood is assumed to match whatever keeps the packet out of the result.
    let surelyTaken = space.isUnderstood ? space.sure : space.possible
    for group in flow {
      var part = group
      part.possible = try group.possible.intersection(space.possible)
      taken.append(part)
      part.possible = try group.possible.subtracting(surelyTaken)
      rest.append(part)
    }
    return (taken, rest)
  }

  private static func join(_ left: [PacketGroup], _ right: [PacketGroup]) throws(HeaderSpaceError) -> [PacketGroup] {
    var result = left
    for group in right where !group.possible.isEmpty {
      try HeaderWork.spend(1 + result.count / 4)
      let index = result.firstIndex {
        $0.rule == group.rule && $0.isChanged == group.isChanged && $0.rerouting == group.rerouting
      }
      if let index {
        result[index].possible = try result[index].possible.union(group.possible)
      } else {
        result.append(group)
      }
    }
    return result
  }
}

extension RulesetWalk.PacketGroup {
  func common(with box: HeaderBox) -> Self {
    var part = self
    part.possible = possible.intersection(box)
    return part
  }
}
