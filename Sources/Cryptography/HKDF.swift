/// HKDF with SHA-256 (RFC 5869), limited to what QUIC needs: no output is longer than one hash.
package enum HKDF {
  package static let hashLength = 32

  /// HKDF-Extract (section 2.2). Returns 32 bytes.
  package static func extract(salt: [UInt8], _ secret: [UInt8]) -> [UInt8] {
    var code = HMACSHA256(key: salt)
    return code(secret)
  }

  /// Expands a secret to several outputs, each with its own `info` or label.
  package struct Expansion: ~Copyable {
    private var code: HMACSHA256

    package init(of secret: [UInt8]) { code = HMACSHA256(key: secret) }

    /// HKDF-Expand (section 2.3), at most `hashLength` bytes.
    package mutating func callAsFunction(_ info: [UInt8], length: Int) -> [UInt8] {
      // The labels and lengths are constants of QUIC and never come from a packet.
      precondition(length <= hashLength)
      return Array(code(info + [1]).prefix(length))
    }

    /// TLS 1.3's HKDF-Expand-Label with an empty context (RFC 8446 section 7.1), at most `hashLength` bytes.
    package mutating func callAsFunction(label: String, length: Int) -> [UInt8] {
      let label = Array("tls13 \(label)".utf8)
      return self([0, UInt8(length), UInt8(label.count)] + label + [0], length: length)
    }
  }
}
