import TestSupport
import Testing
import Wire

@testable import Probing

struct DNSReplyTests {
  private static let reply = DNSReply(names: [
    "vpn.example.test": [IPAddress(v4: 0xCB00_71B2), IPAddress(v6High: 0x2001_0DB8_0051_0000, low: 0x178)]
  ])
  private static let v4 = IPAddress(v4: 0x0A40_724A)
  private static let v6 = IPAddress(v6High: 0xFD00_0051_0000_0000, low: 0x10)

  private func answers(_ query: [UInt8], from source: IPAddress = v4) throws -> [IPAddress] {
    let message = try #require(Self.reply.bytes(to: query, from: source))
    #expect(message[..<2] == query[..<2])
    let answers = DNSAnswers(message: message.view)
    return try #require(answers).addresses
  }

  /// A probe's.
  private static let probe = "n0123456789abcdef.p9.s3.drill.test"

  @Test func `a probe's name has the address that asks`() throws {
    #expect(try answers(dnsQuery(Self.probe)) == [Self.v4])
    #expect(try answers(dnsQuery(Self.probe, type: 28)) == [])
    #expect(try answers(dnsQuery(Self.probe), from: Self.v6) == [])
    #expect(try answers(dnsQuery(Self.probe, type: 28), from: Self.v6) == [Self.v6])
    #expect(try answers(dnsQuery(Self.probe, type: 16)) == [])
  }

  @Test func `any other name has an address of the drill's internet, so that nobody is led to itself`() throws {
    #expect(try answers(dnsQuery("am.i.example")).map { "\($0)" } == ["198.51.100.80"])
    #expect(try answers(dnsQuery("am.i.example", type: 28), from: Self.v6).map { "\($0)" } == ["2001:db8:51::80"])
  }

  @Test func `a stated name has its own addresses`() throws {
    #expect(try answers(dnsQuery("VPN.example.test")).map { "\($0)" } == ["203.0.113.178"])
    #expect(try answers(dnsQuery("vpn.example.test", type: 28)).map { "\($0)" } == ["2001:db8:51::178"])
    #expect(try answers(dnsQuery("vpn.example.test", type: 65)) == [])
  }

  @Test func `no answer may be kept`() throws {
    let message = try #require(Self.reply.bytes(to: dnsQuery("a"), from: Self.v4))
    #expect(message.suffix(10).prefix(6) == [0, 0, 0, 0, 0, 4])
  }

  @Test func `the rest of a query, such as EDNS, is not repeated`() throws {
    let extended = dnsQuery(Self.probe) + [0, 0, 41, 16, 0, 0, 0, 0, 0, 0, 0]
    #expect(try answers(extended) == [Self.v4])
    #expect(Self.reply.bytes(to: extended, from: Self.v4) == Self.reply.bytes(to: dnsQuery(Self.probe), from: Self.v4))
  }

  @Test func `an answer is never answered`() {
    #expect(Self.reply.bytes(to: dnsResponse("a", [Self.v4]), from: Self.v4) == nil)
    let own = Self.reply.bytes(to: dnsQuery("a"), from: Self.v4) ?? []
    #expect(Self.reply.bytes(to: own, from: Self.v4) == nil)
  }

  @Test func `what cannot be answered gets an error code`() throws {
    let two = dnsMessage(questions: 2, dnsQuestion(dnsName("a")) + dnsQuestion(dnsName("b")))
    for (query, code) in [
      (dnsMessage(questions: 0, []), UInt8(1)), (two, 1), (dnsMessage([0xC0, 0x0C, 0, 1, 0, 1]), 1),
      (dnsMessage(flags: 0x2800, dnsQuestion(dnsName("a"))), 4),
    ] {
      let message = try #require(Self.reply.bytes(to: query, from: Self.v4))
      #expect(message.count == 12 && message[3] & 0x0F == code && message[2] & 0x80 != 0)
    }
  }

  @Test func `every prefix of a query is answered with an error, or not at all`() throws {
    let query = dnsQuery("n0123456789abcdef.p9.s3.drill.test")
    for length in 0..<query.count {
      let message = Self.reply.bytes(to: Array(query[..<length]), from: Self.v4)
      #expect(length < 12 ? message == nil : message?[3] == 0x81)
    }
  }

  @Test func `no bytes end it`() {
    var random = SeededGenerator()
    for _ in 0..<20_000 {
      var query = dnsQuery("a.b.example")
      for _ in 0..<Int.random(in: 0...8, using: &random) {
        query[Int.random(in: 0..<query.count, using: &random)] = .random(in: 0...255, using: &random)
      }
      let message = Self.reply.bytes(to: query, from: Self.v6)
      #expect((message?.count ?? 0) <= query.count + 28, "seed \(random.seed)")
    }
  }
}
