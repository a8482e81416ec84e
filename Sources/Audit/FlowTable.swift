import Wire

/// What tells a flow from others: the five-tuple as it was seen going out. For ICMP echo both ports are
/// the identifier; for protocols without ports they are zero (semantics 1, direction rule 4).
///
/// A flow that is only half known would match others: it has no key.
struct FlowKey: Hashable, Sendable, BitwiseCopyable {
  var source: IPAddress
  var destination: IPAddress
  var sourcePort: UInt16
  var destinationPort: UInt16
  var protocolNumber: IPProtocol
  /// An echo of identifier zero is not the rest of ICMP.
  var isEcho: Bool

  /// Nil where ports or identifier are cut off or in another fragment, and for ICMP errors, whose flow is
  /// the one that they quote.
  init?(_ packet: DecodedPacket) {
    switch packet.protocolNumber {
    case .tcp, .udp, .udpLite, .sctp, .dccp:
      guard packet.hasPorts else { return nil }
      isEcho = false
    case .icmp, .icmpv6:
      guard packet.transport == .header, !ICMPType.isError(packet.flagsOrType, packet.protocolNumber) else {
        return nil
      }
      isEcho = ICMPType.isEcho(packet.flagsOrType, packet.protocolNumber)
    default:
      guard packet.transport != .unknownProtocol else { return nil }
      isEcho = false
    }
    source = packet.source
    destination = packet.destination
    sourcePort = packet.sourcePort
    destinationPort = packet.destinationPort
    protocolNumber = packet.protocolNumber
  }

  /// The same flow as its answers show it.
  var reversed: Self {
    var key = self
    (key.source, key.destination) = (destination, source)
    (key.sourcePort, key.destinationPort) = (destinationPort, sourcePort)
    return key
  }

  func hash(seed: UInt64) -> UInt64 {
    let ports = UInt64(sourcePort) << 24 | UInt64(destinationPort) << 8 | UInt64(protocolNumber.rawValue)
    var mixed = seed ^ source.low &* 0x9E37_79B9_7F4A_7C15
    mixed = (mixed ^ mixed >> 29 ^ source.high) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 31 ^ destination.low) &* 0x94D0_49BB_1331_11EB
    mixed = (mixed ^ mixed >> 30 ^ destination.high ^ ports << 20) &* 0xD6E8_FEB8_6659_FD93
    return mixed ^ mixed >> 32
  }
}

/// Keys seen before, in bounded memory: a full neighbourhood gives up its least recently used key, and
/// counts that. A container chooses its own ports, so the hash has a seed of its own in every run.
///
/// Shared by the flows that went out and by the first fragments of datagrams; both are small tables of
/// fixed-size keys and values that must never grow with the traffic.
struct BoundedTable<Key: Hashable & BitwiseCopyable, Value: BitwiseCopyable>: ~Copyable {
  private struct Slot: BitwiseCopyable {
    var key: Key
    var value: Value
    /// Zero is an empty slot.
    var lastUse: UInt64
  }

  static var neighbourhood: Int { 8 }

  private let capacity: Int
  private var slots: [Slot] = []
  private var clock: UInt64 = 0
  private(set) var evictions = 0

  /// `capacity` is a power of two. Memory is taken with the first insertion: most audits need none.
  init(capacity: Int) { self.capacity = capacity }

  mutating func find(_ key: Key, hash: UInt64) -> Value? {
    guard !slots.isEmpty else { return nil }
    for step in 0..<Self.neighbourhood {
      let index = Int(truncatingIfNeeded: hash &+ UInt64(step)) & (capacity - 1)
      if slots[index].lastUse != 0, slots[index].key == key {
        clock += 1
        slots[index].lastUse = clock
        return slots[index].value
      }
    }
    return nil
  }

  /// Sets the value of a key. Returns the value that had to give way, if one had.
  @discardableResult
  mutating func insert(_ key: Key, _ value: Value, hash: UInt64) -> Value? {
    clock += 1
    if slots.isEmpty {
      slots = Array(repeating: Slot(key: key, value: value, lastUse: 0), count: capacity)
    }
    var victim = Int(truncatingIfNeeded: hash) & (capacity - 1)
    for step in 0..<Self.neighbourhood {
      let index = Int(truncatingIfNeeded: hash &+ UInt64(step)) & (capacity - 1)
      if slots[index].lastUse != 0, slots[index].key == key {
        slots[index].value = value
        slots[index].lastUse = clock
        return nil
      }
      if slots[index].lastUse < slots[victim].lastUse { victim = index }
    }
    let displaced = slots[victim].lastUse != 0 ? slots[victim].value : nil
    if displaced != nil { evictions += 1 }
    slots[victim] = Slot(key: key, value: value, lastUse: clock)
    return displaced
  }
}

/// Flows that were seen going out from one public address to another.
struct FlowTable: ~Copyable {
  private var flows = BoundedTable<FlowKey, UInt8>(capacity: 1 << 16)
  private let seed: UInt64
  /// Bulk comes in runs of one flow.
  private var latest: FlowKey?

  init(seed: UInt64) { self.seed = seed }

  /// How many flows were forgotten; the answers of a forgotten flow count as egress.
  var evictions: Int { flows.evictions }
  /// How often a flow was asked for and not known after others had been forgotten: it may have been one of them.
  private(set) var doubts = 0

  mutating func insert(_ key: FlowKey) {
    if latest == key { return }
    latest = key
    flows.insert(key, 0, hash: key.hash(seed: seed))
  }

  mutating func contains(_ key: FlowKey) -> Bool {
    if latest == key || flows.find(key, hash: key.hash(seed: seed)) != nil { return true }
    if evictions > 0 { doubts += 1 }
    return false
  }
}
