/// A keyed hash (BLAKE2s, RFC 7693): who has not the key learns nothing of what was hashed, and equal inputs stay equal.
package struct KeyedHash: Sendable {
  private let key: [UInt8]

  /// A key of any length; only what BLAKE2s takes of it, its own hash, is kept.
  package init(key: [UInt8]) {
    self.key = BLAKE2s.hash(key)
  }

  /// 32 bytes.
  package func callAsFunction(_ input: [UInt8]) -> [UInt8] { BLAKE2s.hash(input, key: key) }
}
