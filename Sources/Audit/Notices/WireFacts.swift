import Wire

/// Lists each fact once and then counts it. The wire can make up facts without end: only the first of each kind are
/// listed.
struct WireFacts: Sendable {
  struct Entry: Sendable {
    let fact: WireFact
    let interface: String
    var count = 1
    let first: Timestamp
  }

  private struct Key: Hashable {
    var fact: WireFact
    var interface: String
  }

  static var limitPerKind: Int { 16 }

  private(set) var entries: [Entry] = []
  private(set) var others: [AuditSummary.Notice.Kind: Int] = [:]
  private var positions: [Key: Int] = [:]
  /// Facts that were not reported yet.
  private var fresh: [Int] = []

  /// The position of the fact that was noted last; -1 if it is not listed.
  private(set) var latest = -1

  /// Counts more of a listed fact.
  mutating func add(_ count: Int, at position: Int) { entries[position].count &+= count }

  /// Notes a fact. Returns whether it is listed and new.
  mutating func note(_ fact: WireFact, on interface: String, at moment: Timestamp) -> Bool {
    let key = Key(fact: fact, interface: interface)
    latest = -1
    if let position = positions[key] {
      latest = position
      entries[position].count += 1
      return false
    }
    guard entries.count(where: { $0.fact.kind == fact.kind }) < Self.limitPerKind else {
      others[fact.kind, default: 0] += 1
      return false
    }
    latest = entries.count
    positions[key] = entries.count
    fresh.append(entries.count)
    entries.append(Entry(fact: fact, interface: interface, first: moment))
    return true
  }

  /// Whether it is listed that the engine asked for a name.
  func isPassedOn(_ name: String) -> Bool {
    entries.contains { entry in
      if case .passedOn(name, _) = entry.fact { true } else { false }
    }
  }

  /// Takes the facts that came since the last call.
  mutating func takeFresh() -> [Entry] {
    defer { fresh.removeAll() }
    return fresh.map { entries[$0] }
  }
}

extension WireFacts {
  /// The summary's notices about the facts. `nearQueries`: the host's own queries near a container's packets.
  func notices(nearQueries: Int) -> [AuditSummary.Notice] {
    entries.map { entry in
      let times = entry.count > 1 ? ", \(entry.count) times" : ""
      var text = "\(entry.fact.headline(on: entry.interface))\(times). \(entry.fact.explanation)"
      if entry.fact.kind == .dockerDNSViaHost, nearQueries > 0 {
        text += " Confidence low: \(nearQueries) more of the host's queries came within 50 ms of a container's packets."
      }
      return .init(entry.fact.kind, text, count: entry.count, first: entry.first, names: entry.fact.names)
    }
      + others.sorted { $0.key.rawValue < $1.key.rawValue }.map { kind, count in
        .init(kind, "\(kind.rawValue): \(count) more frames, not listed one by one.", count: count)
      }
  }
}
