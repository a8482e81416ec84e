/// The keys with which a QUIC client sends its Initial packets (RFC 9001 section 5.2, RFC 9369 section 3.3). They are
/// derived from the destination connection id, which the client's first packet carries in clear, so every onlooker has
/// them. They distinguish real packets from damaged ones and hide nothing.
///
/// `unsafe` because only that copies a span. Sound: the copy is made while the span is borrowed.
package struct InitialKeys: Sendable {
  private let key: [UInt8]
  private let vector: [UInt8]
  private let headerKey: [UInt8]

  private static let tagLength = 16

  /// Nil for an unknown version.
  package init?(version: UInt32, destinationConnectionID: [UInt8]) {
    let salt: [UInt8]
    let prefix: String
    switch version {
    // Drafts 33 and 34 use the standard's salt; earlier ones their own (draft-ietf-quic-tls-23 and -29, section 5.2).
    case 1, 0xFF00_0021...0xFF00_0022:
      salt = [
        0x38, 0x76, 0x2C, 0xF7, 0xF5, 0x59, 0x34, 0xB3, 0x4D, 0x17, 0x9A, 0xE6, 0xA4, 0xC8, 0x0C, 0xAD, 0xCC, 0xBB,
        0x7F, 0x0A,
      ]
      prefix = "quic "
    case 0x6B33_43CF:
      salt = [
        0x0D, 0xED, 0xE3, 0xDE, 0xF7, 0x00, 0xA6, 0xDB, 0x81, 0x93, 0x81, 0xBE, 0x6E, 0x26, 0x9D, 0xCB, 0xF9, 0xBD,
        0x2E, 0xD9,
      ]
      prefix = "quicv2 "
    case 0xFF00_001D...0xFF00_0020:
      salt = [
        0xAF, 0xBF, 0xEC, 0x28, 0x99, 0x93, 0xD2, 0x4C, 0x9E, 0x97, 0x86, 0xF1, 0x9C, 0x61, 0x11, 0xE0, 0x43, 0x90,
        0xA8, 0x99,
      ]
      prefix = "quic "
    case 0xFF00_0017...0xFF00_001C:
      salt = [
        0xC3, 0xEE, 0xF7, 0x12, 0xC7, 0x2E, 0xBB, 0x5A, 0x11, 0xA7, 0xD2, 0x43, 0x2B, 0xB4, 0x63, 0x65, 0xBE, 0xF9,
        0xF5, 0x02,
      ]
      prefix = "quic "
    default: return nil
    }
    let initial = HKDF.extract(salt: salt, destinationConnectionID)
    var secrets = HKDF.Expansion(of: initial)
    var client = HKDF.Expansion(of: secrets(label: "client in", length: 32))
    key = client(label: prefix + "key", length: 16)
    vector = client(label: prefix + "iv", length: 12)
    headerKey = client(label: prefix + "hp", length: 16)
  }

  /// Removes the protection of a packet (RFC 9001 sections 5.3 and 5.4) and returns the frames in it. `packet` is the
  /// packet from its first byte to its end. Nil if it was not sealed with these keys.
  ///
  /// The packet number is used as written: the numbers of a client's first packets fit without being truncated.
  package func open(_ packet: RawSpan, packetNumberOffset: Int) -> [UInt8]? {
    let sampleOffset = packetNumberOffset + 4
    guard packetNumberOffset > 0, sampleOffset + AES128.blockLength <= packet.byteCount else { return nil }
    var bytes = unsafe packet.withUnsafeBytes { unsafe Array($0) }
    // RFC 9001 section 5.4.3.
    let sample = Array(bytes[sampleOffset..<sampleOffset + AES128.blockLength])
    guard let mask = AES128.encrypt(block: sample, key: headerKey) else { return nil }
    bytes[0] ^= mask[0] & 0x0F
    let numberLength = Int(bytes[0] & 3) + 1
    var nonce = vector
    for index in 0..<numberLength {
      bytes[packetNumberOffset + index] ^= mask[1 + index]
      nonce[12 - numberLength + index] ^= bytes[packetNumberOffset + index]
    }
    let headerLength = packetNumberOffset + numberLength
    guard bytes.count >= headerLength + Self.tagLength else { return nil }
    return AES128.open(
      Array(bytes[headerLength..<bytes.count - Self.tagLength]), tag: Array(bytes.suffix(Self.tagLength)), key: key,
      nonce: nonce, header: Array(bytes[..<headerLength]))
  }
}
