package import PacketFilter
public import Wire

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
