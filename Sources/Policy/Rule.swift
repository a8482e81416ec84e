package import PacketFilter
public import Wire

/// How bad a leak is (CONTRACT 3).
public enum Severity: String, Sendable, BitwiseCopyable, CaseIterable, Comparable {
  case info, low, medium, high, critical

  public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  /// From 0 for the mildest.
  public var rank: Int {
    switch self {
    case .info: 0
    case .low: 1
    case .medium: 2
    case .high: 3
    case .critical: 4
    }
  }
}

/// What a rule rests on. Rules are asked in this order: what a packet holds before the port it uses, because
/// ports lie, and what is inside before what carries it.
public enum RuleBasis: String, Sendable, CaseIterable {
  /// The headers alone: a protocol's number, a group, the flags of a segment without content.
  case header
  /// A name in clear.
  case name
  /// The first bytes of a protocol.
  case content
  /// A well-known peer, or a port that tells what is inside of TLS or QUIC.
  case peer
  /// The first bytes of a protocol that carries others: HTTP, TLS, QUIC.
  case carrier
  /// A port alone.
  case port
  /// Nothing that another rule knows.
  case rest
}

/// A rule of the pack: names a leak that no structural reason names. It cannot turn a leak into anything else.
public struct LabelRule: Sendable {
  /// Unique over the pack, for example `ntp.client`.
  public var id: String
  /// The leak's reason as reported: one of the labels of CONTRACT 3.
  public var label: LeakReason
  public var severity: Severity
  /// One line for people.
  public var title: String
  /// What the leak tells to whom.
  public var why: String
  /// RFC, CVE or paper.
  public var reference: String
  /// What it rests on, which says when it is asked.
  public var basis: RuleBasis
  package var filter: PacketFilter?
  /// Servers that a client must name (TLS, QUIC or HTTP), and names that it must ask for; empty: any packet.
  public var serverNames: [String] = []
  public var queryNames: [String] = []
  /// Whether it names what follows in the same flow, too, where no rule before it does: packets that show nothing of
  /// their protocol once it has begun.
  public var namesFlow = false
  public var origin: String

  package init(
    id: String, label: LeakReason, severity: Severity, title: String, why: String, reference: String,
    basis: RuleBasis = .header, filter: PacketFilter?, serverNames: [String] = [], queryNames: [String] = [],
    namesFlow: Bool = false, origin: String
  ) {
    self.id = id
    self.label = label
    self.severity = severity
    self.title = title
    self.why = why
    self.reference = reference
    self.basis = basis
    self.filter = filter
    self.serverNames = serverNames
    self.queryNames = queryNames
    self.namesFlow = namesFlow
    self.origin = origin
  }

  /// The pcap-filter expression as written; nil where the rule has none.
  public var filterExpression: String? { filter?.expression }

  /// Whether the filter, if there is one, matches a packet, given from its IP header on.
  public func matches(_ packet: RawSpan, originalLength: Int) -> Bool {
    filter?.matches(packet, originalLength: originalLength) ?? true
  }

  /// Whether the packet names what the rule asks for.
  public func names(servers: [String], questions: [String]) -> Bool {
    if serverNames.isEmpty, queryNames.isEmpty { return true }
    func meets(_ patterns: [String], _ names: [String]) -> Bool {
      patterns.isEmpty || names.contains { name in patterns.contains { NamePattern.covers($0, name) } }
    }
    return meets(serverNames, servers) && meets(queryNames, questions)
  }
}

/// An exception that the user makes, with its reason (CONTRACT 2, step 5). All conditions given must hold.
public struct AllowRule: Sendable {
  public var id: String
  public var reason: String
  package var filter: PacketFilter?
  /// DNS names that may be asked for: exact, or a suffix if the text begins with a dot. Empty: any packet.
  public var queryNames: [String]
  /// Containers, by Docker's names, whose packets the rule is about. Empty: any.
  public var containers: [String]
  /// The first moment at which the rule no longer allows, and the date as written.
  public var expires: (moment: Timestamp, text: String)?
  public var origin: String

  package init(
    id: String, reason: String, filter: PacketFilter?, queryNames: [String] = [], containers: [String] = [],
    expires: (moment: Timestamp, text: String)? = nil, origin: String
  ) {
    self.id = id
    self.reason = reason
    self.filter = filter
    self.queryNames = queryNames
    self.containers = containers
    self.expires = expires
    self.origin = origin
  }

  /// The pcap-filter expression as written; nil where the rule has none.
  public var filterExpression: String? { filter?.expression }

  /// Whether the filter, if there is one, matches a packet, given from its IP header on. A rule without
  /// any condition matches nothing.
  public func filterMatches(_ packet: RawSpan, originalLength: Int) -> Bool {
    guard let filter else { return !queryNames.isEmpty || !containers.isEmpty }
    return filter.matches(packet, originalLength: originalLength)
  }
}
