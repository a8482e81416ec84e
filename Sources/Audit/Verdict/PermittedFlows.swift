import Wire

/// What rules allowed on the bridge, for the NIC, where NAT hides from a rule what it looks at (CONTRACT 2, step 5).
///
/// A flow on the NIC is bound to the flow on the bridge whose very packet it showed: same identification, length and content. Only
/// that flow is then allowed, and only as long as the bridge's own goes on being so: what another container or the host sends to
/// the same address and port is none of it. Where two flows of the bridge sent packets alike, neither binds.
struct PermittedFlows: ~Copyable {
  private struct Passage: BitwiseCopyable {
    var flow: FlowKey
    /// Nil where no rule allowed it.
    var rule: UInt16?
    var time: Timestamp
    /// Whether another flow sent a packet that looks the same.
    var isAmbiguous = false
  }

  /// How much later than on the bridge a packet may appear on the NIC, and how much earlier where two captures were
  /// merged by clocks that differ.
  private static var graceTime: Elapsed { .seconds(2) }

  private var packets: BoundedTable<PacketFingerprint, Passage>
  /// The bridge's flows, by their latest packet.
  private var bridge: BoundedTable<FlowKey, Passage>
  /// The bridge's flow that a flow on the NIC continues.
  private var bound: BoundedTable<FlowKey, FlowKey>

  init(seed: UInt64) {
    packets = BoundedTable(capacity: 1 << 12, seed: seed)
    bridge = BoundedTable(capacity: 1 << 12, seed: seed)
    bound = BoundedTable(capacity: 1 << 12, seed: seed)
  }

  /// Notes a packet on the bridge, and the rule that allowed it.
  mutating func noteBridge(_ seen: borrowing Sighting, _ rule: UInt16?) {
    guard seen.packet.fragment != .later, let flow = FlowKey(seen.packet) else { return }
    var passage = Passage(flow: flow, rule: rule, time: seen.moment)
    bridge.insert(flow, passage)
    let print = PacketFingerprint(seen.packet, seen.frame)
    if let known = packets.find(print), isNear(known.time, seen.moment) {
      passage.isAmbiguous = known.isAmbiguous || known.flow != flow
    }
    packets.insert(print, passage)
  }

  /// The rule that allowed on the bridge what this packet on the NIC continues.
  mutating func rule(for seen: borrowing Sighting) -> UInt16? {
    guard seen.packet.fragment != .later, let flow = FlowKey(seen.packet) else { return nil }
    // Without NAT the flow is the bridge's own.
    let origin = bound.find(flow) ?? flow
    if let passage = bridge.find(origin), isNear(passage.time, seen.moment) { return passage.rule }
    guard let passage = packets.find(PacketFingerprint(seen.packet, seen.frame)), isNear(passage.time, seen.moment),
      !passage.isAmbiguous, passage.rule != nil
    else { return nil }
    bound.insert(flow, passage.flow)
    return passage.rule
  }

  private func isNear(_ bridge: Timestamp, _ nic: Timestamp) -> Bool { (nic - bridge).isWithin(Self.graceTime) }
}
