/// Remembers keys in bounded memory: a full neighbourhood evicts its least recently used key, and counts that. A
/// container chooses its own ports, so the hash has a new seed in every run.
///
/// For keys and values of a fixed size that must never grow with the traffic.
struct BoundedTable<Key: TableKey, Value: BitwiseCopyable>: ~Copyable {
  private struct Slot: BitwiseCopyable {
    var key: Key
    var value: Value
    /// Zero is an empty slot.
    var lastUse: UInt64
  }

  static var neighbourhood: Int { 8 }

  private let capacity: Int
  private let seed: UInt64
  private var slots: [Slot] = []
  private var clock: UInt64 = 0
  private(set) var evictions = 0

  /// `capacity` is a power of two. Memory is allocated at the first insertion: most audits need none.
  init(capacity: Int, seed: UInt64) {
    self.capacity = capacity
    self.seed = seed
  }

  /// How many slots hold a key.
  var count: Int { slots.count { $0.lastUse != 0 } }

  mutating func find(_ key: Key) -> Value? {
    guard !slots.isEmpty else { return nil }
    let hash = key.hash(seed: seed)
    for step in 0..<Self.neighbourhood {
      let index = Int(truncatingIfNeeded: hash &+ UInt64(step)) & (capacity - 1)
      if slots[index].lastUse != 0, slots[index].key == key {
        clock &+= 1
        slots[index].lastUse = clock
        return slots[index].value
      }
    }
    return nil
  }

  /// Sets the value of a key. Returns the value that was evicted, if any.
  @discardableResult
  mutating func insert(_ key: Key, _ value: Value) -> Value? {
    let hash = key.hash(seed: seed)
    clock &+= 1
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
