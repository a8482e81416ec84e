import Foundation
import TestSupport
import Testing

/// `leakaudit rules`: what can be a leak's reason, listed and explained.
@Suite struct RulesCommandTests {
  private static let structural = [
    "undecodable", "not-wireguard", "endpoint-bypass", "tunnel-address", "dns", "dot", "doq", "tunnel-destination",
    "multicast", "fragment",
  ]

  @Test func `lists code's reasons, then the rules, one a line, as in JSON`() throws {
    let listed = try PackRule.listed()
    #expect(listed.filter { $0.by == "code" }.map(\.id) == Self.structural)
    #expect(Array(listed.map(\.by).prefix(Self.structural.count)).allSatisfy { $0 == "code" })
    let text = try Command.run(["rules"])
    #expect(text.status == 0)
    #expect(text.outputLines.count == listed.count)
    for (line, rule) in zip(text.outputLines, listed) {
      #expect(line.hasPrefix("\(rule.id) ") && line.hasSuffix(rule.title))
      #expect(line.contains(" \(rule.label) ") && line.contains(" \(rule.severity) "))
    }
  }

  @Test func `every reason is explained in full, rules with file and line`() throws {
    for rule in try PackRule.listed() {
      let result = try Command.run(["rules", "--explain", rule.id])
      #expect(result.status == 0)
      let words = result.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      let fields = [rule.title, rule.label, rule.severity, rule.filter ?? rule.id, rule.why, rule.reference]
      for part in fields + rule.serverNames + rule.captures {
        #expect(words.contains(part), "\(rule.id): \(part)")
      }
      guard rule.by != "code" else { continue }
      let file = try #require(rule.file)
      let lines = try String(contentsOf: Command.repository.appending(path: file), encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false)
      #expect(lines[try #require(rule.line) - 1] == "  - id: \(rule.id)")
      #expect(result.output.contains("\(file):\(try #require(rule.line))"))
    }
  }

  @Test func `an unknown id exits 64 and names the closest`() throws {
    for (wrong, right) in [("stun.cooky", "stun.cookie"), ("dns.plain", "dns"), ("tunnel-adress", "tunnel-address")] {
      let result = try Command.run(["rules", "--explain", wrong])
      #expect(result.status == 64)
      #expect(result.output.isEmpty)
      #expect(result.errorLines.count == 1)
      #expect(result.errors.contains("'\(wrong)'"))
      let closest = result.errors.split(separator: ": ").last?.trimmingCharacters(in: .newlines).components(
        separatedBy: ", ")
      #expect(closest?.first == right, "\(result.errors)")
    }
    let hostile = try Command.run(["rules", "--explain", "a\u{1B}[2J" + String(repeating: "b", count: 5000)])
    #expect(hostile.status == 64)
    #expect(!hostile.errors.contains("\u{1B}"))
  }

  @Test func `a user's rules are listed and explained with the others`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file(
      "ours.yaml",
      """
      rules:
        - {id: icmp.query, label: icmp, severity: info, title: Our own monitoring, filter: icmp or icmp6}
        - {id: game.voice, label: other, severity: medium, title: Voice chat, server-name: [.game.example]}
      """)
    let listed = try PackRule.listed(["--rules", directory.url.path])
    #expect(listed.count == (try PackRule.listed().count) + 1)
    #expect(listed.first { $0.by != "code" }?.id == "game.voice")
    let ours = try #require(listed.first { $0.id == "icmp.query" })
    #expect(ours.severity == "info" && ours.file == path && ours.line == 2 && ours.captures.isEmpty)
    let told = try Command.run(["rules", "--rules", directory.url.path, "--explain", "game.voice"])
    #expect(told.output.contains(".game.example"))
    #expect(told.output.contains("ours.yaml:3"))
  }

  @Test func `a user's rule that does not compile is reported at the start, even without a leak`() throws {
    let directory = try TemporaryDirectory()
    _ = try directory.file(
      "ours.yaml", "rules:\n  - {id: a, label: other, severity: low, title: T, filter: udp prot 1}\n")
    let capture = "captures/formats/pcapng-drops-without-leak.pcapng"
    for command in [["rules"], ["replay", capture, "--endpoint", "203.0.113.178:51820"]] {
      let result = try Command.run(command + ["--rules", directory.url.path])
      #expect(result.status == 64)
      #expect(result.errors.contains("ours.yaml:2"))
    }
  }
}
