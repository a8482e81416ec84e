import Foundation
import TestSupport
import Testing

/// Options, policies and rules that are wrong: status 64, and the line says what and where.
@Suite struct UsageTests {
  private static let capture = "captures/formats/ethernet-plain.pcap"

  @Test(arguments: [
    (["replay"], "files"),
    (["replay", capture, "--no-such-option"], "--no-such-option"),
    (["replay", "-", "-"], "standard input can be read only once"),
    (["replay", capture, "--format", "xml"], "xml"),
    (["replay", capture, "--fail-on", "severe"], "severe"),
    (["no-such-command"], "no-such-command"),
    (["replay", capture, "--endpoint", "203.0.113.178:"], "--endpoint '203.0.113.178:'"),
    (["replay", capture, "--endpoint", "203.0.113.178:0"], "--endpoint '203.0.113.178:0'"),
    (["replay", capture, "--endpoint", "203.0.113.178:65536"], "--endpoint '203.0.113.178:65536'"),
    (["replay", capture, "--local", "192.168.1.0/33"], "--local '192.168.1.0/33'"),
    (["replay", capture, "--resolver", "dns.example.org"], "--resolver 'dns.example.org'"),
    (["replay", capture, "--tunnel-address", "10.0.0"], "--tunnel-address '10.0.0'"),
    (["replay", capture, "--tunnel-dns", ""], "--tunnel-dns ''"),
    (["replay", capture, "--audited", "eth0"], "--audited 'eth0'"),
    (["replay", capture, "--audited-only"], "--audited-only"),
    (["replay", capture, "--role", "eth0"], "--role 'eth0'"),
    (["replay", capture, "--role", "eth0=router"], "--role 'eth0=router'"),
    (["replay", capture, "--resolve", "vpn.example.net"], "--resolve 'vpn.example.net'"),
    (["replay", capture, "--resolve", "vpn.example.net=203.0.113.178"], "no Endpoint has this name"),
  ])
  func `a wrong option is named`(arguments: [String], words: String) throws {
    let result = try Command.run(arguments)
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    // The parser of options adds how the command is used; what is wrong stands in the first line.
    #expect(result.errorLines.first?.contains(words) == true, "\(result.errors)")
  }

  @Test(
    arguments: ["", "no configuration\nat all, in\nthree lines\n", "[Server]\nAddress = 10.64.0.2\n"],
    [
      ["replay", capture], ["explain", capture, "1"], ["policy"], ["check"],
    ])
  func `a file that is not a WireGuard configuration gives one error`(text: String, command: [String]) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("wg0.conf", Array(text.utf8))
    let result = try Command.run(command + ["--wg-config", path])
    #expect(result.status == 65 && result.output.isEmpty)
    #expect(
      result.errorLines.count == 1 && result.errors.contains("neither [Interface] nor [Peer]"), "\(result.errors)")
  }

  @Test(arguments: [
    ("policy.yaml", "local: [192.168.1.0/24\n", ":"),
    ("policy.yaml", "endpoints:\n  - 203.0.113.178:51820\nlocals: [192.168.1.0/24]\n", ":3:"),
    ("policy.yaml", "local:\n  - 192.168.1.0/40\n", ":2:"),
    ("policy.yaml", "allow:\n  - id: x\n    reason: y\n    filter: tcp prot 443\n", ":4:"),
    ("policy.yaml", "- 1\n- 2\n", ":1:"),
    ("policy.yaml", "\u{FEFF}\u{0}", ":"),
  ])
  func `a malformed policy is named with its line`(name: String, text: String, place: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file(name, text)
    for command in [["replay", Self.capture], ["policy"]] {
      let result = try Command.run(command + ["--policy", path])
      #expect(result.status == 64)
      #expect(result.output.isEmpty)
      #expect(result.errorLines.count == 1, "\(result.errors)")
      #expect(result.errors.contains(path + place), "\(result.errors)")
    }
  }

  @Test func `a rule that does not compile is named with libpcap's own words`() throws {
    let directory = try TemporaryDirectory()
    let rule = """
      rules:
        - id: mine
          label: other
          severity: low
          title: A rule of mine
          why: Because.
          reference: RFC 791
          filter: udp port no-such-service
      """
    let path = try directory.file("mine.yaml", rule)
    let result = try Command.run(["replay", Self.capture, "--rules", directory.url.path])
    #expect(result.status == 64)
    #expect(result.output.isEmpty)
    #expect(result.errorLines.count == 1, "\(result.errors)")
    #expect(result.errors.contains("\(path):8:"), "\(result.errors)")
    #expect(result.errors.contains("no-such-service"), "\(result.errors)")
  }

  @Test func `help and version are no errors`() throws {
    for arguments in [["--help"], ["replay", "--help"], ["policy", "--help"], ["--version"]] {
      let result = try Command.run(arguments)
      #expect(result.status == 0)
      #expect(!result.output.isEmpty)
      #expect(result.errors.isEmpty)
    }
  }

  /// The commit is there only where the build was told (SOURCE_COMMIT).
  @Test func `the version is the changelog's, with the program's name`() throws {
    let file = Command.repository.appending(path: "Sources/CHANGELOG.md")
    let changes = try String(contentsOf: file, encoding: .utf8)
    let release = try #require(changes.firstMatch(of: /## ([0-9.]+)/)?.output.1)
    let said = try Command.run(["--version"]).output
    #expect(said == "leakaudit \(release)\n" || said.hasPrefix("leakaudit \(release) ("), "\(said)")
  }
}
