package import PacketFilter
public import Wire

/// How bad a leak is (CONTRACT 3).
public enum Severity: String, Sendable, BitwiseCopyable, CaseIterable, Comparable {
  case info, low, medium, high, critical

  public static func < (left: Self, right: Self) -> Bool { left.rank < right.rank }

  /// The severity as a number, from 0 for the mildest.
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

/// What a rule is based on. Rules are tried in this order: a packet's content before its port, because ports
/// lie, and an inner protocol before the one that carries it.
public enum RuleBasis: String, Sendable, CaseIterable {
  /// Only the headers: a protocol number, a group, the flags of a segment without content.
  case header
  /// A name in clear.
  case name
  /// The first bytes of a protocol.
  case content
  /// A well-known peer, or a port that shows what is inside TLS or QUIC.
  case peer
  /// The first bytes of a protocol that carries others: HTTP, TLS, QUIC.
  case carrier
  /// Only a port.
  case port
  /// Everything that no other rule knows.
  case rest
}

/// A rule of the pack, which names a leak that has no structural reason. It cannot turn a leak into anything else.
public struct LabelRule: Sendable {
  /// Unique in the pack, for example `ntp.client`.
  public var id: String
  /// The leak's reason as reported: one of the labels of CONTRACT 3.
  public var label: LeakReason
  public var severity: Severity
  /// One line for people.
  public var title: String
  /// What the leak reveals, and to whom.
  public var why: String
  /// RFC, CVE or paper.
  public var reference: String
  /// What the rule is based on, which decides when it is tried.
  public var basis: RuleBasis
  package var filter: PacketFilter?
  /// Servers that a client must name (TLS, QUIC or HTTP), and names that it must look up. If empty, any packet fits.
  public var serverNames: [String] = []
  public var queryNames: [String] = []
  /// Whether the rule also names later packets of the same flow, unless an earlier rule does. This is for protocols
  /// whose later packets do not show what they are.
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

  /// The pcap-filter expression as written. Nil if the rule has none.
  public var filterExpression: String? { filter?.expression }

  /// Whether the filter, if there is one, matches a packet that starts with its IP header.
  public func matches(_ packet: RawSpan, originalLength: Int) -> Bool {
    filter?.matches(packet, originalLength: originalLength) ?? true
  }

  /// Whether the names in a packet satisfy the rule.
  public func names(servers: [String], questions: [DNSQuestions.Question]) -> Bool {
    (serverNames.isEmpty || servers.contains { Self.covers(serverNames, $0) })
      && (queryNames.isEmpty || questions.contains { Self.covers(queryNames, $0.name) })
  }

  private static func covers(_ patterns: [String], _ name: String) -> Bool {
    patterns.contains { NamePattern.covers($0, name) }
  }
}

/// An exception made by the user, with its reason (CONTRACT 2, step 5). All given conditions must hold.
public struct AllowRule: Sendable {
  public var id: String
  public var reason: String
  package var filter: PacketFilter?
  /// DNS names that may be looked up: exact, or a suffix if the text begins with a dot. If empty, any packet fits.
  public var queryNames: [String]
  /// Docker names of the containers whose packets the rule covers. If empty, all are covered.
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

  /// The pcap-filter expression as written. Nil if the rule has none.
  public var filterExpression: String? { filter?.expression }

  /// Whether the filter, if there is one, matches a packet that starts with its IP header. A rule without
  /// any condition matches nothing.
  public func filterMatches(_ packet: RawSpan, originalLength: Int) -> Bool {
    guard let filter else { return !queryNames.isEmpty || !containers.isEmpty }
    return filter.matches(packet, originalLength: originalLength)
  }
}
