import Wire

/// Remembers what rules allowed on the bridge, for the NIC, where NAT hides what a rule looks at (CONTRACT 2, step 5).
///
/// A flow on the NIC is bound to the bridge's flow that showed the very same packet: same identification, length and
/// content. Only that flow is then allowed, and only as long as the bridge's flow is: what another container or the
/// host sends to the same address and port is not part of it. If two flows of the bridge sent identical packets,
/// neither binds.
struct PermittedFlows: ~Copyable {
  private struct Passage: BitwiseCopyable {
    var flow: FlowKey
    /// Nil if no rule allowed it.
    var rule: UInt16?
    var time: Timestamp
    /// Whether another flow sent a packet that looks the same.
    var isAmbiguous = false
  }

  /// A packet may appear on the NIC so much later than on the bridge, or so much earlier if two captures with different
  /// clocks were merged.
  private static var graceTime: Elapsed { .seconds(2) }

  private var packets: BoundedTable<PacketFingerprint, Passage>
  /// The bridge's flows, each with its latest packet.
  private var bridge: BoundedTable<FlowKey, Passage>
  /// Maps a flow on the NIC to the bridge's flow that it continues.
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

  /// The rule that allowed, on the bridge, the flow that this packet on the NIC continues.
  mutating func rule(for seen: borrowing Sighting) -> UInt16? {
    guard seen.packet.fragment != .later, let flow = FlowKey(seen.packet) else { return nil }
    // Without NAT the flow is the same on the bridge.
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
