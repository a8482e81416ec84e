import Policy
import PolicyFiles
import Testing
import TextFiles

@testable import StackCheck

/// No files, however crafted, keep a check busy for long: what is not evaluated is never clean.
struct BoundTests {
  private static func report(_ lines: [String], config: String = "", work: HeaderWork = HeaderWork()) throws
    -> StackReport
  {
    let config = try WireGuardConfig(
      """
      [Interface]
      PrivateKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA=
      Address = 10.64.1.2/32
      DNS = 10.64.0.1
      \(config)
      [Peer]
      PublicKey = a6oniBujlUXqOmv5Hst0v8xCqidy7O4JcN8Q6YRM5Hk=
      AllowedIPs = 0.0.0.0/0, ::/0
      Endpoint = 203.0.113.178:51820
      """, fileName: "wg0.conf")
    let text = (["iptables -P OUTPUT DROP", "ip6tables -P OUTPUT DROP"] + lines).joined(separator: "\n")
    return StackAudit.report(scripts: [.init(path: "script", target: "", text: text)], configs: [config], work: work)
  }

  @Test func `all states of a check share one budget`() throws {
    let whole = HeaderWork(.max)
    let shown = try Self.report([], work: whole)
    #expect(shown.findings.isEmpty && shown.skipped.isEmpty, "\(shown)")
    let cost = Int.max - whole.remaining
    #expect(cost > 100)
    let enough = try Self.report([], work: HeaderWork(cost))
    #expect(enough.skipped.isEmpty)
    // One step less is enough for each state by itself.
    for missing in [1, cost / 2, cost - 1] {
      let short = try Self.report([], work: HeaderWork(cost - missing))
      #expect(short.findings.isEmpty)
      #expect(short.skipped.map(\.reason) == [StackJudge.tooLarge])
    }
  }

  @Test func `moments at which a script may end use the budget too`() throws {
    let ends = ["set -e"] + (0..<40).map { "[ -f /x ] && ls /\($0)" }
    let few = HeaderWork(.max)
    _ = try Self.report(["set -e", "ls /x"], work: few)
    let many = HeaderWork(.max)
    #expect(try Self.report(ends, work: many).findings.isEmpty)
    #expect(many.remaining < few.remaining)
    let short = try Self.report(ends, work: HeaderWork((Int.max - many.remaining) - 1))
    #expect(short.skipped.map(\.reason) == [StackJudge.tooLarge])
  }

  @Test(arguments: [("iptables -A X -j RETURN", "iptables -A OUTPUT -j X"), ("", "nft add rule ip t o jump x")])
  func `looking for loops uses the budget too`(filling: String, jump: String) throws {
    let made =
      [
        "iptables -N X", "nft add table ip t", "nft add chain ip t x",
        "nft add chain ip t o '{ type filter hook output priority 0; }'",
      ] + Array(repeating: filling, count: 400)
    let (few, many) = (HeaderWork(.max), HeaderWork(.max))
    _ = try Self.report(made + [jump], work: few)
    _ = try Self.report(made + Array(repeating: jump, count: 400), work: many)
    // For each jump 400 rules, or with nft half of them on average, at a quarter of a step each.
    #expect(few.remaining - many.remaining > 400 * 400 / 8)
    let short = try Self.report(made + Array(repeating: jump, count: 400), work: HeaderWork(3000))
    #expect(short.skipped.contains { $0.reason == StackJudge.tooLarge }, "\(short)")
  }

  @Test func `outside a check nothing is counted`() throws {
    #expect(HeaderWork.current == nil)
    #expect(throws: Never.self) { try HeaderWork.spend(.max) }
  }

  /// Each hook by itself takes fewer steps than a script may.
  @Test func `hooks share their steps`() throws {
    let round =
      "for a in 1 2 3 4 5 6 7 8 9; do for b in 1 2 3 4 5 6 7 8 9; do for c in 1 2 3 4 5 6 7 8 9; do :; done; done; done"
    let hooks = (0..<400).map { _ in "PostUp = \(round)" }.joined(separator: "\n")
    let report = try Self.report([], config: hooks)
    #expect(report.skipped.contains { $0.reason == "it takes too many steps" }, "\(report.skipped)")
    #expect(try Self.report([], config: "PostUp = \(round)").skipped.isEmpty)
  }

  @Test func `too many routes of a kind are not followed`() throws {
    let report = try Self.report(
      (0...RoutingPolicy.most).map { "ip route add 10.\($0 / 256).\($0 % 256).0/24 via 172.18.0.1" })
    #expect(report.skipped.contains { $0.reason.contains("more routes") })
  }

  @Test func `very many similar lines are one finding`() throws {
    let report = try Self.report((0..<20).map { "iptables -A OUTPUT -d 9.9.9.\($0) -j ACCEPT" })
    #expect(report.findings.map(\.fault) == [.ruleLetsOut])
    let told = try #require(report.findings.first)
    #expect(told.place == SourcePlace("script", line: 3))
    #expect(told.message.hasPrefix("'iptables -A OUTPUT -d 9.9.9.0 -j ACCEPT' lets out everything to 9.9.9.0"))
    #expect(told.message.hasSuffix("; so do 19 more lines: 4, 5, 6 and 16 more"))
  }

  @Test func `a few lines are listed one by one`() throws {
    let report = try Self.report((0..<8).map { "iptables -A OUTPUT -d 9.9.9.\($0) -j ACCEPT" })
    #expect(report.findings.map(\.place.line) == Array(3...10))
  }

  @Test func `the rules of very many owners are one finding`() throws {
    let report = try Self.report(
      (0..<100).map { "iptables -A OUTPUT -d 9.9.9.\($0) -m owner --uid-owner \($0) -j ACCEPT" })
    #expect(report.findings.count == 1)
    #expect(report.findings.first?.fault == .mayBeOpen)
    #expect(
      report.findings.first?.message.hasSuffix("; so do 99 more lines: 4, 5, 6 and 96 more") == true, "\(report)")
  }
}
