import Foundation
import Testing
import Text
import Wire

@testable import Probing

struct ProbeLineTests {
  private static let attempt = ProbeAttempt(
    probe: "dns-udp-public", nonce: "0123456789abcdef", at: 1_795_982_284_460_786_562, outcome: .around, reason: nil,
    seen: "192.168.1.10", source: "192.168.1.10:40000", destination: "198.51.100.53:53", milliseconds: 0.4)

  @Test func `a line says what became of an attempt`() throws {
    let line = try JSON.line(Self.attempt)
    #expect(
      line == """
        {"at":1795982284460786562,"destination":"198.51.100.53:53","milliseconds":0.4,"nonce":"0123456789abcdef",\
        "outcome":"around","probe":"dns-udp-public","seen":"192.168.1.10","source":"192.168.1.10:40000"}

        """)
    guard case .attempt(let read) = ProbeLine(line) else {
      Issue.record("no attempt: \(line)")
      return
    }
    #expect(read == Self.attempt)
  }

  @Test func `the first line tells all probes`() throws {
    let catalogue = ProbeCatalogue(containerResolver: nil, tunnelResolver: IPAddress("10.64.0.1"), lanResolver: nil)
    guard case .ready(let probes) = ProbeLine(try JSON.line(ProbeBeginning(catalogue))) else {
      Issue.record("not ready")
      return
    }
    #expect(probes.map(\.id) == ProbeCatalogue.probes.map(\.id))
    #expect(probes.first { $0.id == "dns-udp-tunnel" }?.destination == "10.64.0.1")
    #expect(probes.first { $0.id == "dns-udp-lan" }?.destination == nil)
  }

  @Test(arguments: [
    "", "{}", "[]", "null", "{\"ready\":false,\"probes\":[]}", "{\"ready\":true}", "{\"probe\":\"icmp\"}", "\u{0}",
  ])
  func `anything else is no line of a probe`(_ line: String) { #expect(ProbeLine(line) == nil) }

  @Test func `every prefix of a line is none`() throws {
    let line = try JSON.line(Self.attempt).dropLast()
    for length in 0..<line.count { #expect(ProbeLine(line.prefix(length)) == nil) }
  }

  @Test func `an answer tells source and name again`() {
    let name = ProbeName(nonce: 7, probe: 42, scenario: 1)
    for (address, port) in [("10.64.114.74", UInt16(40000)), ("2001:db8:51::10", 0)] {
      for name in [name, nil] {
        let answer = ProbeAnswer(source: Endpoint(address: IPAddress(address)!, port: port), name: name)
        let bytes = Array("HTTP/1.1 200 OK\r\n\r\nseen nothing\n\(answer.line)".utf8)
        #expect(ProbeAnswer.find(in: bytes) == answer)
        for length in 0..<bytes.count { #expect(ProbeAnswer.find(in: Array(bytes[..<length])) == nil) }
        #expect(ProbeAnswer.begins(Array(answer.line.utf8)))
      }
    }
  }
}
