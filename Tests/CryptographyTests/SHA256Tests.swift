import Cryptography
import TestSupport
import Testing

/// NIST's examples for FIPS 180-4.
@Suite struct SHA256Tests {
  private static let million = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"

  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func `hashes the standard's messages`(_ message: String, _ expected: String) {
    #expect(SHA256.hash(Array(message.utf8)) == hexadecimal(expected))
  }

  @Test(arguments: [1, 63, 64, 65, 4096, 1_000_000])
  func `hashes pieces as the whole`(_ length: Int) {
    let piece = filler(length, UInt8(ascii: "a"))
    var hash = SHA256()
    var rest = 1_000_000
    while rest > 0 {
      hash.update(piece.rawSpan.extracting(first: rest))
      rest -= length
    }
    let digest = hash.finish()
    #expect(digest == hexadecimal(Self.million))
  }

  @Test func `hashes the empty message without any piece`() {
    #expect(SHA256().finish() == SHA256.hash([]))
    var hash = SHA256()
    hash.update(RawSpan())
    hash.update([])
    let digest = hash.finish()
    #expect(digest == SHA256.hash([]))
  }

  @Test func `hashes in many threads at once`() async {
    let digests = await withTaskGroup(of: [UInt8].self) { group in
      for _ in 0..<64 { group.addTask { SHA256.hash(filler(1_000_000, UInt8(ascii: "a"))) } }
      return await group.reduce(into: []) { $0.insert($1) } as Set<[UInt8]>
    }
    #expect(digests == [hexadecimal(Self.million)])
  }
}
