import TestSupport
import Testing
import Wire

@Suite struct QUICPacketTests {
  private func header(_ datagram: [UInt8], at offset: Int = 0) -> QUICLongHeader? {
    QUICLongHeader(datagram.rawSpan, at: offset)
  }

  private func pieces(_ payload: [UInt8]) -> [QUICCryptoFrames.Piece] { QUICCryptoFrames(payload.rawSpan).list }

  @Test func `reads the header of both versions`() throws {
    for (packet, version) in [
      (QUICSample.version1, QUICLongHeader.version1), (QUICSample.version2, QUICLongHeader.version2),
    ] {
      let header = try #require(self.header(packet))
      #expect(header.version == version && header.kind == .initial)
      #expect(Array(packet[header.destination]) == QUICSample.destination)
      #expect(header.packetNumberOffset == 18 && header.end == 1200)
    }
  }

  @Test func `reads the header of drafts from 23 to 34, and no prefix of one`() throws {
    for version in 0xFF00_0000...0xFF00_0030 as ClosedRange<UInt32> {
      let packet = [QUICSample.draft29[0]] + bigEndian(version) + QUICSample.draft29.dropFirst(5)
      let header = self.header(packet)
      #expect((header != nil) == (0xFF00_0017...0xFF00_0022).contains(version), "\(version)")
      #expect(header.map { $0.kind == .initial && $0.version == version } ?? true)
    }
    for count in 0..<1200 { #expect(self.header(Array(QUICSample.draft29.prefix(count))) == nil) }
  }

  @Test func `finds the packet after another in a datagram`() throws {
    let datagram = QUICSample.version1 + QUICSample.version2
    let header = try #require(self.header(datagram, at: 1200))
    #expect(header.version == QUICLongHeader.version2 && header.destination == 1206..<1214 && header.end == 2400)
  }

  @Test func `reads no prefix, no other version and no Retry`() {
    for count in 0..<1200 { #expect(self.header(Array(QUICSample.version1.prefix(count))) == nil) }
    for (offset, byte) in [(0, UInt8(0x40)), (0, 0xF0), (1, 1), (4, 0), (4, 2), (5, 21)] {
      var packet = QUICSample.version1
      packet[offset] = byte
      #expect(self.header(packet) == nil, "\(byte) at \(offset)")
    }
    for offset in [-1, 1200, 1201] { #expect(self.header(QUICSample.version1, at: offset) == nil) }
  }

  @Test func `distinguishes 0-RTT and Handshake from Initial packets in both versions`() {
    let rest: [UInt8] = [0, 0, 4, 1, 2, 3, 4]
    for (first, version, kind) in [
      (UInt8(0xD0), UInt32(1), QUICLongHeader.Kind.zeroRTT), (0xE0, 1, .handshake), (0xE0, 0x6B33_43CF, .zeroRTT),
      (0xF0, 0x6B33_43CF, .handshake),
    ] {
      let packet = [first] + bigEndian(version) + rest
      #expect(self.header(packet)?.kind == kind)
    }
  }

  @Test func `collects the pieces among acknowledgements, pings and padding`() {
    let payload: [UInt8] =
      [0, 1, 2, 5, 0, 1, 2, 0, 1] + [6, 0x40, 100, 3, 7, 8, 9] + [3, 5, 0, 0, 2, 1, 1, 1] + [6, 0, 1, 0xAA, 0, 0]
    #expect(
      pieces(payload).map(\.offset) == [100, 0])
    #expect(pieces(payload).map(\.range) == [13..<16, 27..<28])
  }

  @Test func `stops at what is cut or does not belong there`() {
    let frame: [UInt8] = [6, 0, 2, 1, 2]
    for count in 0..<frame.count { #expect(pieces(Array(frame.prefix(count))).isEmpty) }
    for other: [UInt8] in [[0x1C, 0], [8, 0, 1], [2, 0, 0, 0x7F, 0xFF, 0], [0xFF]] {
      #expect(pieces((frame + other + frame)).count == 1, "\(other)")
    }
  }
}
