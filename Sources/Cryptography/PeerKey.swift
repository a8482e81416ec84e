/// A peer's static public key, with which an onlooker can check whom a handshake message is meant for.
///
/// Every handshake message ends in `mac1`, a BLAKE2s with a key that is derived only from the receiver's public key
/// (WireGuard whitepaper section 5.4.4):
///
///     mac1 = MAC(HASH("mac1----" ‖ public key), message up to mac1)
///
/// So the configured peer can be told from any other without a secret. It does not prove who *sent* the message.
///
/// `unsafe` because only that copies a span. Sound: the copy is made while the span is borrowed.
package struct PeerKey: Sendable {
  package static let length = 32
  /// The offset of `mac1` in a handshake initiation and in a response (whitepaper 5.4.2, 5.4.3), and its length.
  package static let initiationMACOffset = 116
  package static let responseMACOffset = 60
  private static let macLength = 16

  private let macKey: [UInt8]

  /// Nil unless the key has 32 bytes.
  package init?(publicKey: [UInt8]) {
    guard publicKey.count == Self.length else { return nil }
    macKey = BLAKE2s.hash(Array("mac1----".utf8) + publicKey)
  }

  /// Whether a handshake message is meant for this peer. The message starts with its type byte. Nil if it was not
  /// captured up to the end of its mac1.
  ///
  /// With `ignoresReserved` the reserved bytes count as zero: clients that use these bytes compute mac1 that way.
  package func authenticates(
    _ handshake: RawSpan, macOffset: Int = initiationMACOffset, ignoresReserved: Bool = true
  ) -> Bool? {
    let end = macOffset + Self.macLength
    guard handshake.byteCount >= end else { return nil }
    var message = unsafe handshake.withUnsafeBytes { unsafe Array($0.prefix(end)) }
    if ignoresReserved { for index in 1..<4 { message[index] = 0 } }
    let mac = message.suffix(Self.macLength)
    return mac.elementsEqual(BLAKE2s.hash(Array(message.prefix(macOffset)), key: macKey, .bytes16))
  }
}
