import Audit
import Policy
import Summaries
import Text

/// From whom packets came, over what, and how far they got: columns of boxes, and routes through them from left to
/// right.
///
/// If bridge and NIC were both audited, a packet passes a bridge and then the NIC, and what only a bridge showed ends
/// there. Otherwise the order is not known, and all interfaces are in one column.
struct Way {
  /// The most boxes of a column; all others share one more.
  private static let shown = 6

  enum Kind: String, CaseIterable {
    case local, tunnel, allowed, apart, mild, leak

    init(_ weight: LeakWeight) {
      switch weight {
      case .failing: self = .leak
      case .mild: self = .mild
      case .apart: self = .apart
      }
    }

    /// The words after an amount.
    var words: String {
      switch self {
      case .local: "stayed on the premises"
      case .tunnel: "into the tunnel"
      case .allowed: "allowed by the policy"
      case .apart: "not judged"
      case .mild: "outside the VPN, not failing the audit"
      case .leak: "leaked"
      }
    }
    var isLeak: Bool { self == .leak || self == .mild || self == .apart }
  }

  struct Box {
    var title: String
    var detail = ""
    var kind = Kind.local
    /// Whether nothing goes on from here.
    var isEnd = false
  }

  /// Packets of one kind that took the same route: one box in each column, or fewer if it ended earlier.
  struct Route {
    var kind: Kind
    var stops: [Int]
    /// Counted at the beginning and at the end. They may differ: frames that are not leaks are counted on each
    /// interface.
    var counts: (first: Int, last: Int)
  }

  let summary: Summary
  var columns: [[Box]]
  var routes: [Route] = []

  /// Nil if nothing left.
  init?(_ summary: Summary) {
    guard summary.egress > 0 else { return nil }
    self.summary = summary
    columns = []
    if Self.isOrdered(summary) { drawOrdered() } else { drawUnordered() }
    describe()
  }

  var hasOrder: Bool { columns.count == 4 }

  /// The amount of a kind, as `3 packets`.
  func amount(_ count: Int, _ kind: Kind) -> String {
    Summary.PacketCount(count: count, isFrames: !kind.isLeak || summary.leakPackets == nil).text
  }

  /// Whether it is known of each packet how far it got.
  private static func isOrdered(_ summary: Summary) -> Bool {
    let roles = Set(summary.interfaces.map(\.role))
    let bridges = Set(summary.interfaces.filter { $0.role == .bridge }.map(\.name))
    let others = Set(summary.interfaces.filter { $0.role != .bridge }.map(\.name))
    return roles == [.bridge, .nic] && summary.leakPackets != nil && bridges.isDisjoint(with: others)
      && summary.countedLeaks.allSatisfy { $0.fate != nil || !bridges.contains($0.interface) }
  }

  // MARK: Columns

  static func count(_ leak: Summary.LeakEntry) -> Int { leak.packets ?? leak.frames }

  static func owner(_ leak: Summary.LeakEntry) -> String {
    leak.senders.isEmpty ? "an address of the audited side" : leak.senders.joined(separator: ", ")
  }

  /// Adds a column with a box for each name, the most frequent first, and one box for the rest. The result says which
  /// box a name is in.
  mutating func addColumn(_ fixed: [Box], _ names: [(name: String, count: Int)]) -> (String) -> Int {
    let sums = Dictionary(names.map { ($0.name, $0.count) }, uniquingKeysWith: +)
    let sorted = sums.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    let apart = sorted.count > Self.shown ? Self.shown - 1 : sorted.count
    var boxes = fixed + sorted.prefix(apart).map { Box(title: $0) }
    if apart < sorted.count { boxes.append(Box(title: "\(sorted.count - apart) others")) }
    columns.append(boxes)
    let places = Dictionary(sorted.enumerated().map { ($1, fixed.count + min($0, apart)) }) { first, _ in first }
    return { places[$0] ?? 0 }
  }

  mutating func add(_ kind: Kind, _ stops: [Int], first: Int, last: Int) {
    guard first > 0 || last > 0 else { return }
    if let known = routes.firstIndex(where: { $0.kind == kind && $0.stops == stops }) {
      routes[known].counts.first += first
      routes[known].counts.last += last
    } else {
      routes.append(Route(kind: kind, stops: stops, counts: (first, last)))
    }
  }

  /// Writes into each box how much goes through it.
  private mutating func describe() {
    for column in columns.indices {
      for row in columns[column].indices {
        let through = routes.filter { $0.stops.count > column && $0.stops[column] == row }
        columns[column][row].kind = through.map(\.kind).max { $0.rank < $1.rank } ?? .local
        guard columns[column][row].detail.isEmpty else { continue }
        let texts = Kind.allCases.reversed().compactMap { kind -> String? in
          let ofKind = through.filter { $0.kind == kind }
          let count = ofKind.reduce(0) { $0 + (column == 0 ? $1.counts.first : $1.counts.last) }
          guard count > 0 else { return nil }
          return amount(count, kind) + (column == columns.count - 1 && !kind.isLeak ? "" : " \(kind.words)")
        }
        columns[column][row].detail = texts.joined(separator: ", ")
      }
    }
  }
}

extension Way.Kind {
  var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
