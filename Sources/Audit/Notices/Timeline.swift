public import Wire

/// What happened besides the packets, in order: the tunnel's handshakes, containers, interfaces. Bounded for each kind,
/// so that none displaces another: 6 times `limit` events. The first are kept, later ones only counted.
public struct Timeline: Sendable {
  public struct Event: Hashable, Sendable {
    public var time: Timestamp
    public var kind: Kind
    public var text: String

    public enum Kind: String, Sendable { case tunnel, container, network, interface, docker, notice }

    public init(_ kind: Kind, _ text: String, at time: Timestamp) {
      self.time = time
      self.kind = kind
      self.text = text
    }
  }

  static var limit: Int { 500 }

  public private(set) var events: [Event] = []
  /// How many events came after there were too many of their kind.
  public private(set) var others = 0

  mutating func note(_ event: Event) {
    guard events.count(where: { $0.kind == event.kind }) < Self.limit else {
      others += 1
      return
    }
    // The sources' times differ a little; the list is sorted by time.
    let position = events.lastIndex { $0.time <= event.time }.map { $0 + 1 } ?? 0
    events.insert(event, at: position)
  }
}

extension Auditor {
  public mutating func note(_ event: Timeline.Event) { notes.timeline.note(event) }
}
