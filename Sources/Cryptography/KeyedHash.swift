/// A keyed hash (BLAKE2s, RFC 7693). Without the key, nobody learns anything about the input. Equal inputs stay equal.
package struct KeyedHash: Sendable {
  private let key: [UInt8]

  /// The key may have any length. Only its hash is kept, which has a length that BLAKE2s accepts.
  package init(key: [UInt8]) {
    self.key = BLAKE2s.hash(key)
  }

  /// 32 bytes.
  package func callAsFunction(_ input: [UInt8]) -> [UInt8] { BLAKE2s.hash(input, key: key) }
}
