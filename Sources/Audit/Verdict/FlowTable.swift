/// Remembers flows that went out from one public address to another.
struct FlowTable: ~Copyable {
  private var flows: BoundedTable<FlowKey, UInt8>
  /// Bulk traffic comes in runs of one flow.
  private var latest: FlowKey?

  init(capacity: Int, seed: UInt64) { flows = BoundedTable(capacity: capacity, seed: seed) }

  /// How many flows were forgotten. Answers to a forgotten flow count as egress.
  var evictions: Int { flows.evictions }
  /// How often an unknown flow was looked up after others had been forgotten: it may have been one of them.
  private(set) var doubts = 0

  mutating func insert(_ key: FlowKey) {
    if latest == key { return }
    latest = key
    flows.insert(key, 0)
  }

  mutating func contains(_ key: FlowKey) -> Bool {
    if latest == key || flows.find(key) != nil { return true }
    if evictions > 0 { doubts += 1 }
    return false
  }
}
