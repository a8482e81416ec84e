/// Who sent which flow, in bounded memory: beyond `limit` flows the one that was told of longest ago is forgotten. The
/// kernel tells of a flow that goes on every ten seconds.
package struct SenderTable: Sendable {
  package static var limit: Int { 16_384 }
  /// More owners than this of one flow are not told apart.
  package static var mostOwners: Int { 4 }

  private struct Entry {
    var owners: [SocketOwner]
    /// The number of the latest event.
    var latest: UInt64
    var isTold: Bool
  }

  package var questions = PassedQuestions()

  private var entries: [SenderFlow: Entry] = [:]
  /// Flows in the order of their events, the next to be forgotten at `oldest`. Where a flow has a later event, the
  /// earlier one says nothing. At most twice the limit.
  private var order: [(flow: SenderFlow, event: UInt64)] = []
  private var oldest = 0
  private var events: UInt64 = 0
  private let limit: Int

  package init(limit: Int = Self.limit) { self.limit = max(1, limit) }

  package var count: Int { entries.count }

  /// Adds what was told. An owner with a process is better than one without, of the same container; other owners of the
  /// same flow stay beside it.
  package mutating func note(_ event: SenderEvent) {
    events += 1
    var entry = entries[event.flow] ?? Entry(owners: [], latest: 0, isTold: false)
    entry.latest = events
    let former = entry.owners
    Self.add(event.owner, to: &entry.owners)
    if entry.owners != former { entry.isTold = false }
    entries[event.flow] = entry
    order.append((event.flow, events))
    forget()
  }

  /// All owners of a flow: several if more than one process sent it, none if nothing is known. `isNew` says whether they
  /// are others than at the last answer.
  package mutating func answer(_ flow: SenderFlow) -> (owners: [SocketOwner], isNew: Bool) {
    guard let entry = entries[flow] else { return ([], false) }
    if !entry.isTold { entries[flow]?.isTold = true }
    return (entry.owners, !entry.isTold)
  }

  private static func add(_ owner: SocketOwner, to owners: inout [SocketOwner]) {
    if let index = owners.firstIndex(where: { $0.isAlike(owner) }) {
      if owner.certainty.rawValue > owners[index].certainty.rawValue { owners[index] = owner }
      return
    }
    func isVaguer(_ one: SocketOwner, than other: SocketOwner) -> Bool {
      one.process == nil && one.namespace == other.namespace
        && (one.container == nil || one.container == other.container)
    }
    if owners.contains(where: { isVaguer(owner, than: $0) }) { return }
    owners.removeAll { isVaguer($0, than: owner) }
    if owners.count < mostOwners { owners.append(owner) }
  }

  private mutating func forget() {
    while entries.count > limit {
      let (flow, event) = order[oldest]
      oldest += 1
      if entries[flow]?.latest == event { entries[flow] = nil }
    }
    // Rarely: each time at least `limit` events are dropped from the order.
    if order.count > 2 * limit {
      order = order[oldest...].filter { entries[$0.flow]?.latest == $0.event }
      oldest = 0
    }
  }
}
