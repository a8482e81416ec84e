import Wire

/// Joins a packet on the NIC to the packet on the bridge that it continues: NAT in between changed its source address,
/// and usually nothing else (CONTRACT 4). What rules allowed needs a stricter proof (`PermittedFlows`).
///
/// The flow is compared first: protocol, destination, destination port, and the source port or ICMP identifier. If NAT
/// had to change the port, the packet itself is (`PacketFingerprint`). Both tables are bounded. A forgotten flow's
/// packets on the NIC count as the host's, beside the bridge's own leak, which stays.
struct FlowJoin: ~Copyable {
  private struct Passage: BitwiseCopyable {
    /// The finding that the leak was counted in.
    var finding: Int32
    var time: Timestamp
  }

  /// A packet may appear on the NIC so much later than on the bridge, or so much earlier if two captures with different
  /// clocks were merged.
  private static var graceTime: Elapsed { .seconds(2) }

  private var flows: BoundedTable<FlowEnd, Passage>
  private var packets: BoundedTable<PacketFingerprint, Passage>

  init(seed: UInt64) {
    flows = BoundedTable(capacity: 1 << 12, seed: seed)
    packets = BoundedTable(capacity: 1 << 12, seed: seed)
  }

  /// Remembers a leak on a bridge.
  mutating func remember(_ seen: borrowing Sighting, finding: Int32) {
    guard let end = FlowEnd(seen.packet) else { return }
    let passage = Passage(finding: finding, time: seen.moment)
    flows.insert(end, passage)
    packets.insert(PacketFingerprint(seen.packet, seen.frame), passage)
  }

  /// The finding of the leak on the bridge that this packet on the NIC continues.
  mutating func finding(of seen: borrowing Sighting) -> Int32? {
    guard let end = FlowEnd(seen.packet) else { return nil }
    if let passage = flows.find(end),
      isNear(passage.time, seen.moment)
    {
      return passage.finding
    }
    guard let passage = packets.find(PacketFingerprint(seen.packet, seen.frame)),
      isNear(passage.time, seen.moment)
    else { return nil }
    return passage.finding
  }

  private func isNear(_ bridge: Timestamp, _ nic: Timestamp) -> Bool {
    (nic - bridge).isWithin(Self.graceTime)
  }
}
