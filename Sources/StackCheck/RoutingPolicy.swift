import TextFiles
import Wire

/// Routing rules and routes that refuse packets (ip-rule(8), ip-route(8)). They are a kill switch for all programs
/// except those that are bound to an interface. For these, if no route leads to the destination, the kernel assumes
/// that it is on the link (IPv4, net/ipv4/route.c, ip_route_output_key_hash_rcu), or it skips routes of another
/// interface, such as one that refuses (IPv6).
struct RoutingPolicy: Hashable, Sendable {
  private(set) var rules: [Rule] = []
  private(set) var routes: [Route] = []
  /// Families whose default route was taken away.
  private var withoutDefault: Set<IPFamily> = []

  struct Rule: Hashable, Sendable {
    var family: IPFamily
    /// Lower numbers come first. Rules that state none are put before all others except the one for the own addresses.
    var priority: Int?
    var isNegated = false
    var mark: Mark?
    /// Not tested here: a program that is bound to no address has none when its route is looked up. A rule that states
    /// one is not certain.
    var source: IPPrefix?
    var destination: IPPrefix?
    var action: Action
    /// False for a rule that only some ways through the script make.
    var isCertain = true
    var place: SourcePlace?

    struct Mark: Hashable, Sendable {
      var value: UInt32
      var mask: UInt32
    }
    enum Action: Hashable, Sendable {
      case refuse
      case lookUp(String)
      /// The main table without its default route.
      case lookUpExceptDefault
    }
  }

  struct Route: Hashable, Sendable {
    var table: String
    var prefix: IPPrefix
    var metric: UInt32 = 0
    /// A blackhole, unreachable or prohibit route.
    var refuses: Bool
    var isCertain = true
    var place: SourcePlace?
  }

  /// The place where packets of a family are refused.
  func place(_ family: IPFamily) -> SourcePlace? {
    let rule = rules.first { $0.family == family && $0.action == .refuse && $0.isCertain }
    return rule?.place ?? routes.first { $0.prefix.family == family && $0.refuses && $0.isCertain }?.place
  }

  private static let mainPriority = 32766

  /// More rules or routes than this are not followed.
  static var most: Int { 2_000 }

  var isFull: Bool { rules.count >= Self.most || routes.count >= Self.most }

  mutating func add(_ rule: Rule) {
    var rule = rule
    let taken = rules.filter { $0.family == rule.family }.compactMap(\.priority)
    if rule.priority == nil { rule.priority = (taken + [Self.mainPriority]).min()! - 1 }
    rules.append(rule)
  }

  /// Removes the first rule that says the same.
  mutating func remove(_ rule: Rule, isCertain: Bool) {
    let index = rules.firstIndex { other in
      var other = other
      if rule.priority == nil { other.priority = nil }
      other.isCertain = rule.isCertain
      other.place = rule.place
      return other == rule
    }
    guard let index else { return }
    if isCertain { rules.remove(at: index) } else { rules[index].isCertain = false }
  }

  mutating func add(_ route: Route, replaces: Bool) {
    if replaces, route.isCertain {
      routes.removeAll { $0.table == route.table && $0.prefix == route.prefix && $0.metric == route.metric }
      if route.table == "main", route.metric == 0, route.prefix.length == 0 {
        withoutDefault.insert(route.prefix.family)
      }
    }
    // The kernel accepts no second route with the same table, prefix and metric.
    let isThere = routes.contains {
      $0.table == route.table && $0.prefix == route.prefix && $0.metric == route.metric && $0.isCertain
    }
    let isDefault = route.table == "main" && route.prefix.length == 0 && route.metric == 0
    guard !isThere, replaces || !isDefault || withoutDefault.contains(route.prefix.family) else { return }
    routes.append(route)
  }

  mutating func removeRoute(_ prefix: IPPrefix, table: String, isCertain: Bool) {
    // Whichever route it was: one that refuses may be gone, and one that leads out may be left.
    routes.removeAll { $0.table == table && $0.prefix == prefix && ($0.refuses || isCertain) }
    if table == "main", prefix.length == 0, isCertain { withoutDefault.insert(prefix.family) }
  }

