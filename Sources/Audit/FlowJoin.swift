import Wire

/// Joins a packet on the NIC to the packet on the bridge that it continues: NAT in between changed its source address,
/// mostly nothing else (semantics 4). Kept are leaks, and what a rule allowed: behind NAT the rule would not know it.
///
/// First by flow: protocol, destination, destination port, and the source port or ICMP identifier. Where NAT had to
/// change the port, by the packet itself: IP identification, length, and the transport header's and payload's first
/// bytes. Both in bounded tables; a forgotten flow's packets on the NIC count as the host's, beside the bridge's own
/// leak, which stays.
struct FlowJoin: ~Copyable {
  private struct FlowEnd: Hashable, BitwiseCopyable {
    var destination: IPAddress
    var protocolNumber: UInt8
    var destinationPort: UInt16
    var sourcePort: UInt16
  }

  private struct Fingerprint: Hashable, BitwiseCopyable {
    var destination: IPAddress
    var protocolNumber: UInt8
    var destinationPort: UInt16
    var identification: UInt32
    var length: Int32
    var content: UInt64
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
  private static var graceTime: Int64 { 2_000_000_000 }

  private var flows = BoundedTable<FlowEnd, Passage>(capacity: 1 << 12)
  private var packets = BoundedTable<Fingerprint, Passage>(capacity: 1 << 12)
  private let seed: UInt64

  init(seed: UInt64) { self.seed = seed }

  /// Remembers a packet on a bridge and what it was.
  mutating func remember(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame, _ meaning: Meaning) {
    guard let end = Self.flowEnd(packet) else { return }
    let passage = Passage(meaning: meaning, time: frame.timestamp)
    flows.insert(end, passage, hash: hash(end.destination, end.sourcePort, end.destinationPort, 0))
    let print = Self.fingerprint(packet, frame)
    packets.insert(print, passage, hash: hash(print.destination, 0, print.destinationPort, print.content))
  }

  /// What the packet on the bridge was that this one on the NIC continues.
  mutating func meaning(of packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> Meaning? {
    guard let end = Self.flowEnd(packet) else { return nil }
    if let passage = flows.find(end, hash: hash(end.destination, end.sourcePort, end.destinationPort, 0)),
      isNear(passage.time, frame.timestamp)
    {
      return passage.meaning
    }
    let print = Self.fingerprint(packet, frame)
    guard let passage = packets.find(print, hash: hash(print.destination, 0, print.destinationPort, print.content)),
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
    let (delay, overflow) = nic.nanoseconds.subtractingReportingOverflow(bridge.nanoseconds)
    return !overflow && delay.magnitude <= Self.graceTime.magnitude
  }

  private func hash(_ address: IPAddress, _ source: UInt16, _ destination: UInt16, _ content: UInt64) -> UInt64 {
    var mixed = (seed ^ address.low ^ address.high &* 3 ^ content) &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ mixed >> 29 ^ UInt64(source) << 16 ^ UInt64(destination)) &* 0xBF58_476D_1CE4_E5B9
    return mixed ^ mixed >> 32
  }
}
