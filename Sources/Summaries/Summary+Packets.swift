package import Audit
import Policy
import Text

/// Leaks in packets: a packet that both bridge and NIC showed is one.
extension Summary {
  /// The entries that count packets of their own; all entries if it is unknown which ones share packets.
  package var countedLeaks: [LeakEntry] { leaks.filter { $0.packets != 0 } }

  /// The packets of a class, each counted once; nil if that is not certain. Packets that enter are not joined.
  package func packets(of verdictClass: VerdictClass) -> Int? {
    switch verdictClass {
    case .tunnel: tunnelPackets
    case .local: localPackets
    case .leak: leakPackets
    case .allowed: allowedPackets
    case .ingress: nil
    }
  }

  /// A row below the interfaces' frames, if several showed some of the packets. A count that is not certain is a
  /// question mark.
  package func packetsRow(_ classes: [VerdictClass]) -> (name: String, counts: [String])? {
    let frames: [VerdictClass: Int] = [.tunnel: tunnel, .local: local, .leak: leak, .allowed: allowed]
    guard classes.contains(where: { packets(of: $0) ?? .max < frames[$0] ?? 0 }) else { return nil }
    return (
      "packets, each once",
      classes.map { $0 == .ingress ? "" : packets(of: $0).map(Formatting.number) ?? "?" }
    )
  }

  /// The packets of some entries, or their frames if it is unknown which of them are the same packets.
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

  /// Whether packets can still be counted when audits are added: each audit must have seen the same interfaces and
  /// known their roles. A bridge and a NIC that were audited separately may have shown the same packets.
  func joinsLike(_ other: Self) -> Bool {
    func kinds(_ summary: Self) -> Set<[String?]> { Set(summary.interfaces.map { [$0.name, $0.role?.rawValue] }) }
    return leakPackets != nil && other.leakPackets != nil && kinds(self) == kinds(other)
      && interfaces.allSatisfy { $0.role != nil }
  }

  /// Removes the packet counts, when it is no longer known which entries share packets.
  mutating func forgetPackets() {
    tunnelPackets = nil
    localPackets = nil
    allowedPackets = nil
    leakPackets = nil
    for index in leaks.indices { leaks[index].packets = nil }
    leakWindows.forgetPackets()
  }
}

extension Summary.LeakEntry {
  /// Those of its packets that left through the NIC.
  package var escapedPackets: Int {
    let told = packets ?? frames
    guard fate == .escaped else { return 0 }
    // The leak was seen on the NIC itself.
    if escapedFrames == 0 { return told }
    return max(0, min(escapedFrames, frames) - (frames - told))
  }
}
