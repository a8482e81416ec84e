import Cryptography
import TestSupport
import Testing

@Suite struct AES128Tests {
  /// FIPS 197 appendix C.1, and the header's mask of RFC 9001 appendix A.2.
  @Test func `enciphers a block`() {
    #expect(
      AES128.encrypt(block: hexadecimal("00112233445566778899aabbccddeeff"), key: (0..<16).map { UInt8($0) })
        == hexadecimal("69c4e0d86a7b0430d8cdb78070b4c55a"))
    let mask = AES128.encrypt(
      block: hexadecimal("d1b1c98dd7689fb8ec11d242b123dc9b"), key: hexadecimal("9f50449e04a0e810283a1e9933adedd2"))
    #expect(mask.map { Array($0.prefix(5)) } == hexadecimal("437b9aec36"))
  }

  @Test func `input that the library refuses does not end the program`() {
    for length in [0, 1, 15, 17, 33] {
      let key = filler(length, 7)
      #expect(AES128.encrypt(block: filler(16, 0), key: key) == nil)
      #expect(AES128.open([1], tag: filler(16, 0), key: key, nonce: filler(12, 0), header: []) == nil)
    }
    #expect(AES128.encrypt(block: filler(15, 0), key: filler(16, 0)) == nil)
    #expect(AES128.open([1], tag: filler(3, 0), key: filler(16, 0), nonce: filler(12, 0), header: []) == nil)
    #expect(AES128.open([1], tag: filler(16, 0), key: filler(16, 0), nonce: [], header: []) == nil)
  }

  /// Test cases 1 and 4 of McGrew and Viega's paper on GCM (appendix B).
  @Test func `opens what was sealed`() {
    let empty = AES128.open(
      [], tag: hexadecimal("58e2fccefa7e3061367f1d57a4e7455a"), key: filler(16, 0), nonce: filler(12, 0), header: [])
    #expect(empty == [])
    let opened = open()
    #expect(
      opened
        == hexadecimal(
          """
          d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72
          1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39
          """))
  }

  @Test func `opens nothing with another tag, header or content`() {
    #expect(open { sealed, _, _ in sealed[59] ^= 1 } == nil)
    #expect(open { _, tag, _ in tag[15] ^= 0x80 } == nil)
    #expect(open { _, _, header in header[0] ^= 1 } == nil)
    #expect(open { _, _, header in header.removeLast() } == nil)
  }

  private func open(
    _ change: (inout [UInt8], inout [UInt8], inout [UInt8]) -> Void = { _, _, _ in }
  ) -> [UInt8]? {
    var sealed = hexadecimal(
      """
      42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e
      21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091
      """)
    var tag = hexadecimal("5bc94fbc3221a5db94fae95ae7121a47")
    var header = hexadecimal("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    change(&sealed, &tag, &header)
    return AES128.open(
      sealed, tag: tag, key: hexadecimal("feffe9928665731c6d6a8f9467308308"),
      nonce: hexadecimal("cafebabefacedbaddecaf888"), header: header)
  }
}
