public import Policy
public import Wire

/// What was counted on one interface.
public struct InterfaceTally: Sendable {
  public var name: String
  public var linkType: LinkType
  public var role: InterfaceRole?
  public internal(set) var counts = ClassCounts()
  public internal(set) var time: Span?
  /// Frames that the capture itself reports as lost.
  public var drops: UInt64 = 0
  /// When a watch captured it; nil if only frames show that.
  public internal(set) var sight: Sight?

  public init(name: String, linkType: LinkType, role: InterfaceRole?) {
    self.name = name
    self.linkType = linkType
    self.role = role
  }

  mutating func count(_ verdictClass: VerdictClass, _ length: Int, at moment: Timestamp) {
    counts.add(verdictClass, length)
    if time == nil { time = Span(moment) } else { time?.extend(to: moment) }
  }

  /// Adds what was counted elsewhere.
  mutating func add(_ verdictClass: VerdictClass, _ count: Count, over span: Span) {
    counts[verdictClass] = counts[verdictClass] + count
    if time == nil { time = span } else { time?.extend(over: span) }
  }
}
