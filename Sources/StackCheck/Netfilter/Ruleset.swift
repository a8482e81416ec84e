import TextFiles

/// The packet filter of a container as its files make it: tables of chains of rules, as netfilter walks them.
struct Ruleset: Equatable, Sendable {
  private(set) var chains: [ChainName: Chain] = [:]
  /// nft's tables, by the names that the chains use for them.
  private(set) var nftTables: [String: NftTable] = [:]

  /// What an nft table has besides chains.
  struct NftTable: Equatable, Sendable {
    /// False if only some ways through the script make it.
    var isCertain: Bool
    /// Elements by the set's name, including its sign.
    var sets: [String: [String]] = [:]
  }

  struct ChainName: Hashable, Comparable, Sendable {
    var family: IPFamily
    /// The table's name: with its family if nftables names it, and with the back end if iptables is called by that:
    /// `nft inet filter`, `iptables-legacy filter`.
    var table: String
    var chain: String

    func sibling(_ chain: String) -> Self { Self(family: family, table: table, chain: chain) }

    static func < (left: Self, right: Self) -> Bool {
      (left.family.rawValue, left.table, left.chain) < (right.family.rawValue, right.table, right.chain)
    }
  }

  struct Chain: Equatable, Sendable {
    /// The hook at which netfilter calls the chain; nil for one that only rules jump to.
    var hook: Hook?
    /// One of iptables' own: it has a default and cannot be removed.
    var isBuiltIn = false
    /// False if only some ways through the script make it. What is put into it is then uncertain, too.
    var isCertain = true
    private(set) var refusesByDefault = false
    /// False if only some ways through the script set the default. It may then let packets pass.
    private(set) var isDefaultCertain = true
    /// Where the default was stated.
    private(set) var defaultPlace: SourcePlace?
    var rules: [FilterRule] = []

    init(hook: Hook? = nil, isBuiltIn: Bool = false, isCertain: Bool = true) {
      self.hook = hook
      self.isBuiltIn = isBuiltIn
      self.isCertain = isCertain
    }

    mutating func setDefault(refuses: Bool, at place: SourcePlace, isCertain: Bool) {
      if !isCertain, refuses != refusesByDefault || !isDefaultCertain {
        refusesByDefault = false
        isDefaultCertain = false
      } else {
        refusesByDefault = refuses
        isDefaultCertain = true
      }
      defaultPlace = place
    }

    /// Removes the rules, or makes them uncertain.
    mutating func flush(isCertain: Bool) {
      if isCertain { rules = [] } else { loosen() }
    }

    mutating func loosen() { change { $0.isCertain = false } }

    mutating func change(_ body: (inout FilterRule) -> Void) {
      for index in rules.indices { body(&rules[index]) }
    }
  }

  /// Where on a packet's way a chain is called, and in which order (nft(8), hooks and priorities).
  struct Hook: Hashable, Sendable {
    var stage: Stage
    var priority: Int
    /// A chain that only the first packet of a flow sees.
    var isNAT = false
    /// A chain after which the kernel looks up the route again.
    var isRoute = false

    /// Whether a packet's flow is known there. conntrack runs at priority -200 (NF_IP_PRI_CONNTRACK) of the first hook
    /// on a packet's way; before that, everything is INVALID.
    var sawConntrack: Bool { priority >= -200 || stage != .prerouting && stage != .output }

    enum Stage: Hashable, Sendable { case prerouting, input, forward, output, postrouting }
  }

  /// The hooks that the namespace's own packets pass, and those that forwarded packets pass.
  static let ownWay: [Hook.Stage] = [.output, .postrouting]
  static let forwardedWay: [Hook.Stage] = [.prerouting, .forward, .postrouting]

  /// iptables' own tables and chains, which are there from the start.
  init() { for family in IPFamily.allCases { addTables(family, backEnd: "") } }

