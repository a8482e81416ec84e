/// A peer's static public key, as far as an onlooker can use it: whom a handshake message is meant for.
///
/// Every handshake message ends in `mac1`, a BLAKE2s under a key that is made of the receiver's public key alone
/// (WireGuard whitepaper section 5.4.4):
///
///     mac1 = MAC(HASH("mac1----" ‖ public key), message up to mac1)
///
/// So the configured peer can be told from any other without a secret. It is no proof of who *sent* the message.
package struct PeerKey: Sendable {
  package static let length = 32
  /// Where `mac1` stands in a handshake initiation and in a response (whitepaper 5.4.2, 5.4.3), and how long it is.
  package static let initiationMACOffset = 116
  package static let responseMACOffset = 60
  private static let macLength = 16

  private let macKey: [UInt8]

  /// Nil unless the key has 32 bytes.
  package init?(publicKey: [UInt8]) {
    guard publicKey.count == Self.length else { return nil }
    macKey = BLAKE2s.hash(Array("mac1----".utf8) + publicKey)
  }

  /// Whether a handshake message, given from its type byte on, is meant for this peer. Nil if it was not captured
  /// as far as the end of its mac1.
  ///
  /// With `ignoresReserved` the reserved bytes count as zero: clients that use them compute their mac1 so.
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
