public import Policy
public import Wire

/// Measures how far the clock of the NIC's capture is behind the bridge's, by the packets that both hold.
///
/// A packet is on the bridge before it is on the NIC. Captures that show otherwise were stamped by different clocks:
/// sorted by time, the NIC would show packets whose beginning on the bridge is not known yet.
public struct ClockComparison: ~Copyable {
  /// This many common packets are enough.
  public static var enough: Int { 256 }
  /// Packets further apart are not the same packet (`FlowJoin`).
  private static var window: Elapsed { .seconds(2) }
  /// How much longer than others a packet may take from bridge to NIC.
  private static var jitter: Elapsed { .milliseconds(100) }

  private var bridge: BoundedTable<PacketFingerprint, Timestamp>
  private var nic: BoundedTable<PacketFingerprint, Timestamp>
  private var differences: [Elapsed] = []

  public init(seed: UInt64 = .random(in: .min ... .max)) {
    bridge = BoundedTable(capacity: 1 << 14, seed: seed)
    nic = BoundedTable(capacity: 1 << 14, seed: seed)
  }

  public var isEnough: Bool { differences.count >= Self.enough }

  public mutating func note(_ frame: borrowing CapturedFrame, _ role: InterfaceRole) {
    let packet = PacketDecoder.decode(frame)
    guard packet.network == .ip, packet.fragment != .later, packet.hasPorts || packet.isICMP else { return }
    let print = PacketFingerprint(packet, frame)
    switch role {
    case .bridge:
      bridge.insert(print, frame.timestamp)
      if let other = nic.find(print) { note(other - frame.timestamp) }
    case .nic:
      nic.insert(print, frame.timestamp)
      if let other = bridge.find(print) { note(frame.timestamp - other) }
    }
  }

  private mutating func note(_ difference: Elapsed) {
    if difference.isWithin(Self.window), !isEnough { differences.append(difference) }
  }

  /// How much later the NIC's frames must be looked at, so that each follows its own on the bridge: one nanosecond more
  /// than the clock is behind. Zero if none comes too early, or if no packet shows it.
  public var lag: Elapsed {
    let sorted = differences.sorted()
    guard !sorted.isEmpty else { return .zero }
    let median = sorted[sorted.count / 2]
    // Some packets come in, and are on the NIC first.
    guard median <= .zero else { return .zero }
    let least = sorted.first { median - $0 <= Self.jitter } ?? median
    return Elapsed(nanoseconds: 1) - least
  }
}
