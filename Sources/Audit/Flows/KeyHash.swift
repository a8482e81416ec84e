/// The one hash of all tables. Each pair of words is multiplied to twice their width and folded, so that every bit of
/// the key reaches every bit of the result: a client with many ports and many clients with one port fill a table alike.
///
/// The seed differs in every run: a container chooses its own ports and addresses, so it could choose collisions.
struct KeyHash {
  private var state: UInt64

  init(seed: UInt64) { state = seed ^ 0x9E37_79B9_7F4A_7C15 }

  @inline(__always)
  mutating func mix(_ one: UInt64, _ other: UInt64 = 0) {
    state = Self.fold(one ^ 0xD6E8_FEB8_6659_FD93, other ^ state)
  }

  @inline(__always)
  var value: UInt64 { Self.fold(state ^ 0xBF58_476D_1CE4_E5B9, 0x94D0_49BB_1331_11EB) }

  @inline(__always)
  private static func fold(_ one: UInt64, _ other: UInt64) -> UInt64 {
    let product = one.multipliedFullWidth(by: other)
    return product.high ^ product.low
  }
}

/// A key of a hash table.
protocol TableKey: Hashable, BitwiseCopyable {
  func mix(into hash: inout KeyHash)

  /// The hash that `KeyHash` makes; tests choose collisions.
  func hash(seed: UInt64) -> UInt64
}

extension TableKey {
  @inline(__always)
  func hash(seed: UInt64) -> UInt64 {
    var hash = KeyHash(seed: seed)
    mix(into: &hash)
    return hash.value
  }
}
