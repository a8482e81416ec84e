import TestSupport
import Testing
import Wire

@testable import Probing

struct InternetPingsTests {
  private static let v4 = IPAddress(v4: 0x0A40_724A)
  private static let v6 = IPAddress(v6High: 0xFD00_0051_0000_0000, low: 0x10)
  /// As a raw socket gives it: with a header that has options.
  private static let header: [UInt8] = [0x46] + [UInt8](repeating: 0, count: 23)
  private static let echo: [UInt8] = [8, 0, 0x12, 0x34, 0xAB, 0xCD, 0, 1]

  @Test func `an echo comes back as it was, with its own checksum`() throws {
    let reply = try #require(InternetPings.reply(Self.header + Self.echo + [1, 2, 3], from: Self.v4))
    #expect(reply[0] == 0 && Array(reply[4...]) == Self.echo[4...] + [1, 2, 3])
    #expect(InternetChecksum.of(reply) == 0)
    let sixth = try #require(InternetPings.reply([128, 0, 9, 9, 0xAB, 0xCD, 0, 1, 7], from: Self.v6))
    #expect(sixth == [129, 0, 0, 0, 0xAB, 0xCD, 0, 1, 7])
  }

  @Test func `a probe's echo tells its source`() throws {
    let name = ProbeName(nonce: 5, probe: 35, scenario: 2)
    let reply = try #require(InternetPings.reply(Self.header + Self.echo + "\(name)\n".utf8, from: Self.v4))
    #expect(ProbeAnswer.find(in: reply) == ProbeAnswer(source: Endpoint(address: Self.v4, port: 0), name: name))
    #expect(InternetChecksum.of(reply) == 0)
  }

  @Test func `only an echo request is answered`() {
    for type in UInt8.min...UInt8.max {
      for code in [UInt8(0), 1] {
        let message = [type, code] + Self.echo[2...]
        #expect((InternetPings.reply(Self.header + message, from: Self.v4) != nil) == (type == 8 && code == 0))
        #expect((InternetPings.reply(message, from: Self.v6) != nil) == (type == 128 && code == 0))
      }
    }
  }

  @Test func `every prefix of a ping is no ping, and no bytes end it`() {
    let whole = Self.header + Self.echo
    for length in 0..<whole.count { #expect(InternetPings.reply(Array(whole[..<length]), from: Self.v4) == nil) }
    #expect(InternetPings.reply(whole, from: Self.v4) != nil)
    var random = SeededGenerator()
    for _ in 0..<5000 {
      let bytes = (0..<Int.random(in: 0...80, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
      let reply = InternetPings.reply(bytes, from: Bool.random(using: &random) ? Self.v4 : Self.v6)
      #expect((reply?.count ?? 0) <= bytes.count, "seed \(random.seed)")
    }
  }
}
