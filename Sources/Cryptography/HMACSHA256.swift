/// HMAC with SHA-256 (RFC 2104), for several messages, one after the other, with the same key.
package struct HMACSHA256: ~Copyable {
  private var state: HashState

  /// The key may have any length.
  package init(key: [UInt8]) { state = HashState(.hmacSHA256, key: key) }

  /// The message's code, 32 bytes.
  package mutating func callAsFunction(_ message: [UInt8]) -> [UInt8] {
    state.update(message)
    defer { state.restart() }
    return state.finish()
  }
}
