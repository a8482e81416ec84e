import Wire

/// Joins a packet on the NIC to the packet on the bridge that it continues: NAT in between changed its source address,
/// mostly nothing else (semantics 4). Kept are leaks, and what a rule allowed: behind NAT the rule would not know it.
///
/// First by flow: protocol, destination, destination port, and the source port or ICMP identifier. Where NAT had to
/// change the port, by the packet itself: IP identification, length, and the transport header's and payload's first
/// bytes. Both in bounded tables; a forgotten flow's packets on the NIC count as the host's, beside the bridge's own
/// leak, which stays.
struct FlowJoin: ~Copyable {
  private struct FlowEnd: TableKey {
    var destination: IPAddress
    var protocolNumber: UInt8
    var destinationPort: UInt16
    var sourcePort: UInt16

    func mix(into hash: inout KeyHash) {
      hash.mix(destination.low, destination.high)
      hash.mix(UInt64(destinationPort) << 16 | UInt64(sourcePort), UInt64(protocolNumber))
    }
  }

  private struct Fingerprint: TableKey {
    var destination: IPAddress
    var protocolNumber: UInt8
    var destinationPort: UInt16
    var identification: UInt32
    var length: Int32
    var content: UInt64

    func mix(into hash: inout KeyHash) {
      hash.mix(destination.low, destination.high)
      hash.mix(UInt64(identification) << 16 | UInt64(destinationPort), content)
      hash.mix(UInt64(UInt32(bitPattern: length)), UInt64(protocolNumber))
    }
  }

  /// What a packet on the bridge was.
  enum Meaning: BitwiseCopyable {
    /// A leak, counted in this finding.
    case leak(finding: Int32)
    case allowed(Verdict.Permission)
  }

  private struct Passage: BitwiseCopyable {
    var meaning: Meaning
    var time: Timestamp
  }

  /// How much later than on the bridge a packet may appear on the NIC, and how much earlier where two captures were
  /// merged by clocks that differ.
  private static var graceTime: Elapsed { .seconds(2) }

  private var flows: BoundedTable<FlowEnd, Passage>
  private var packets: BoundedTable<Fingerprint, Passage>

  init(seed: UInt64) {
    flows = BoundedTable(capacity: 1 << 12, seed: seed)
    packets = BoundedTable(capacity: 1 << 12, seed: seed)
  }

  /// Remembers a packet on a bridge and what it was.
  mutating func remember(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ meaning: Meaning) {
    guard let end = Self.flowEnd(packet) else { return }
    let passage = Passage(meaning: meaning, time: frame.timestamp)
    flows.insert(end, passage)
    packets.insert(Self.fingerprint(packet, frame), passage)
  }

  /// What the packet on the bridge was that this one on the NIC continues.
  mutating func meaning(of packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> Meaning? {
    guard let end = Self.flowEnd(packet) else { return nil }
    if let passage = flows.find(end),
      isNear(passage.time, frame.timestamp)
    {
      return passage.meaning
    }
    guard let passage = packets.find(Self.fingerprint(packet, frame)),
      isNear(passage.time, frame.timestamp)
    else { return nil }
    return passage.meaning
  }

  private static func flowEnd(_ packet: DecodedPacket) -> FlowEnd? {
    guard packet.network == .ip, packet.transport != .unknownProtocol, packet.fragment != .later else { return nil }
    return FlowEnd(
      destination: packet.destination, protocolNumber: packet.protocolNumber.rawValue,
      destinationPort: packet.isICMP ? 0 : packet.destinationPort, sourcePort: packet.sourcePort)
  }

  private static func fingerprint(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> Fingerprint {
    // TCP's sequence number; NAT leaves it alone, but for the checksum and the ports.
    let sequence = packet.protocolNumber == .tcp ? word(packet.transportOffset + 4, packet, frame) : 0
    let content = word(packet.payloadOffset, packet, frame) &* 0x9E37_79B9_7F4A_7C15 ^ sequence
    return Fingerprint(
      destination: packet.destination, protocolNumber: packet.protocolNumber.rawValue,
      destinationPort: packet.isICMP ? 0 : packet.destinationPort, identification: packet.identification,
      length: packet.packetLength, content: content)
  }

  private static func word(_ offset: Int32, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> UInt64 {
    guard offset >= 0, offset + 8 <= packet.packetEnd else { return 0 }
    return frame.bytes.uint64(at: Int(offset))
  }

  private func isNear(_ bridge: Timestamp, _ nic: Timestamp) -> Bool {
    (nic - bridge).isWithin(Self.graceTime)
  }
}
