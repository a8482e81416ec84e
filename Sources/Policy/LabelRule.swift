package import PacketFilter
public import Wire

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
