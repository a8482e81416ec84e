import Audit
import Policy
import Text

/// Leaks in packets: what bridge and NIC both showed is one.
extension Summary {
  /// Those that tell packets of their own; all where it is not known whose packets others tell.
  package var toldLeaks: [LeakEntry] { leaks.filter { $0.packets != 0 } }

  /// The packets of some entries, or their frames where nobody knows which of them are the same packets.
  package func amount(_ leaks: some Sequence<LeakEntry>) -> PacketCount {
    leaks.reduce(PacketCount(count: 0, isFrames: leakPackets == nil)) {
      PacketCount(count: $0.count + ($1.packets ?? $1.frames), isFrames: $0.isFrames)
    }
  }

  package struct PacketCount {
    package init(count: Int, isFrames: Bool) { (self.count, self.isFrames) = (count, isFrames) }

    package var count: Int
    package var isFrames: Bool
    /// `3 packets`.
    package var text: String { Formatting.count(count, isFrames ? "frame" : "packet") }
  }

  /// Whether packets can still be told when audits are added: each must have seen the same interfaces, and known what they
  /// are. A bridge and a NIC that were audited apart may have shown the same packets.
  func joinsLike(_ other: Self) -> Bool {
    func kinds(_ summary: Self) -> Set<[String?]> { Set(summary.interfaces.map { [$0.name, $0.role?.rawValue] }) }
    return leakPackets != nil && other.leakPackets != nil && kinds(self) == kinds(other)
      && interfaces.allSatisfy { $0.role != nil }
  }

  /// Nobody knows any more which entries tell the same packets.
  mutating func forgetPackets() {
    leakPackets = nil
    for index in leaks.indices { leaks[index].packets = nil }
    leakWindows.forgetPackets()
  }
}

extension Summary.LeakEntry {
  /// Of its packets, those that left through the NIC.
  package var escapedPackets: Int {
    let told = packets ?? frames
    guard fate == .escaped else { return 0 }
    // On the NIC itself.
    if escapedFrames == 0 { return told }
    return max(0, min(escapedFrames, frames) - (frames - told))
  }
}
