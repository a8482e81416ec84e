import Wire

/// The verdicts of first fragments, for the later ones of the same datagram (RFC 791 section 3.2,
/// RFC 8200 section 4.5).
struct FragmentTable: ~Copyable {
  /// What makes fragments belong together; in IPv6 the protocol does not (RFC 8200 section 4.5).
  struct Key: Hashable, Sendable, BitwiseCopyable {
    var source: IPAddress
    var destination: IPAddress
    var identification: UInt32
    var protocolNumber: UInt8

    init(_ packet: DecodedPacket) {
      source = packet.source
      destination = packet.destination
      identification = packet.identification
      protocolNumber = packet.source.isIPv4 ? packet.headerProtocol.rawValue : 0
    }

    func hash(seed: UInt64) -> UInt64 {
      let mixed =
        (seed ^ source.low ^ destination.low &* 3 ^ source.high ^ destination.high &* 5
          ^ UInt64(identification) << 24) &* 0x9E37_79B9_7F4A_7C15
      return (mixed ^ mixed >> 32) &* 0xD6E8_FEB8_6659_FD93 >> 16
    }
  }

  struct First: BitwiseCopyable {
    var verdict: Verdict
    var time: Timestamp
    /// The finding that the first fragment was counted in, or -1.
    var finding: Int32 = -1
    var endpoint: Int16 = -1
  }

  /// RFC 8200 section 4.5 gives up after 60 s; identifications come round again after that.
  static var lifetime: Int64 { 60_000_000_000 }

  private var firsts = BoundedTable<Key, First>(capacity: 1 << 12)
  private let seed: UInt64
  /// Firsts that had to give way while their later fragments could still come.
  private(set) var evictions = 0

  init(seed: UInt64) { self.seed = seed }

  mutating func insert(_ packet: DecodedPacket, _ first: First) {
    let key = Key(packet)
    if let displaced = firsts.insert(key, first, hash: key.hash(seed: seed)), isFresh(displaced, first.time) {
      evictions += 1
    }
  }

  mutating func find(_ packet: DecodedPacket, at time: Timestamp) -> First? {
    let key = Key(packet)
    guard let first = firsts.find(key, hash: key.hash(seed: seed)), isFresh(first, time) else { return nil }
    return first
  }

  private func isFresh(_ first: First, _ time: Timestamp) -> Bool {
    // Captures merged from several interfaces may run backwards a little; an overflow is not fresh.
    let (age, overflow) = time.nanoseconds.subtractingReportingOverflow(first.time.nanoseconds)
    return !overflow && abs(age) <= Self.lifetime
  }
}
