import ComposeFiles
import Policy
import PolicyFiles
import StackCheck
import Testing
import TextFiles

/// What wg-quick's hooks do, as wg-quick runs them.
@Suite struct HookTests {
  private static let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA="
  /// A script that is mounted where hooks find it.
  private static let closing = ScriptKindTests.closed.split(separator: "\n").map(String.init)

  /// A gateway whose only rules are those of the hooks, and of what they run.
  private static func report(
    _ hooks: [String], key: String = key, publicKey: String = key, scripts: [String] = []
  ) throws -> StackReport {
    func block(_ lines: [String]) -> String { lines.map { "      \($0)\n" }.joined() }
    let conf =
      ["[Interface]", "PrivateKey = \(key)", "Address = 10.64.1.2/32", "DNS = 10.64.0.1"] + hooks
      + ["[Peer]", "PublicKey = \(publicKey)", "AllowedIPs = 0.0.0.0/0, ::/0", "Endpoint = 203.0.113.178:51820"]
    let text = """
      services:
        vpn:
          image: lscr.io/linuxserver/wireguard
          cap_add: [NET_ADMIN]
          dns: [10.64.0.1]
          sysctls: [net.ipv4.conf.all.src_valid_mark=1]
          configs:
            - {source: rules, target: /config/rules.sh}
            - {source: conf, target: /config/wg_confs/wg0.conf}
            - {source: first, target: /custom-cont-init.d/1.sh}
      configs:
        first:
          content: |
      \(block(scripts.isEmpty ? [":"] : scripts))
        conf:
          content: |
      \(block(conf))
        rules:
          content: |
      \(block(closing))
      """
    let project = try ComposeProject.load(["compose.yaml"], environment: [:], currentFolder: "/x") {
      path throws(PolicyFileProblem) in path == "compose.yaml" ? Array(text.utf8) : nil
    }
    return StackAudit.report(on: VPNStack(project))
  }

  @Test(
    arguments: [
      "bash /config/rules.sh", "bash /config/rules.sh %i", "/bin/bash -e /config/rules.sh %i 1",
      "sh -c '. /config/rules.sh %i'", "source /config/rules.sh && true", "bash -c \"bash /config/rules.sh\"",
    ])
  func `a hook that runs a mounted script is followed into it`(command: String) throws {
    let name = command.contains("%i") ? "PreUp" : "PostUp"
    let report = try Self.report(["\(name) = \(command)"])
    #expect(report.findings.map(\.fault) == [.killSwitchInPostUp] && report.skipped.isEmpty, "\(report)")
    #expect(report.findings.first?.message.contains("before \(name) has run") == true)
    #expect(report.files.contains { $0.hasSuffix("/config/rules.sh") })
  }

  @Test(arguments: [
    "bash /config/none.sh", "/config/rules.sh", "cd /config && ./rules.sh", "bash <(cat /config/rules.sh)",
  ])
  func `a hook that cannot be followed is never clean, and gives no finding on the rules`(command: String) throws {
    let report = try Self.report(["PostUp = \(command)"])
    #expect(report.findings.isEmpty && !report.skipped.isEmpty, "\(report)")
  }

  @Test func `the directive that deletes the rules is named`() throws {
    let report = try Self.report(
      ["PreUp = bash /config/rules.sh", "PostDown = iptables -P OUTPUT ACCEPT; iptables -F"])
    let removal = report.findings.first { $0.fault == .preDownRemovesKillSwitch }
    #expect(removal?.message.hasPrefix("after PostDown") == true, "\(report.findings)")
  }

  /// As in every published configuration.
  @Test(arguments: [("<your key>", key), ("REDACTED", key), (key, "<their key>"), ("x", "y")])
  func `hooks of a refused configuration are walked as if the line were right`(
    private: String, public: String
  ) throws {
    let hooks = ["PostUp = bash /config/rules.sh", "PreDown = iptables -P OUTPUT ACCEPT"]
    let report = try Self.report(hooks, key: `private`, publicKey: `public`)
    #expect(
      Set(report.findings.map(\.fault)) == [.confRefused, .killSwitchInPostUp, .preDownRemovesKillSwitch], "\(report)")
    let refused = report.findings.filter { $0.fault == .confRefused }
    #expect(refused.count == (`private` == Self.key ? 0 : 1) + (`public` == Self.key ? 0 : 1))
    #expect(refused.allSatisfy { $0.severity == .critical && !$0.message.contains("your key") })
  }

  @Test func `wg-quick ends at the first failing hook, and what is open then is reported`() throws {
    // The rules of the second are never made.
    let refused = try Self.report(
      ["PostUp = iptables -P OUTPUT BOGUS", "PostUp = bash /config/rules.sh"])
    #expect(refused.findings.contains { $0.fault == .noKillSwitch }, "\(refused)")
    let opening = ["PostUp = iptables -P OUTPUT ACCEPT; frob || true; iptables -P OUTPUT DROP"]
    #expect(try !Self.report(opening, scripts: Self.closing).skipped.isEmpty)
    let middle = try Self.report(
      ["PostUp = iptables -P OUTPUT ACCEPT; ip route add 10.9.0.0/16 via 172.18.0.1; iptables -P OUTPUT DROP"],
      scripts: Self.closing)
    #expect(middle.findings.map(\.fault) == [.errexitBeforeKillSwitch], "\(middle)")
    let guarded = try Self.report(
      ["PostUp = iptables -P OUTPUT ACCEPT; ip route add 10.9.0.0/16 via 172.18.0.1 || true; iptables -P OUTPUT DROP"],
      scripts: Self.closing)
    #expect(guarded.findings.isEmpty && guarded.skipped.isEmpty, "\(guarded)")
  }
}