  /// Adds the tables of an iptables back end, if they do not exist yet.
  mutating func addTables(_ family: IPFamily, backEnd: String) {
    for (table, priority, names) in Self.tables {
      for (name, stage) in Self.stages where names.contains(name) {
        let isNAT = table == "nat"
        let sourceNAT = isNAT && (name == "POSTROUTING" || name == "INPUT")
        let hook = Hook(
          stage: stage, priority: sourceNAT ? 100 : priority, isNAT: isNAT,
          isRoute: table == "mangle" && name == "OUTPUT")
        guard self[family, backEnd + table, name] == nil else { continue }
        self[family, backEnd + table, name] = Chain(hook: hook, isBuiltIn: true)
      }
    }
  }

  private static let stages: [(String, Hook.Stage)] = [
    ("PREROUTING", .prerouting), ("INPUT", .input), ("FORWARD", .forward), ("OUTPUT", .output),
    ("POSTROUTING", .postrouting),
  ]
  private static let tables: [(String, Int, Set<String>)] = [
    ("raw", -300, ["PREROUTING", "OUTPUT"]),
    ("mangle", -150, ["PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING"]),
    ("nat", -100, ["PREROUTING", "INPUT", "OUTPUT", "POSTROUTING"]),
    ("filter", 0, ["INPUT", "FORWARD", "OUTPUT"]),
    ("security", 50, ["INPUT", "FORWARD", "OUTPUT"]),
  ]

  /// Whether iptables has a table of this name.
  static func isIPTables(_ table: String) -> Bool { tables.contains { $0.0 == table } }

  subscript(family: IPFamily, table: String, chain: String) -> Chain? {
    get { chains[ChainName(family: family, table: table, chain: chain)] }
    // Changed in place: otherwise a chain of many rules would be copied for each new rule.
    _modify { yield &chains[ChainName(family: family, table: table, chain: chain)] }
  }

  /// `nft flush ruleset` also removes what iptables made, if iptables is iptables-nft. What iptables-legacy made stays.
  mutating func flushAll(isCertain: Bool) {
    guard isCertain else {
      for name in nftTables.keys { nftTables[name]?.isCertain = false }
      return loosen { !$0.table.hasPrefix("iptables-legacy ") }
    }
    nftTables = [:]
    removeAll { $0.table.hasPrefix("nft ") || $0.table.hasPrefix("iptables-nft ") }
    loosen { !$0.table.hasPrefix("iptables-legacy ") }
  }

  /// Makes rules and defaults uncertain.
  mutating func loosen(where matches: (ChainName) -> Bool) {
    for name in chains.keys where matches(name) {
      chains[name]?.loosen()
      if chains[name]?.isBuiltIn == false { chains[name]?.isCertain = false }
      if let place = chains[name]?.defaultPlace {
        chains[name]?.setDefault(refuses: false, at: place, isCertain: false)
      }
    }
  }

  /// The changes to marks that the rules make.
  func markChanges(_ family: IPFamily) -> [(value: UInt32, mask: UInt32)] {
    chains.filter { $0.key.family == family }.values.flatMap(\.rules).compactMap { rule in
      guard case .mark(let value, let mask)? = rule.changes else { return nil }
      return (value, mask)
    }
  }

  /// Whether a rule sets a mark that the files do not show.
  func setsUnknownMarks(_ family: IPFamily) -> Bool {
    chains.contains { $0.key.family == family && $0.value.rules.contains { $0.changes?.isOfAnyMark == true } }
  }

  mutating func removeAll(where matches: (ChainName) -> Bool) {
    chains = chains.filter { !matches($0.key) }
  }

  // MARK: - Tables of nft

  mutating func makeTable(_ name: String, isCertain: Bool) {
    nftTables[name, default: NftTable(isCertain: isCertain)].isCertain =
      isCertain || nftTables[name]?.isCertain == true
  }

  mutating func makeSet(_ name: String, in table: String, _ elements: [String]) {
    nftTables[table]?.sets[name, default: []] += elements
  }

  /// Removes a table, or makes it uncertain.
  mutating func removeTable(_ name: String, isCertain: Bool) {
    if isCertain {
      nftTables[name] = nil
      removeAll { $0.table == name }
    } else {
      nftTables[name]?.isCertain = false
      loosen { $0.table == name }
    }
  }
}

enum IPFamily: String, Hashable, Sendable, CaseIterable {
  case ipv4 = "IPv4"
  case ipv6 = "IPv6"
}
