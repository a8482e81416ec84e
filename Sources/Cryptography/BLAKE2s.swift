/// BLAKE2s (RFC 7693), the hash that WireGuard uses.
package enum BLAKE2s {
  package enum Length: Sendable {
    case bytes16, bytes32
  }

  /// - Parameter key: at most 32 bytes; without it, the result is a plain hash.
  package static func hash(_ input: [UInt8], key: [UInt8] = [], _ length: Length = .bytes32) -> [UInt8] {
    let kind: HashState.Kind = length == .bytes16 ? .blake2s128 : .blake2s256
    var state = key.isEmpty ? HashState(kind) : HashState(kind, key: key)
    state.update(input)
    return state.finish()
  }
}
