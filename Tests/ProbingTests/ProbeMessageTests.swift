import TestSupport
import Testing
import Wire

@testable import Probing

/// The audit's own parsers read what the probes send.
struct ProbeMessageTests {
  private static let name = ProbeName(nonce: 0x0123_4567_89AB_CDEF, probe: 9, scenario: 3)
  private static let text = "n0123456789abcdef.p9.s3.drill.test"

  private func bytes(_ message: ProbeMessage, isStream: Bool = false) -> [UInt8] {
    message.bytes(Self.name, isStream: isStream)
  }

  @Test func `every message but a lookup holds the name as text`() {
    for probe in ProbeCatalogue.probes {
      if case .dns = probe.message { continue }
      let message = probe.message.bytes(Self.name, isStream: probe.transport == .tcp)
      #expect(ProbeName.find(in: message) == Self.name, "\(probe.id)")
    }
  }

  @Test func `long datagrams are as large as they say, with the headers of IPv4 and UDP`() throws {
    let large = try #require(ProbeCatalogue.probe(id: "large-udp"))
    let whole = try #require(ProbeCatalogue.probe(id: "large-df-udp"))
    #expect(large.message.bytes(Self.name, isStream: false).count + 28 > 1500)
    #expect(whole.message.bytes(Self.name, isStream: false).count + 28 == 1500)
  }

  @Test func `a lookup asks for the name`() throws {
    let query = bytes(.dns(type: 28))
    let read = DNSQuestions(message: query.view)
    let questions = try #require(read)
    #expect(questions.list.map(\.text) == ["\(Self.text) AAAA"])
    #expect(!questions.isResponse && !questions.isIncomplete && questions.end == query.count)
    #expect(questions.identifier == 0xCDEF)
    #expect(bytes(.dns(type: 28), isStream: true) == prefixed(2, query))
  }

  @Test func `a ClientHello names the attempt as its server`() {
    let hello = bytes(.tls)
    #expect(hello.count == 5 + Int(hello[3]) << 8 + Int(hello[4]))
    guard case .whole(let read) = TLSClientHello.read(records: hello.view) else {
      Issue.record("no hello: \(hello)")
      return
    }
    #expect(read.serverName == Self.text)
  }

  @Test func `a QUIC datagram is an Initial packet of the smallest size`() {
    let datagram = bytes(.quic)
    #expect(datagram.count == 1200)
    let header = QUICLongHeader(datagram.view, at: 0)
    #expect(header?.version == QUICLongHeader.version1 && header?.kind == .initial && header?.end == 1200)
  }

  @Test func `a STUN request names the attempt as its software`() {
    let message = STUNMessage(bytes(.stun).view)
    #expect(message?.software == Self.text)
  }

  @Test func `a BitTorrent handshake has the nonce as its hash`() {
    guard case .whole(let hash) = BitTorrent.read(handshake: bytes(.bitTorrent).view) else {
      Issue.record("no handshake")
      return
    }
    #expect(hash == "0123456789abcdef0123456789abcdef00000000")
    let hashes = BitTorrent.infoHashes(localDiscovery: bytes(.localPeers).view)
    #expect(hashes == [hash])
  }

  @Test func `an NTP request ends with a whole extension field`() {
    let request = bytes(.ntp)
    #expect(request.count == 48 + Int(request[50]) << 8 + Int(request[51]))
    #expect(request.count.isMultiple(of: 4))
  }

  @Test func `the ping of the hash table is one dictionary`() {
    let text = String(decoding: bytes(.distributedHashTable), as: UTF8.self)
    #expect(text == "d1:ad2:id20:leakaudit-drill-nodee1:q4:ping1:t34:\(Self.text)1:y1:qe")
  }

  @Test func `a checksum is that of the standard`() {
    // RFC 1071 section 3.
    #expect(InternetChecksum.of([0x00, 0x01, 0xF2, 0x03, 0xF4, 0xF5, 0xF6, 0xF7]) == ~0xDDF2)
    #expect(InternetChecksum.of([0xFF, 0xFF, 0x01]) == ~0x0100)
    #expect(InternetChecksum.of([]) == 0xFFFF)
  }
}
