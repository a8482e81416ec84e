import Audit
import Policy
import TestNeeds
import TestSupport
import Testing
import Wire

/// What leaks say in clear, through the public entry.
@Suite struct LeakNamesTests {
  private static let client = "\(Sample.container):40000"
  private static let server = "203.0.113.7:443"
  private let named = [LeakDetail(.serverName, "www.example.org")]

  /// All details and questions of all findings.
  private func said(_ packets: [[UInt8]]) -> (details: [LeakDetail], questions: [String]) {
    var result: (details: [LeakDetail], questions: [String]) = ([], [])
    let verdicts = audit(packets.map { SampleFrame($0) }) { auditor in
      let findings = auditor.summary(ConclusionRules()).findings
      result = (findings.flatMap(\.details.elements), findings.flatMap(\.questions.elements).map(\.text))
    }
    #expect(verdicts.allSatisfy { $0.hasPrefix("leak") })
    return result
  }

  private func details(_ packets: [[UInt8]]) -> [LeakDetail] { said(packets).details }

  private func segment(_ payload: [UInt8], _ sequence: UInt32, to server: String = server, flags: UInt8 = 0x18)
    -> [UInt8]
  {
    tcpPacket(Self.client, server, payload, flags: flags, sequence: sequence)
  }

  private func syn(_ sequence: UInt32, to server: String = server) -> [UInt8] {
    segment([], sequence, to: server, flags: 0x02)
  }

  private func datagram(_ payload: [UInt8], to server: String = server) -> [UInt8] {
    udpPacket(Self.client, server, payload)
  }

  // MARK: TLS

  @Test func `names the server of a hello in one segment`() {
    #expect(details([segment(tlsRecords(clientHello("www.example.org")), 7)]) == named)
  }

