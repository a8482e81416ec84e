import Cryptography
import TestSupport
import Testing

/// RFC 7693 appendix B, and the known answers of BLAKE2's authors (testvectors/blake2s-kat.txt), whose key and inputs
/// count up from zero.
@Suite struct BLAKE2sTests {
  @Test func `hashes without a key`() {
    #expect(
      BLAKE2s.hash(Array("abc".utf8))
        == hexadecimal("508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982"))
    #expect(
      BLAKE2s.hash([]) == hexadecimal("69217a3079908094e11121d042354a7c1f55b6482ca1a51e1b250dfd1ed0eef9"))
  }

  @Test(arguments: [
    (0, "48a8997da407876b3d79c0d92325ad3b89cbb754d86ab71aee047ad345fd2c49"),
    (1, "40d15fee7c328830166ac3f918650f807e7e01e177258cdc0a39b11f598066f1"),
    (64, "8975b0577fd35566d750b362b0897a26c399136df07bababbde6203ff2954ed4"),
    (65, "21fe0ceb0052be7fb0f004187cacd7de67fa6eb0938d927677f2398c132317a8"),
    (255, "3fb735061abc519dfe979e54c1ee5bfad0a9d858b3315bad34bde999efd724dd"),
  ])
  func `hashes under a key`(_ length: Int, _ expected: String) {
    let input = (0..<length).map { UInt8($0) }
    #expect(BLAKE2s.hash(input, key: (0..<32).map { UInt8($0) }) == hexadecimal(expected))
  }

  /// A key of any length: BLAKE2s is keyed with the key's hash.
  @Test(arguments: [0, 1, 32, 33, 1000])
  func `a keyed hash takes a key of any length`(_ length: Int) {
    let hash = KeyedHash(key: filler(length))
    #expect(hash([1, 2, 3]) == BLAKE2s.hash([1, 2, 3], key: BLAKE2s.hash(filler(length))))
    #expect(hash([1, 2, 3]) != hash([1, 2]))
    #expect(hash([1, 2, 3]) != KeyedHash(key: filler(length + 1))([1, 2, 3]))
  }
}
