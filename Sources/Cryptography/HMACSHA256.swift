/// HMAC with SHA-256 (RFC 2104), of one message after the other under one key.
package struct HMACSHA256: ~Copyable {
  private var state: HashState

  /// A key of any length.
  package init(key: [UInt8]) { state = HashState(.hmacSHA256, key: key) }

  /// 32 bytes.
  package mutating func callAsFunction(_ message: [UInt8]) -> [UInt8] {
    state.update(message)
    defer { state.restart() }
    return state.finish()
  }
}