  /// The packets that surely no route leads anywhere, for programs of the namespace that are bound to no interface.
  func refused(_ context: HeaderContext) throws(HeaderSpaceError) -> HeaderRegion {
    let family = context.family
    guard
      rules.contains(where: { $0.family == family })
        || routes.contains(where: { $0.prefix.family == family && $0.refuses })
    else { return HeaderRegion() }
    var start = context.everything
    start.inInterfaces = context.interfaces(where: \.isEmpty)
    // Nothing is sure about a mark that nobody can tell.
    start.marks = context.marks { _ in true }
    // The table local comes first, and holds own addresses and broadcasts.
    start.kinds = .ordinary
    var undecided = try HeaderRegion(start).subtracting(Self.unrouted(family))
    var refused = HeaderRegion()
    let main = Rule(family: family, priority: Self.mainPriority, action: .lookUp("main"))
    let ordered = (rules.filter { $0.family == family } + [main]).enumerated()
      .sorted { ($0.element.priority!, $0.offset) < ($1.element.priority!, $1.offset) }.map(\.element)
    for rule in ordered {
      let meant = try undecided.intersection(rule.selected(context))
      var gone = HeaderRegion()
      var passes = HeaderRegion()
      switch rule.action {
      case .refuse: if rule.isCertain { gone = meant }
      case .lookUp(let table):
        passes = try meant.intersection(led(by: table, family, isWhole: true))
        if rule.isCertain { gone = try meant.subtracting(passes).intersection(refusing(in: table, family)) }
      case .lookUpExceptDefault: passes = try meant.intersection(led(by: "main", family, isWhole: false))
      }
      refused = try refused.union(gone)
      undecided = try undecided.subtracting(gone).subtracting(passes)
    }
    return refused
  }

  /// The marks that may give a packet another way than it has without one.
  func marksToldApart(_ context: HeaderContext) -> UInt64 {
    let asked = rules.filter { $0.family == context.family }.compactMap(\.mark)
    guard !asked.isEmpty else { return 0 }
    return context.unknownMark
      | context.marks { mark in asked.contains { (mark & $0.mask == $0.value) != (0 == $0.value) } }
  }

  /// What the kernel sends by the interface that a program names, without looking up a route.
  private static func unrouted(_ family: IPFamily) throws(HeaderSpaceError) -> HeaderRegion {
    let prefixes = family == .ipv4 ? ["224.0.0.0/24", "255.255.255.255/32"] : ["ff00::/8"]
    return try region(prefixes.map { IPPrefix($0)! }, family)
  }

  private static func region(_ prefixes: [IPPrefix], _ family: IPFamily) throws(HeaderSpaceError) -> HeaderRegion {
    try HeaderRegion(
      anyOf: prefixes.filter { $0.family == family }.map { prefix in
        var box = HeaderBox(family)
        box.destination = prefix.numbers
        return box
      })
  }

  private func refusing(in table: String, _ family: IPFamily) throws(HeaderSpaceError) -> HeaderRegion {
    try Self.region(routes.filter { $0.table == table && $0.refuses && $0.isCertain }.map(\.prefix), family)
  }

  /// The packets that a table may lead somewhere before a route refuses them: by a longer prefix, or a lower metric.
  private func led(by table: String, _ family: IPFamily, isWhole: Bool) throws(HeaderSpaceError) -> HeaderRegion {
    var leading = routes.filter { $0.table == table && !$0.refuses && $0.prefix.family == family }
    if table == "main" {
      if isWhole, !withoutDefault.contains(family) {
        leading.append(Route(table: table, prefix: IPPrefix(family == .ipv4 ? "0.0.0.0/0" : "::/0")!, refuses: false))
      }
      // The container's own networks, wherever they are: nothing is said about private addresses.
      leading += LeakSpace.privatePrefixes(family).map { Route(table: table, prefix: $0, refuses: false) }
    }
    var region = HeaderRegion()
    for route in leading where isWhole || route.prefix.length > 0 {
      try HeaderWork.spend(1 + routes.count / 4)
      let stronger = routes.filter { other in
        other.table == table && other.refuses && other.isCertain && other.prefix.family == family
          && (other.prefix.length > route.prefix.length
            || other.prefix == route.prefix && other.metric < route.metric)
      }
      let isConnected = table == "main" && LeakSpace.privatePrefixes(family).contains(route.prefix)
      let own = try Self.region([route.prefix], family)
      region = try region.union(isConnected ? own : own.subtracting(Self.region(stronger.map(\.prefix), family)))
    }
    return region
  }
}

extension RoutingPolicy.Rule {
  fileprivate func selected(_ context: HeaderContext) throws(HeaderSpaceError) -> HeaderRegion {
    var box = HeaderBox(context.family)
    if let mark { box.marks = context.marks { $0 & mark.mask == mark.value } }
    if let destination { box.destination = destination.numbers }
    let chosen = HeaderRegion(box)
    // A set without members makes no box.
    let holds = mark != nil && box.marks == 0 ? HeaderRegion() : chosen
    return isNegated ? try HeaderRegion(HeaderBox(context.family)).subtracting(holds) : holds
  }
}

extension IPPrefix {
  var family: IPFamily { address.isIPv4 ? .ipv4 : .ipv6 }
}
