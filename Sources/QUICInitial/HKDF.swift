import CNettle

/// HKDF with SHA-256 (RFC 5869), as far as QUIC needs it: no output is longer than one hash.
enum HKDF {
  static let hashLength = 32

  static func extract(salt: [UInt8], _ secret: [UInt8]) -> [UInt8] { hmac(key: salt, secret) }

  /// HKDF-Expand-Label of TLS 1.3 with an empty context (RFC 8446 section 7.1), at most `hashLength` bytes.
  static func expandLabel(_ secret: [UInt8], _ label: String, length: Int) -> [UInt8] {
    let label = Array("tls13 \(label)".utf8)
    let description = [0, UInt8(length), UInt8(label.count)] + label + [0]
    return Array(hmac(key: secret, description + [1]).prefix(length))
  }

  private static func hmac(key: [UInt8], _ message: [UInt8]) -> [UInt8] {
    var context = hmac_sha256_ctx()
    var digest = [UInt8](repeating: 0, count: hashLength)
    unsafe nettle_hmac_sha256_set_key(&context, key.count, key)
    unsafe nettle_hmac_sha256_update(&context, message.count, message)
    unsafe nettle_hmac_sha256_digest(&context, digest.count, &digest)
    return digest
  }
}