  @Test func `an encrypted hello shows the outer name and no server`() {
    #expect(
      details([segment(tlsRecords(clientHello("outer.example", isEncrypted: true)), 7)])
        == [LeakDetail(.encryptedHello, "outer.example")])
  }

  @Test func `names the server of a hello in a datagram of DTLS`() {
    #expect(details([datagram(dtlsClientHello(clientHello("www.example.org")))]) == named)
    #expect(details([datagram(dtlsClientHello(clientHello("www.example.org"), cookie: filler(32)))]) == named)
    #expect(
      details([datagram(dtlsClientHello(clientHello("outer.example", isEncrypted: true)))])
        == [LeakDetail(.encryptedHello, "outer.example")])
    #expect(details([datagram(dtlsClientHello(clientHello("www.example.org"), fragment: 0..<200))]).isEmpty)
  }

  /// However a hello is cut, repeated and shuffled, its name stays the same.
  @Test func `names the server from any segments in any order`() {
    var random = SeededGenerator()
    for round in 0..<rounds(400, few: 100) {
      let size = Int.random(in: 1...1500, using: &random)
      let stream = tlsRecords(clientHello("www.example.org"), size: size) + filler(200, 0x17)
      // The sequence numbers pass zero now and then.
      let start = [UInt32.random(in: 0 ... .max, using: &random), .max - UInt32(stream.count / 2)].randomElement(
        using: &random)!
      var pieces: [Range<Int>] = []
      var position = 0
      while position < stream.count {
        let end = min(stream.count, position + Int.random(in: 1...900, using: &random))
        let overlap = Bool.random(using: &random) ? Int.random(in: 0...position, using: &random) : 0
        pieces.append(position - min(overlap, 100)..<end)
        if Int.random(in: 0..<4, using: &random) == 0 { pieces.append(position..<end) }
        position = end
      }
      pieces.shuffle(using: &random)
      let segments = pieces.map { segment(Array(stream[$0]), start &+ 1 &+ UInt32($0.lowerBound)) }
      let said = details([syn(start)] + segments)
      guard said == named else {
        Issue.record("\(said) from \(pieces) in records of \(size), round \(round), seed \(random.seed)")
        return
      }
    }
  }

  @Test func `joins a running connection at a hello that begins a segment`() {
    let stream = tlsRecords(clientHello("www.example.org"))
    #expect(details([segment(Array(stream[..<700]), 5000), segment(Array(stream[700...]), 5700)]) == named)
    #expect(details([segment(Array(stream[700...]), 5700), segment(Array(stream[..<700]), 5000)]).isEmpty)
  }

  @Test func `names each connection of a port that is used again`() {
    let second = tlsRecords(clientHello("second.example"))
    let packets =
      [syn(100), segment(tlsRecords(clientHello("www.example.org")), 101), syn(9_000_000)]
      + [segment(Array(second[..<50]), 9_000_001), segment(Array(second[50...]), 9_000_051)]
    #expect(details(packets) == named + [LeakDetail(.serverName, "second.example")])
  }

  @Test func `stops reading a connection whose first bytes are unknown`() {
    let hello = tlsRecords(clientHello("www.example.org"))
    #expect(details([syn(0), segment([0], 1), segment(Array(hello[..<600]), 2, flags: 0x10)]).isEmpty)
  }

  @Test func `of too many connections the oldest only loses its name`() {
    let stream = tlsRecords(clientHello("www.example.org"))
    func part(_ range: Range<Int>, _ port: Int) -> [UInt8] {
      tcpPacket("\(Sample.container):\(port)", Self.server, Array(stream[range]), sequence: UInt32(range.lowerBound))
    }
    let firsts = (0..<257).map { part(0..<700, 20_000 + $0) }
    #expect(details(firsts + [part(700..<stream.count, 20_000)]).isEmpty)
    #expect(details(firsts + [part(700..<stream.count, 20_001)]) == named)
  }

  @Test func `keeps the first copy of a byte`() {
    let stream = tlsRecords(clientHello("www.example.org"))
    var other = tlsRecords(clientHello("www.another.org"))
    other[800...] = stream[800...]
    for packets in [
      [segment(Array(stream[..<800]), 1), segment(other, 1)],
      [syn(0), segment(Array(stream[50..<800]), 51), segment(other, 1)],
    ] {
      #expect(details(packets) == named)
    }
  }

  @Test func `a name rule matches the server's name and an encrypted hello's outer name`() {
    let rule = LabelRule(
      id: "test", label: .doh, severity: .high, title: "test", why: "test", reference: "test", filter: nil,
      serverNames: [".example.org"], origin: "test")
    let rules = policy { $0.labelRules = [rule] }
    for (name, isEncrypted, reason) in [
      ("www.example.org", false, "leak doh"), ("www.example.org", true, "leak doh"),
      ("example.net", false, "leak other"),
    ] {
      let hello = tlsRecords(clientHello(name, isEncrypted: isEncrypted))
      #expect(audit([SampleFrame(segment(hello, 1))], rules) == [reason], "\(name)")
    }
  }

  // MARK: HTTP, BitTorrent

  @Test func `reads requests across segments, and the next one on the same connection`() {
    let first = Array("GET /x HTTP/1.1\r\nAccept: text/html\r\nHost: www.example.org\r\n\r\n".utf8)
    let second = Array("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n".utf8)
    let packets = [syn(9), segment(Array(first[..<30]), 10), segment(Array(first[30...]), 40)]
    #expect(
      details(packets + [segment(second, 10 + UInt32(first.count))]) == named + [LeakDetail(.serverName, "b.example")])
  }

  @Test func `reads info-hashes from peers, the DHT and trackers`() {
    let hash = String(repeating: "61", count: 20)
    let bytes = filler(20, 0x61)
    let shared = [LeakDetail(.infoHash, hash)]
    let handshake = [19] + Array("BitTorrent protocol".utf8) + filler(8, 0) + bytes + filler(20)
    #expect(details([segment(Array(handshake[..<25]), 5), segment(Array(handshake[25...]), 30)]) == shared)
    let query = Array("d1:ad2:id20:".utf8) + filler(20) + Array("9:info_hash20:".utf8) + bytes
    #expect(details([datagram(query + Array("e1:q9:get_peers1:t2:aa1:y1:qe".utf8), to: "203.0.113.7:6881")]) == shared)
    let announce = "GET /announce?info_hash=\(String(repeating: "%61", count: 20)) HTTP/1.1\r\nHost: t.example\r\n\r\n"
    #expect(details([segment(Array(announce.utf8), 5)]) == [LeakDetail(.serverName, "t.example")] + shared)
  }

  // MARK: DNS

  private func queries(_ names: [String]) -> [UInt8] { names.flatMap { prefixed(2, dnsQuery($0)) } }

  @Test func `reads all queries of a connection, wherever its segments begin`() {
    var random = SeededGenerator()
    let names = (0..<12).map { "name\($0).example" }
    let stream = queries(names)
    for _ in 0..<100 {
      var packets = [syn(.max - 20, to: "203.0.113.7:53")]
      var position = 0
      while position < stream.count {
        let end = min(stream.count, position + Int.random(in: 1...80, using: &random))
        packets.append(
          segment(Array(stream[position..<end]), UInt32.max - 19 &+ UInt32(position), to: "203.0.113.7:53"))
        position = end
      }
      let said = said(packets).questions
      #expect(said == names.map { "\($0) A" }, "seed \(random.seed)")
    }
  }

  @Test func `reads a query that begins after a gap`() {
    let stream = queries(["a.example", "lost.example", "c.example"])
    let size = UInt32(queries(["a.example"]).count)
    let packets = [
      syn(0, to: "203.0.113.7:53"), segment(queries(["a.example"]), 1, to: "203.0.113.7:53"),
      segment(queries(["c.example"]), UInt32(stream.count) - size + 1, to: "203.0.113.7:53"),
    ]
    #expect(said(packets).questions == ["a.example A", "c.example A"])
  }

  @Test func `reports the client subnet of a query`() {
    var query = dnsQuery("a.example") + [0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 11, 0, 8, 0, 7, 0, 1, 24, 0, 198, 51, 100]
    query[11] = 1
    let subnet = [LeakDetail(.clientSubnet, "198.51.100.0/24")]
    #expect(details([datagram(query, to: "203.0.113.7:53")]) == subnet)
    #expect(details([segment(prefixed(2, query), 5, to: "203.0.113.7:53")]) == subnet)
  }

  // MARK: Datagrams

  @Test func `reports the STUN software and the DHCP host name`() {
    let stun: [UInt8] =
      [0, 1, 0, 8] + bigEndian(UInt32(0x2112_A442)) + filler(12) + [0x80, 0x22, 0, 4] + Array("Pion".utf8)
    #expect(details([datagram(stun, to: "203.0.113.7:3478")]) == [LeakDetail(.software, "Pion")])
    let dhcp: [UInt8] = [1, 1, 6, 0] + filler(232, 0) + [0x63, 0x82, 0x53, 0x63, 12, 3] + Array("nas".utf8) + [255]
    #expect(details([datagram(dhcp, to: "203.0.113.7:67")]) == [LeakDetail(.hostName, "nas")])
  }
}
