import Wire

/// The same packets pass several interfaces: each has flows of its own.
struct RecentFlowKey: Hashable, Sendable {
  var interface: Int
  var flow: FlowKey

  /// In few words: this is asked of every leak.
  func hash(into hasher: inout Hasher) {
    hasher.combine(flow.source.low ^ UInt64(truncatingIfNeeded: interface) << 48)
    hasher.combine(flow.destination.low)
    hasher.combine(UInt32(flow.sourcePort) << 16 | UInt32(flow.destinationPort))
  }
}

/// What is kept of the latest flows: of more than `limit`, the oldest gives way.
struct RecentFlows<Value: Sendable>: Sendable {
  typealias Key = RecentFlowKey

  static var limit: Int { 256 }

  private var slots: [(key: Key, value: Value)] = []
  private var positions: [Key: Int] = [:]
  private var oldest = 0

  var count: Int { slots.count }

  func position(of key: Key) -> Int? { slots.isEmpty ? nil : positions[key] }

  subscript(position: Int) -> Value {
    get { slots[position].value }
    _modify { yield &slots[position].value }
  }

  /// Keeps a value, in place of the flow's earlier one, and returns its position, which holds until the next insertion.
  @discardableResult
  mutating func insert(_ value: Value, _ key: Key) -> Int {
    if let position = positions[key] {
      slots[position].value = value
      return position
    }
    guard slots.count == Self.limit else {
      slots.append((key, value))
      positions[key] = slots.count - 1
      return slots.count - 1
    }
    let position = oldest
    positions[slots[position].key] = nil
    slots[position] = (key, value)
    positions[key] = position
    oldest = (oldest + 1) % Self.limit
    return position
  }
}
