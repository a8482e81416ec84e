import PolicyFiles

/// The packet filter of a container as its files make it: tables of chains of rules, as netfilter walks them for a
/// packet that the container itself sends.
struct Ruleset: Sendable {
  private(set) var chains: [ChainName: Chain] = [:]

  struct ChainName: Hashable, Sendable {
    var family: IPFamily
    /// With its family where nftables names it: `inet filter`.
    var table: String
    var chain: String
  }

  struct Chain: Sendable {
    /// Where netfilter calls the chain; nil for one that only rules jump to.
    var hook: Hook?
    var refusesByDefault = false
    /// Where the default was stated.
    var defaultPlace: SourcePlace?
    var rules: [FilterRule] = []
  }

  /// In the order in which a packet passes them (netfilter hooks and priorities, nft(8)).
  struct Hook: Hashable, Comparable, Sendable {
    /// 0 is the hook output, 1 postrouting.
    var stage: Int
    var priority: Int

    static func < (left: Self, right: Self) -> Bool { (left.stage, left.priority) < (right.stage, right.priority) }
  }

  /// iptables' own: every table has its chains from the start.
  init() {
    for family in IPFamily.allCases {
      for (table, priority) in [("raw", -300), ("mangle", -150), ("nat", -100), ("filter", 0), ("security", 50)] {
        for chain in ["INPUT", "FORWARD", "PREROUTING"] { self[family, table, chain] = Chain() }
        self[family, table, "OUTPUT"] = Chain(hook: Hook(stage: 0, priority: priority))
        guard table == "mangle" || table == "nat" else { continue }
        self[family, table, "POSTROUTING"] = Chain(hook: Hook(stage: 1, priority: priority))
      }
    }
  }

  subscript(family: IPFamily, table: String, chain: String) -> Chain? {
    get { chains[ChainName(family: family, table: table, chain: chain)] }
    set { chains[ChainName(family: family, table: table, chain: chain)] = newValue }
  }

  mutating func removeAll(where matches: (ChainName) -> Bool) {
    chains = chains.filter { !matches($0.key) }
  }
}

/// A rule, and where it was made.
struct FilterRule: Hashable, Sendable {
  var matches: [RuleMatch]
  var action: Action
  var place: SourcePlace
  /// As a person would write it.
  var text: String
  /// False for a rule that only some ways through the script make.
  var isCertain = true

  enum Action: Hashable, Sendable {
    case accept
    /// DROP and REJECT.
    case refuse
    case leaveChain
    case jump(String)
    case goTo(String)
    /// LOG, a counter, NAT: the packet goes on.
    case goOn
  }

  /// Whether two rules say the same, wherever they were made.
  func saysSame(as other: FilterRule) -> Bool { matches == other.matches && action == other.action }
}

enum IPFamily: String, Hashable, Sendable, CaseIterable {
  case ipv4 = "IPv4"
  case ipv6 = "IPv6"
}
