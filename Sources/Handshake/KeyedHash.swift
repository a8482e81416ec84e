import CBlake2

/// A keyed hash (BLAKE2s, RFC 7693): who has not the key learns nothing of what was hashed, and equal inputs stay equal.
///
/// Calls libb2, hence `unsafe`: the call gets the address and the length of arrays that outlive it.
package struct KeyedHash: Sendable {
  private let key: [UInt8]

  /// A key of any length; only what BLAKE2s takes of it, its own hash, is kept.
  package init(key: [UInt8]) {
    self.key = Self.hash(key, key: [])
  }

  /// 32 bytes.
  package func callAsFunction(_ input: [UInt8]) -> [UInt8] { Self.hash(input, key: key) }

  private static func hash(_ input: [UInt8], key: [UInt8]) -> [UInt8] {
    var output = [UInt8](repeating: 0, count: 32)
    // It refuses lengths beyond its limits alone, and there are none here.
    _ = unsafe blake2s(&output, input, key, output.count, input.count, key.count)
    return output
  }
}
