import Foundation
import TestSupport
import Testing

/// A leak that bridge and NIC both showed is reported once, as one packet.
@Suite struct PacketsTests {
  private static let bridge = "captures/malformed-postup.bridge.pcap"
  private static let nic = "captures/malformed-postup.nic.pcap"
  private static let policy = ["--wg-config", "captures/malformed-postup.wg0.conf"]
  private static let roles = [
    "--role", "malformed-postup.bridge.pcap=bridge", "--role", "malformed-postup.nic.pcap=nic",
  ]

  private static func replay(_ options: [String]) throws -> String {
    let result = try Command.run(["replay", bridge, nic] + policy + options)
    #expect(result.status == 1)
    return result.output
  }

  @Test func `every format shows three packets, once each`() throws {
    let text = try Self.replay(Self.roles)
    let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(
      words.hasPrefix(
        "LEAKS: 3 packets from 172.18.0.2 left outside the tunnel: 2 icmp, 1 dns (am.i.mullvad.example A); "
          + "all left through the NIC. No handshake of a tunnel was seen. In frames: 6 of 23 egress in 1.0 s."))
    #expect(words.contains("from 172.18.0.2; on the NIC as 192.168.1.10"))
    #expect(text.matches(of: /to 198\.51\.100\.53 udp 53/).count == 1)

    let markdown = try Self.replay(Self.roles + ["--format", "markdown"])
    let rows = markdown.split(separator: "\n").filter { $0.contains("`to 198.51.100.") }
    #expect(
      rows.compactMap { $0.split(separator: "|").last.map { $0.trimmingCharacters(in: .whitespaces) } } == ["1", "2"])

    let csv = try Self.replay(Self.roles + ["--format", "csv"]).split(whereSeparator: \.isNewline).dropFirst()
    #expect(csv.compactMap { $0.split(separator: ",").dropLast().last.flatMap { Int($0) } }.reduce(0, +) == 3)

    let html = try Self.replay(Self.roles + ["--format", "html"])
    #expect(html.matches(of: /<tr><td data-label="severity"/).count == 2)
    #expect(html.contains(#"<td data-label="packets" class="number" data-value="2">"#))

    let junit = try Self.replay(Self.roles + ["--format", "junit"])
    #expect(junit.matches(of: /<failure type/).count == 2)
    #expect(junit.contains("1 packet, 103 B") && junit.contains("2 packets, 196 B"))
  }

  @Test func `without roles they stay frames, and the summary says how to learn more`() throws {
    let text = try Self.replay([]).split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(text.hasPrefix("LEAKS: 6 frames from 172.18.0.2, 192.168.1.10 left outside the tunnel"))
    #expect(text.contains("known only between bridges and one NIC that are named with --role"))
  }

  @Test func `separately audited interfaces have no packet counts, the same ones do`() throws {
    let directory = try TemporaryDirectory()
    func summary(_ name: String, _ captures: [String]) throws -> String {
      let result = try Command.run(["replay"] + captures + Self.policy + Self.roles + ["--format", "json"])
      return try directory.file(name, Array(result.output.utf8))
    }
    let both = try summary("both.json", [Self.bridge, Self.nic])
    let again = try summary("again.json", [Self.bridge, Self.nic])
    let bridge = try summary("bridge.json", [Self.bridge])
    let nic = try summary("nic.json", [Self.nic])
    func told(_ files: [String]) throws -> String { try Command.run(["report"] + files).output }
    #expect(try told([both]).hasPrefix("LEAKS: 3 packets"))
    #expect(try told([both, again]).hasPrefix("LEAKS: 6 packets"))
    #expect(try told([bridge, nic]).hasPrefix("LEAKS: 6 frames"))
    // In any order and grouping.
    let parts = try directory.file(
      "parts.json", Array(Command.run(["report", both, bridge, "--format", "json"]).output.utf8))
    #expect(try told([parts, again]).hasPrefix("LEAKS: 15 frames"))
    #expect(try told([again, parts]).hasPrefix("LEAKS: 15 frames"))
  }

  @Test func `edited packet counts are refused`() throws {
    let directory = try TemporaryDirectory()
    let json = try Self.replay(Self.roles + ["--format", "json"])
    for (was, becomes) in [
      ("\"leakPackets\" : 3", "\"leakPackets\" : 2"), ("\"packets\" : 1", "\"packets\" : 7"),
      ("\"leakPackets\" : 3,", ""), ("\"packets\" : 3", "\"packets\" : 4"),
    ] {
      let path = try directory.file("edited.json", Array(json.replacing(was, with: becomes).utf8))
      let result = try Command.run(["report", path])
      #expect(result.status == 65 && result.errorLines.count == 1, "\(was)")
    }
  }
}
