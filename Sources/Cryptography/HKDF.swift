/// HKDF with SHA-256 (RFC 5869), as far as QUIC needs it: no output is longer than one hash.
package enum HKDF {
  package static let hashLength = 32

  /// 32 bytes (section 2.2).
  package static func extract(salt: [UInt8], _ secret: [UInt8]) -> [UInt8] {
    var code = HMACSHA256(key: salt)
    return code(secret)
  }

  /// What a secret expands to, each under another name.
  package struct Expansion: ~Copyable {
    private var code: HMACSHA256

    package init(of secret: [UInt8]) { code = HMACSHA256(key: secret) }

    /// At most `hashLength` bytes (section 2.3).
    package mutating func callAsFunction(_ info: [UInt8], length: Int) -> [UInt8] {
      // The names and lengths are QUIC's own, never a packet's.
      precondition(length <= hashLength)
      return Array(code(info + [1]).prefix(length))
    }

    /// HKDF-Expand-Label of TLS 1.3 with an empty context (RFC 8446 section 7.1), at most `hashLength` bytes.
    package mutating func callAsFunction(label: String, length: Int) -> [UInt8] {
      let label = Array("tls13 \(label)".utf8)
      return self([0, UInt8(length), UInt8(label.count)] + label + [0], length: length)
    }
  }
}
