import Foundation
import TestNeeds
import Testing

/// Each rule of the pack with its two captures, found by their names: a new rule needs no Swift.
///
/// Captures that are built here are compared with the files. To make them anew:
///
///     UPDATE_CAPTURES=1 swift test --filter RuleCapturesTests
@Suite struct RuleCapturesTests {
  private static let updates = FormatCapturesTests.updates
  private static let policy = ["--wg-config", "captures/rules/wg0.conf", "--format", "json"]

  @Test(arguments: RuleCapture.all)
  func `a built capture is what the generator makes`(_ capture: RuleCapture) throws {
    for (path, bytes) in capture.files {
      let file = Command.repository.appending(path: path)
      if Self.updates { try Data(bytes).write(to: file) }
      #expect(FileManager.default.contents(atPath: file.path) == Data(bytes), "\(path)")
    }
  }

  @Test func `every rule has both captures, and every capture a rule and a line in the README`() throws {
    let names = try FileManager.default.contentsOfDirectory(
      atPath: Command.repository.appending(path: "captures/rules").path)
    let captures = names.filter { $0.hasSuffix(".pcap") || $0.hasSuffix(".pcapng") }.map { "captures/rules/\($0)" }
    let rules = try PackRule.all()
    #expect(Set(captures) == Set(rules.flatMap(\.captures)))
    let readme = try String(contentsOf: Command.repository.appending(path: "captures/rules/README.md"), encoding: .utf8)
    for rule in rules {
      #expect(readme.contains("| `\(rule.id)` |"), "\(rule.id) has no line in captures/rules/README.md")
    }
  }

  @Test(.needs(.tcpdump), .disabled(if: updates, "the files are being written"), arguments: try PackRule.all())
  func `a rule matches what it must, in each address family, and nothing similar`(
    rule: PackRule
  ) throws {
    let found = try Command.run(["replay", rule.captures[0]] + Self.policy).summary()
    let named = found.leaks.filter { $0.rule == rule.id }
    #expect(Set(named.compactMap(\.family)) == (try rule.families()), "\(rule.captures[0])")
    // What is exactly what it claims to be is informational, whatever its rule (CONTRACT 3).
    #expect(named.allSatisfy { $0.reason == rule.label && [rule.severity, "info"].contains($0.severity) })
    #expect(named.contains { $0.severity == rule.severity })

    let other = try Command.run(["replay", rule.captures[1]] + Self.policy).summary()
    #expect(other.frames > other.ingress, "\(rule.captures[1]) shows no egress")
    #expect(!other.leaks.contains { $0.rule == rule.id }, "\(rule.captures[1])")
  }
}

/// A rule as `leakaudit rules` shows it.
struct PackRule: Decodable, Sendable, CustomTestStringConvertible {
  var id, label, severity, by, title, why, reference: String
  var filter, file: String?
  var serverNames, queryNames, captures: [String]
  var line: Int?

  var testDescription: String { id }

  /// The rules of the pack, without what code decides.
  static func all() throws -> [Self] { try listed().filter { $0.by != "code" } }

  static func listed(_ arguments: [String] = []) throws -> [Self] {
    let result = try Command.run(["rules", "--format", "json"] + arguments)
    #expect(result.status == 0)
    return try JSONDecoder().decode([Self].self, from: Data(result.output.utf8))
  }

  /// The families that the filter can match: libpcap refuses an expression that rejects all packets.
  func families() throws -> Set<String> {
    guard let filter else { return ["ipv4", "ipv6"] }
    let families = try [("ipv4", "ip"), ("ipv6", "ip6")].filter { _, keyword in
      let result = try RunningCommand(
        URL(filePath: "/usr/bin/env"), ["tcpdump", "-d", "-y", "RAW", "(\(filter)) and \(keyword)"]
      ).wait()
      return result.status == 0
    }
    return Set(families.map(\.0))
  }
}
