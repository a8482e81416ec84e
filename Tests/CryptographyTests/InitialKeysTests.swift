import Cryptography
import TestSupport
import Testing

/// RFC 9001 appendix A and RFC 9369 appendix A.
@Suite struct InitialKeysTests {
  private static let version2: UInt32 = 0x6B33_43CF

  private func open(_ packet: [UInt8], version: UInt32, destination: [UInt8] = QUICSample.destination) -> [UInt8]? {
    InitialKeys(version: version, destinationConnectionID: destination)?
      .open(packet.rawSpan, packetNumberOffset: QUICSample.packetNumberOffset)
  }

  @Test func `opens the standards' packets of both versions`() {
    let expected = QUICSample.payload + filler(1162 - QUICSample.payload.count, 0)
    #expect(open(QUICSample.version1, version: 1) == expected)
    #expect(open(QUICSample.version2, version: Self.version2) == expected)
  }

  @Test func `opens the packets of drafts under their own salts`() {
    let expected = QUICSample.payload + filler(1162 - QUICSample.payload.count, 0)
    #expect(open(QUICSample.draft29, version: 0xFF00_001D) == expected)
    #expect(open(QUICSample.draft27, version: 0xFF00_001B) == expected)
    #expect(open(QUICSample.draft27, version: 0xFF00_001D) == nil)
    #expect(open(QUICSample.version1, version: 0xFF00_0022) == expected)
    for version in [0xFF00_0016, 0xFF00_0023] as [UInt32] {
      #expect(InitialKeys(version: version, destinationConnectionID: QUICSample.destination) == nil)
    }
  }

  @Test func `opens nothing under another version, another connection or the server's keys`() {
    #expect(open(QUICSample.version1, version: Self.version2) == nil)
    #expect(open(QUICSample.version2, version: 1) == nil)
    #expect(open(QUICSample.version1, version: 1, destination: filler(8)) == nil)
    #expect(open(QUICSample.serverPacket, version: 1) == nil)
    #expect(InitialKeys(version: 2, destinationConnectionID: QUICSample.destination) == nil)
  }

  @Test func `opens nothing that was changed in a single bit`() {
    var random = SeededGenerator()
    for _ in 0..<500 {
      var packet = QUICSample.version1
      let bit = Int.random(in: 0..<packet.count * 8, using: &random)
      packet[bit / 8] ^= 1 << (bit % 8)
      #expect(open(packet, version: 1) == nil, "bit \(bit), seed \(random.seed)")
    }
  }

  @Test func `opens no prefix`() {
    for count in 0..<QUICSample.version1.count {
      #expect(open(Array(QUICSample.version1.prefix(count)), version: 1) == nil, "\(count) bytes")
    }
  }
}
