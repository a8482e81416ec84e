import Wire

/// A flow on one interface: the same packets pass several interfaces, and each has flows of its own.
struct RecentFlowKey: TableKey, Sendable {
  var interface: Int
  var flow: FlowKey

  func mix(into hash: inout KeyHash) {
    flow.mix(into: &hash)
    hash.mix(UInt64(truncatingIfNeeded: interface))
  }
}
