import Audit
import TestSupport
import Testing
import Wire

/// The packets are the standards' own; a hello of several is in the recorded captures.
@Suite struct LeakQUICNamesTests {
  private func details(_ datagrams: [[UInt8]], ports: [Int] = [40_000]) -> [LeakDetail] {
    var result: [LeakDetail] = []
    let frames = datagrams.enumerated().map { index, payload in
      SampleFrame(udpPacket("\(Sample.container):\(ports[index % ports.count])", "203.0.113.7:443", payload))
    }
    _ = audit(frames) { auditor in
      result = auditor.summary(ConclusionRules()).findings.flatMap(\.details.elements)
    }
    return result
  }

  private let named = [LeakDetail(.serverName, "example.com")]

  @Test func `names the server of both versions`() {
    #expect(details([QUICSample.version1]) == named)
    #expect(details([QUICSample.version2]) == named)
  }

  @Test func `names the server for drafts that are still in use`() {
    #expect(details([QUICSample.draft29]) == named)
    #expect(details([QUICSample.draft27]) == named)
    // The version decides which keys sealed it.
    #expect(
      details([[QUICSample.draft29[0]] + bigEndian(UInt32(0xFF00_001B)) + QUICSample.draft29.dropFirst(5)]).isEmpty)
  }

  @Test func `names the server of a packet after others in the datagram`() {
    let handshake: [UInt8] = [0xE0, 0, 0, 0, 1, 0, 0, 4, 1, 2, 3, 4]
    #expect(details([handshake + QUICSample.version1]) == named)
    #expect(details([QUICSample.serverPacket + QUICSample.version1]) == named)
  }

  @Test func `names the server of a new connection from the same port`() {
    #expect(details([QUICSample.version1, QUICSample.version2]) == named)
  }

  @Test func `a packet not sealed by a client names no server`() {
    var damaged = QUICSample.version1
    damaged[600] ^= 1
    #expect(details([damaged]).isEmpty)
    #expect(details([QUICSample.serverPacket]).isEmpty)
    #expect(details([Array(QUICSample.version1.prefix(1199))]).isEmpty)
  }
}
