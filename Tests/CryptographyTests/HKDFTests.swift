import Cryptography
import TestSupport
import Testing

@Suite struct HKDFTests {
  /// RFC 4231 section 4: cases 1, 2, 6 and 7.
  private static let texts: [([UInt8], String, String)] = [
    (filler(20, 0x0B), "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"),
    (
      Array("Jefe".utf8), "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ),
    (
      filler(131, 0xAA), "Test Using Larger Than Block-Size Key - Hash Key First",
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
    ),
    (
      filler(131, 0xAA),
      """
      This is a test using a larger than block-size key and a larger than block-size data. \
      The key needs to be hashed before being used by the HMAC algorithm.
      """, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"
    ),
  ]

  @Test(arguments: texts) func `authenticates text`(_ key: [UInt8], _ message: String, _ expected: String) {
    var code = HMACSHA256(key: key)
    let first = code(Array(message.utf8))
    let other = code([])
    let second = code(Array(message.utf8))
    #expect(first == hexadecimal(expected))
    #expect(second == first && other != first, "the key stays, the message does not")
  }

  /// Cases 3 and 4.
  @Test func `authenticates bytes`() {
    var code = HMACSHA256(key: filler(20, 0xAA))
    let third = code(filler(50, 0xDD))
    #expect(third == hexadecimal("773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"))
    var other = HMACSHA256(key: (1...25).map { UInt8($0) })
    let fourth = other(filler(50, 0xCD))
    #expect(fourth == hexadecimal("82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"))
  }

  struct Example: Sendable {
    let secret: [UInt8]
    let salt: [UInt8]
    let info: [UInt8]
    let extracted: String
    let expanded: String
  }

  /// RFC 5869 appendix A.1 to A.3: the first hash of the output.
  private static let examples = [
    Example(
      secret: filler(22, 0x0B), salt: (0...0x0C).map { UInt8($0) }, info: (0xF0...0xF9).map { UInt8($0) },
      extracted: "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
      expanded: "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf"),
    Example(
      secret: (0...0x4F).map { UInt8($0) }, salt: (0x60...0xAF).map { UInt8($0) },
      info: (0xB0...0xFF).map { UInt8($0) },
      extracted: "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
      expanded: "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c"),
    Example(
      secret: filler(22, 0x0B), salt: [], info: [],
      extracted: "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
      expanded: "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"),
  ]

  @Test(arguments: examples) func `extracts and expands`(_ example: Example) {
    let extracted = HKDF.extract(salt: example.salt, example.secret)
    #expect(extracted == hexadecimal(example.extracted))
    var expansion = HKDF.Expansion(of: extracted)
    let whole = expansion(example.info, length: 32)
    let short = expansion(example.info, length: 12)
    #expect(whole == hexadecimal(example.expanded))
    #expect(short == Array(whole.prefix(12)))
  }

  /// RFC 9001 appendix A.1.
  @Test func `expands the labels of QUIC`() {
    let initial = HKDF.extract(salt: hexadecimal("38762cf7f55934b34d179ae6a4c80cadccbb7f0a"), QUICSample.destination)
    #expect(initial == hexadecimal("7db5df06e7a69e432496adedb00851923595221596ae2ae9fb8115c1e9ed0a44"))
    var secrets = HKDF.Expansion(of: initial)
    let secret = secrets(label: "client in", length: 32)
    #expect(secret == hexadecimal("c00cf151ca5be075ed0ebfb5c80323c42d6b7db67881289af4008f1f6c357aea"))
    var client = HKDF.Expansion(of: secret)
    let key = client(label: "quic key", length: 16)
    let vector = client(label: "quic iv", length: 12)
    let headerKey = client(label: "quic hp", length: 16)
    #expect(key == hexadecimal("1f369613dd76d5467730efcbe3b1a22d"))
    #expect(vector == hexadecimal("fa044b2f42a3fd3b46fb255c"))
    #expect(headerKey == hexadecimal("9f50449e04a0e810283a1e9933adedd2"))
  }
}
