import Wire

/// Remembers the verdicts of first fragments, for later ones of the same datagram (RFC 791 section 3.2, RFC 8200
/// section 4.5).
struct FragmentTable: ~Copyable {
  /// What the fragments of one datagram share; in IPv6 the protocol is not part of it (RFC 8200 section 4.5).
  struct Key: TableKey, Sendable {
    var source: IPAddress
    var destination: IPAddress
    var identification: UInt32
    var protocolNumber: UInt8
    /// Keeps directions and interfaces apart: a fragment in one must not decide those in another.
    var interface: UInt16
    var isEgress: Bool

    init(_ packet: DecodedPacket, _ interface: Int, _ direction: Classifier.Direction) {
      self.interface = UInt16(truncatingIfNeeded: interface)
      isEgress = direction == .egress
      source = packet.source
      destination = packet.destination
      identification = packet.identification
      protocolNumber = packet.source.isIPv4 ? packet.headerProtocol.rawValue : 0
    }

    func mix(into hash: inout KeyHash) {
      hash.mix(source.low, destination.low)
      hash.mix(source.high, destination.high)
      hash.mix(
        UInt64(identification), UInt64(protocolNumber) << 32 | UInt64(interface) << 1 | (isEgress ? 1 : 0))
    }
  }

  struct First: BitwiseCopyable {
    var verdict: Verdict
    var step: Step
    var time: Timestamp
    /// The finding that the first fragment was counted in, or -1.
    var finding: Int32 = -1
    var endpoint: Int16 = -1
  }

  /// RFC 8200 section 4.5 gives up after 60 s; identifications may repeat after that.
  static var lifetime: Elapsed { .seconds(60) }

  private var firsts: BoundedTable<Key, First>
  /// First fragments that were evicted while their later ones could still come.
  private(set) var evictions = 0

  init(seed: UInt64) { firsts = BoundedTable(capacity: 1 << 12, seed: seed) }

  mutating func insert(_ packet: DecodedPacket, _ interface: Int, _ direction: Classifier.Direction, _ first: First) {
    if let displaced = firsts.insert(Key(packet, interface, direction), first), isFresh(displaced, first.time) {
      evictions += 1
    }
  }

  mutating func find(
    _ packet: DecodedPacket, _ interface: Int, _ direction: Classifier.Direction, at time: Timestamp
  ) -> First? {
    guard let first = firsts.find(Key(packet, interface, direction)), isFresh(first, time) else { return nil }
    return first
  }

  private func isFresh(_ first: First, _ time: Timestamp) -> Bool {
    (time - first.time).isWithin(Self.lifetime)
  }
}
