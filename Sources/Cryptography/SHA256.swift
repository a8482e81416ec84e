/// SHA-256 (FIPS 180-4), of bytes given at once or piece by piece.
package struct SHA256: ~Copyable {
  private var state = HashState(.sha256)

  package init() {}

  package mutating func update(_ bytes: RawSpan) { state.update(bytes) }

  package mutating func update(_ bytes: [UInt8]) { state.update(bytes) }

  /// The hash of all bytes given so far, 32 bytes.
  package consuming func finish() -> [UInt8] { state.finish() }

  /// 32 bytes.
  package static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(bytes)
    return hash.finish()
  }
}
