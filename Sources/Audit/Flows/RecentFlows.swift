import Wire

/// Keeps a value for each of the latest flows: beyond `limit`, the oldest is dropped.
///
/// Flows of one hash are chained through their slots, all of them in the worst case. Allocates once.
struct RecentFlows<Value: Sendable>: Sendable {
  typealias Key = RecentFlowKey

  private struct Slot: Sendable {
    var key: Key
    var value: Value
    /// The next slot of the same chain, or -1.
    var next: Int16
  }

  static var limit: Int { 256 }
  /// The number of chains, a power of two.
  private static var chains: Int { 512 }

  private var slots: [Slot] = []
  /// The first slot of each chain, or -1.
  private var heads: [Int16] = []
  private var oldest = 0
  private let seed = UInt64.random(in: .min ... .max)

  var count: Int { slots.count }

  func position(of key: Key) -> Int? {
    guard !slots.isEmpty else { return nil }
    var position = Int(heads[chain(of: key)])
    while position >= 0, slots[position].key != key { position = Int(slots[position].next) }
    return position >= 0 ? position : nil
  }

  subscript(position: Int) -> Value {
    get { slots[position].value }
    _modify { yield &slots[position].value }
  }

  /// Keeps a value in place of the flow's earlier one. Returns its position, which is valid until the next insertion.
  @discardableResult
  mutating func insert(_ value: Value, _ key: Key) -> Int {
    if let position = position(of: key) {
      slots[position].value = value
      return position
    }
    if heads.isEmpty { heads = Array(repeating: -1, count: Self.chains) }
    let chain = chain(of: key)
    let slot = Slot(key: key, value: value, next: heads[chain])
    var position = slots.count
    if position < Self.limit {
      slots.append(slot)
    } else {
      position = oldest
      oldest = (oldest + 1) % Self.limit
      unchain(position)
      slots[position] = slot
      slots[position].next = heads[chain]
    }
    heads[chain] = Int16(position)
    return position
  }

  private mutating func unchain(_ position: Int) {
    let chain = chain(of: slots[position].key)
    guard Int(heads[chain]) != position else {
      heads[chain] = slots[position].next
      return
    }
    var before = Int(heads[chain])
    while Int(slots[before].next) != position { before = Int(slots[before].next) }
    slots[before].next = slots[position].next
  }

  private func chain(of key: Key) -> Int { Int(truncatingIfNeeded: key.hash(seed: seed)) & (Self.chains - 1) }
}
