import Foundation
import Testing

/// `leakaudit explain`, as a user runs it.
@Suite struct ExplainTests {
  private static let capture = "captures/rfc1918-accept.bridge.pcap"
  private static let policy = ["--wg-config", "captures/rfc1918-accept.wg0.conf"]

  @Test func `explain and replay agree on every frame of a capture`() throws {
    let replay = try Command.run(["replay", Self.capture, "--per-frame"] + Self.policy)
    for frame in try replay.frames() {
      let result = try Command.run(["explain", Self.capture, "\(frame.frame)"] + Self.policy)
      #expect(result.status == 0)
      let last = result.outputLines.first { line in
        ["TUNNEL", "LOCAL", "LEAK", "ALLOWED", "INGRESS"].contains { line.hasPrefix($0) }
      }
      #expect(last?.hasPrefix(frame.verdict.uppercased()) == true, "\(result.output)")
      if let kind = frame.kind { #expect(last?.contains(kind) == true, "\(result.output)") }
    }
  }

  @Test func `policy statements are named with their places`() throws {
    let result = try Command.run([
      "explain", "captures/healthy.bridge.pcap", "20", "--wg-config", "captures/healthy.wg0.conf",
    ])
    #expect(
      result.words.contains(
        "Is the destination an Endpoint's address? yes: 203.0.113.178:51820 (captures/healthy.wg0.conf:11)"))
    #expect(result.output.hasSuffix("TUNNEL: data\n"))
  }

  @Test(arguments: [
    (["udp", "172.18.0.2:4242", "10.64.0.1:53"], "LEAK dns (high)"),
    (["tcp", "172.18.0.2:4242", "203.0.113.178:443"], "LEAK endpoint-bypass"),
    (["udp", "172.18.0.2:4242", "203.0.113.178:51820"], "LEAK not-wireguard"),
    (["tcp", "10.64.114.74:4242", "198.51.100.1:443"], "LEAK tunnel-address (critical)"),
    (["udp", "172.18.0.2:4242", "192.168.1.1:123"], "LOCAL: private"),
    (["icmp", "172.18.0.2", "198.51.100.1"], "LEAK icmp"),
    (["icmpv6", "2001:db8::1", "2001:db8::2"], "LEAK icmp"),
    (["tcp", "198.51.100.9:443", "172.18.0.2:4242"], "INGRESS"),
    (["udp", "[fd00::2]:5353", "[ff02::fb]:5353"], "LOCAL: name-discovery"),
    (["47", "172.18.0.2", "198.51.100.1"], "LEAK"),
  ])
  func `a packet that is described is explained`(words: [String], verdict: String) throws {
    let result = try Command.run(["explain"] + words + ["--wg-config", "captures/healthy.wg0.conf"])
    #expect(result.status == 0)
    #expect(result.output.contains("\n\(verdict)"), "\(result.output)")
  }

  @Test(arguments: [
    (["explain", capture, "2000"], 65, "there is no frame 2000; it has 34 frames"),
    (["explain", capture, "0"], 64, "'0' is not a frame number"),
    (["explain", capture, "x"], 64, "'x' is not a frame number"),
    (["explain", "no/such.pcap", "1"], 66, "no/such.pcap"),
    (["explain", capture], 64, "name a capture and a frame"),
    (["explain", "udp", "1", "2"], 64, "'1' is not address:port"),
    (["explain", "udp", "172.18.0.2:1", "[fd00::1]:2"], 64, "not of the source's address family"),
    (["explain", "sctp", "172.18.0.2", "198.51.100.1"], 64, "'sctp' is not a protocol"),
  ])
  func `what cannot be explained gives one line`(arguments: [String], status: Int32, words: String) throws {
    let result = try Command.run(arguments)
    #expect(result.status == status)
    #expect(result.errorLines.first?.contains(words) == true, "\(result.errors)")
  }
}
