import TextFiles

/// What leaves outside of any tunnel, in one state of a network namespace and one family.
struct Openings: Sendable {
  let context: HeaderContext
  let leaks: LeakSpace
  private(set) var found: [Opening] = []
  /// Whether anything refuses a would-be leak of the kind `internet`.
  private(set) var refusesAbroad = false
  /// The place that first refuses packets that would be leaks.
  private(set) var refusal: SourcePlace?

  /// Packets of one kind that one rule lets out.
  struct Opening: Sendable {
    var kind: LeakSpace.Kind
    /// The last rule that accepted them; nil if none did.
    var rule: FilterRule?
    /// Whether they would also leave if no rule accepted anything, because nothing refuses them.
    var isUnrefused: Bool
    /// If all unknowns go the right way, this or more is open.
    var possible: HeaderRegion
    /// Open whatever the unknowns are.
    var sure: HeaderRegion
    /// Only packets of flows that conntrack already knows, or knows nothing about.
    var isOfOldFlows: Bool
    /// Only a program that is bound to an interface can send them: no route leads there.
    var isHeldByRoutes = false
    /// Rerouted after a rule tested its interface. Without that, the rules refuse what leaves.
    var isLedAnew = false
  }

  /// Whether it is proven, for all packets, that nothing leaves.
  var isProven: Bool { found.isEmpty }

  /// Whether new flows to anywhere are let out, and no rule makes them an intended exception.
  var isOpenAtLarge: Bool { !atLarge.isEmpty }

  var atLarge: [Opening] {
    found.filter(isAtLarge)
  }

  /// What a rule set lets out that is not open at large, farthest destinations first.
  var exceptions: [Opening] {
    (found.filter { $0.kind == .internet } + found.filter { $0.kind != .internet }).filter { !isAtLarge($0) }
  }

  private func isAtLarge(_ open: Opening) -> Bool {
    open.kind == .internet && !open.isOfOldFlows && !open.isHeldByRoutes && !open.isLedAnew
      && (open.isUnrefused || !refusesAbroad)
  }

  init(
    _ ruleset: Ruleset, _ family: IPFamily, _ facts: LeakSpace.Facts, interfaces: [String] = [],
    from incoming: [String]? = nil, routing: RoutingPolicy = RoutingPolicy()
  ) throws(HeaderSpaceError) {
    context = try HeaderContext(
      family, interfaces: ["lo"] + facts.networks + interfaces, marks: [0], changes: ruleset.markChanges(family),
      hasUnknownMark: ruleset.setsUnknownMarks(family))
    leaks = try LeakSpace(facts, context)
    let context = context
    var start = leaks.leaving
    start.inInterfaces = context.interfaces { incoming?.contains($0) ?? $0.isEmpty }
    let way = incoming == nil ? Ruleset.ownWay : Ruleset.forwardedWay
    // A rule may lead packets out that were to go into the tunnel, or nowhere.
    if ruleset.leadsElsewhere(family, [way[0]]) {
      if incoming == nil { start.outInterfaces = context.everything.outInterfaces }
      start.kinds = .all
    }
    let unrouted = try routing.refused(context)
    var walk = RulesetWalk(ruleset, context, routing: routing)
    let groups = try walk.passing(HeaderRegion(start), way)
    var strict = RulesetWalk(ruleset.withoutAccepting, context, routing: routing)
    var unrefused = HeaderRegion()
    for group in try strict.passing(HeaderRegion(start), way) { unrefused = try unrefused.union(group.possible) }

    var new = context.everything
    new.states = .new
    for (kind, region) in leaks.kinds {
      for group in groups {
        let possible = try group.possible.intersection(region)
        let sure = try walk.sure(group, within: region)
        let newPossible = possible.intersection(new)
        let anyway = try newPossible.intersection(unrefused)
        let otherwise = try newPossible.subtracting(unrefused)
        func add(_ part: HeaderRegion, _ isUnrefused: Bool, isOld: Bool = false) throws(HeaderSpaceError) {
          let held = try part.intersection(unrouted)
          let free = try part.subtracting(unrouted)
          for (part, isHeld) in [(free, false), (held, true)] where !part.isEmpty {
            found.append(
              Opening(
                kind: kind, rule: group.rule, isUnrefused: isUnrefused, possible: part,
                sure: isHeld ? HeaderRegion() : try sure.intersection(part), isOfOldFlows: isOld,
                isHeldByRoutes: isHeld, isLedAnew: group.rerouting != nil))
          }
        }
        try add(anyway, true)
        try add(otherwise, false)
        // Packets of old flows may pass where those of new flows may not.
        guard newPossible.isEmpty else { continue }
        try add(possible, false, isOld: true)
      }
    }
    let internet = leaks[.internet].intersection(new)
    for refused in walk.refusals where refusal == nil || !refusesAbroad {
      guard !(try refused.possible.intersection(internet).isEmpty) else { continue }
      refusesAbroad = true
      refusal = refused.place
    }
  }
}

extension Ruleset {
  /// The rules as they would be if none accepted anything: nothing refuses what passes them.
  var withoutAccepting: Ruleset {
    var copy = self
    for name in chains.keys {
      copy[name.family, name.table, name.chain]?.change { rule in
        if rule.action == .accept { rule.action = .goOn }
      }
    }
    return copy
  }
}
