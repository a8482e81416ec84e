import PolicyFiles

/// What leaves outside of any tunnel, in each state that a stack goes through and each family.
struct StateOpenings: Sendable {
  private var openings: [Key: Openings] = [:]
  /// Whether rules fall into more cases than are worked out. Then nothing is said about a state.
  private(set) var isTooLarge = false

  enum Moment: String, Hashable, Sendable, CaseIterable {
    case afterScripts = "before the tunnel is up"
    case served = "where the tunnel does not come up"
    case up = "while the tunnel is up"
    case down = "after the tunnel is down"
  }

  private struct Key: Hashable {
    var moment: Moment
    var family: IPFamily
  }

  init(_ life: Lifecycle) {
    for moment in Moment.allCases {
      guard let namespace = life[moment] else { continue }
      for family in IPFamily.allCases { work(Key(moment: moment, family: family), namespace, life.facts) }
    }
  }

  private mutating func work(_ key: Key, _ namespace: NetworkNamespace, _ facts: LeakSpace.Facts) {
    if isTooLarge { return }
    if key.family == .ipv6, namespace.ipv6Disabled != nil { return }
    do {
      openings[key] = try namespace.openings(key.family, facts)
    } catch {
      isTooLarge = true
    }
  }

  /// Nil if there is no such state, or no such family in it.
  subscript(moment: Moment, family: IPFamily) -> Openings? { openings[Key(moment: moment, family: family)] }

  func isOpenAtLarge(_ moment: Moment, _ family: IPFamily) -> Bool { self[moment, family]?.isOpenAtLarge ?? false }
}

extension NetworkNamespace {
  func openings(_ family: IPFamily, _ facts: LeakSpace.Facts) throws(HeaderSpaceError) -> Openings {
    var facts = facts
    // Without the tunnel's interface no packet has its address.
    if !tunnels.contains(where: \.config.isClient) { facts.tunnelAddresses = [] }
    return try Openings(ruleset, family, facts, interfaces: tunnels.map(\.interface), routing: policy)
  }
}

extension Lifecycle {
  subscript(moment: StateOpenings.Moment) -> NetworkNamespace? {
    switch moment {
    case .afterScripts: afterScripts
    case .served: served
    case .up: up
    case .down: down
    }
  }
}
