import Foundation
import TestNeeds
import TestSupport
import Testing

/// The static audit, as a user runs it.
@Suite struct CheckTests {
  struct Document: Decodable {
    struct Finding: Decodable {
      var id, severity, file, message: String
      var line: Int?
    }
    struct Passed: Decodable {
      var file, text, reason: String
      var line: Int?
    }
    var schema, conclusion: String
    var findings: [Finding]
    var notUnderstood: [Passed]
    var unread, problems, files: [String]

    var ids: Set<String> { Set(findings.map(\.id)) }
  }

  static func document(_ result: Command.Result) throws -> Document {
    try JSONDecoder().decode(Document.self, from: Data(result.output.utf8))
  }

  /// A copy of a folder of stacks, with the right modes on its files.
  static func copy(_ path: String) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    let result = try Command.shell(
      "cp -r '\(path)/.' '\(directory.url.path)' && find '\(directory.url.path)' -name '*.conf' -exec chmod 600 {} +")
    try #require(result.status == 0, "\(result.errors)")
    return directory
  }

  // MARK: - Findings

  /// A folder of Tests/Lab/findings.
  struct Example: CustomTestStringConvertible {
    var name: String
    var testDescription: String { name }
    var path: String { "Tests/Lab/findings/\(name)" }
    /// A second example of a fault has its own name after a dot.
    var fault: String { String(name.prefix { $0 != "." }) }

    static let all: [Self] = {
      let folder = Command.repository.appending(path: "Tests/Lab/findings").path
      return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted().map { Self(name: $0) }
    }()

    /// Faults that always come with others.
    var companions: Set<String> {
      let file = Command.repository.appending(path: path + "/also")
      let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
      return Set(text.split(separator: "\n").map(String.init))
    }
  }

  @Test func `every fault has an example`() throws {
    let sarif = try Command.run(["check", "--wg-config", "captures/healthy.wg0.conf", "--format", "sarif"])
    let run = try JSONDecoder().decode(SARIF.self, from: Data(sarif.output.utf8)).runs[0]
    let ids = run.tool.driver.rules.map(\.id)
    #expect(ids.count > 20)
    #expect(ids.sorted() == Set(Example.all.map(\.fault)).sorted())
    #expect(!run.results.isEmpty && run.results.allSatisfy { ids[$0.ruleIndex] == $0.ruleId })
  }

  private struct SARIF: Decodable {
    struct Run: Decodable {
      var tool: Tool
      var results: [Result]
    }
    struct Tool: Decodable { var driver: Driver }
    struct Driver: Decodable { var rules: [Rule] }
    struct Rule: Decodable { var id: String }
    struct Result: Decodable {
      var ruleId: String
      var ruleIndex: Int
    }
    var runs: [Run]
  }

  @Test(arguments: Example.all)
  func `the flagged example has the fault, the fixed one does not`(_ example: Example) throws {
    let flagged = try Self.copy(example.path + "/flagged")
    // What git does not keep: the mode of a file.
    if example.fault == "key-readable" {
      _ = try Command.shell("find '\(flagged.url.path)' -name '*.conf' -exec chmod 644 {} +")
    }
    let bad = try Self.document(
      try Command.run(["check", "--compose", flagged.path("compose.yaml"), "--format", "json"]))
    #expect(bad.ids == example.companions.union([example.fault]), "\(bad)")
    #expect(bad.conclusion == "faults")
    let mended = try Self.copy(example.path + "/mended")
    let result = try Command.run(["check", "--compose", mended.path("compose.yaml"), "--format", "json"])
    let good = try Self.document(result)
    #expect(good.ids.isEmpty && good.unread.isEmpty && good.notUnderstood.isEmpty, "\(good)")
    #expect(result.status == 0)
  }

  // MARK: - Whole stacks

  @Test(arguments: ["article", "client-and-server"])
  func `the articles' stacks give their reviewed output`(_ name: String) throws {
    let path = "Tests/Lab/stacks/\(name)"
    // The mode of git's copy depends on who made it.
    _ = try Command.shell("find '\(path)' -name '*.conf' -exec chmod 644 {} +")
    let check = try Command.run(["check", "--compose", "\(path)/docker-compose.yaml"])
    try ExpectedFile.compare(check.output + check.footer, with: "\(path).check.txt")
    let policy = try Command.run(["policy", "--compose", "\(path)/docker-compose.yaml"])
    try ExpectedFile.compare(policy.output + policy.footer, with: "\(path).policy.txt")
  }

  @Test func `the stack that this project ships has no known fault`() throws {
    let stack = try Self.copy("Examples/stack")
    // As its README has it.
    let fill = """
      cd '\(stack.url.path)' && cp .env.example .env && cd wireguard/wg_confs && umask 027 && key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA= &&
      sed "s|^PrivateKey = .*|PrivateKey = $key|; s|^PublicKey = .*|PublicKey = $key|" wg0.conf.example >wg0.conf
      """
    #expect(try Command.shell(fill).status == 0)
    let result = try Command.shell("cd '\(stack.url.path)' && \"$leakaudit\" check --format json --fail-on info")
    let document = try Self.document(result)
    #expect(result.status == 0)
    #expect(document.findings.isEmpty && document.notUnderstood.isEmpty && document.unread.isEmpty, "\(document)")
    #expect(document.files.contains { $0.hasSuffix("kill-switch.sh") })
  }

  @Test(.needs(.jsonschema)) func `SARIF follows its schema`() throws {
    let result = try Command.run([
      "check", "--compose", "Tests/Lab/stacks/article/docker-compose.yaml", "--format", "sarif",
    ])
    #expect(result.status == 1)
    let directory = try TemporaryDirectory()
    let file = directory.url.appending(path: "check.sarif")
    let arguments = ["Tests/Schemas/sarif-schema-2.1.0.json", file.path]
    try Data(result.output.utf8).write(to: file)
    try Lab.run("schema", arguments)
    // The check must be able to fail.
    try Data(result.output.replacing("\"ruleId\"", with: "\"ruleID\"").utf8).write(to: file)
    try Lab.run("schema", arguments, status: 1)
  }

  @Test func `a policy may leave a service outside the kill switch`() throws {
    let directory = try TemporaryDirectory()
    try Data("allow:\n  - {id: ntfy, reason: on purpose, container: ntfy}\n".utf8)
      .write(to: directory.url.appending(path: "policy.yaml"))
    let arguments = [
      "check", "--compose", "Tests/Lab/stacks/client-and-server/docker-compose.yaml", "--format", "json",
    ]
    #expect(try Self.document(Command.run(arguments)).ids.contains("outside-kill-switch"))
    let allowed = try Self.document(Command.run(arguments + ["--policy", directory.path("policy.yaml")]))
    #expect(!allowed.ids.contains("outside-kill-switch"))
  }

  @Test func `a configuration alone is audited by its hooks`() throws {
    let result = try Command.run(["check", "--wg-config", "captures/healthy.wg0.conf", "--format", "json"])
    #expect(result.status == 1)
    #expect(try Self.document(result).ids.isSuperset(of: ["kill-switch-in-postup", "predown-removes-kill-switch"]))
  }

  // MARK: - Statuses

  @Test func `--fail-on decides the exit status`() throws {
    let stack = try Self.copy("Tests/Lab/findings/healthcheck-blind/flagged")
    let arguments = ["check", "--compose", stack.path("compose.yaml")]
    #expect(try Command.run(arguments).status == 1)
    let result = try Command.run(arguments + ["--fail-on", "high"])
    #expect(result.status == 0)
    #expect(result.output.hasPrefix("CLEAN at high and above: 1 finding (1 low)."))
  }

  @Test(arguments: [
    ("services: [", 65, "this is not YAML"),
    ("services:\n  web:\n    image: nginx\n", 65, "no service holds a VPN tunnel"),
    (
      "services:\n  vpn:\n    image: linuxserver/wireguard\n    cap_add: [NET_ADMIN]\n", 66,
      "no WireGuard configuration"
    ),
    ("services:\n  vpn:\n    image: other/wireguard\n    cap_add: [NET_ADMIN]\n", 3, "no file here shows"),
    ("services:\n  vpn:\n    image: ${IMAGE:?say which}\n", 65, "say which"),
  ])
  func `a project that cannot be judged is not clean`(text: String, status: Int32, words: String) throws {
    let directory = try TemporaryDirectory()
    try Data(text.utf8).write(to: directory.url.appending(path: "compose.yaml"))
    for format in ["json", "text"] {
      let result = try Command.run([
        "check", "--compose", directory.path("compose.yaml"), "--format", format, "--fail-on", "critical",
      ])
      #expect(result.status == status)
      let text = (result.output + result.errors).split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(text.contains(words), "\(result.output)\(result.errors)")
      #expect(!result.output.contains("CLEAN") && !result.output.contains("\"clean\""))
    }
  }

  @Test func `a line that is not understood prevents a clean result`() throws {
    let stack = try Self.copy("Tests/Lab/findings/no-kill-switch/mended")
    let script = try #require(
      FileManager.default.enumerator(atPath: stack.url.path)?.compactMap { $0 as? String }.first { $0.hasSuffix(".sh") }
    )
    let path = stack.url.appending(path: script)
    try Data((String(contentsOf: path, encoding: .utf8) + "\nfrobnicate --rules\n").utf8).write(to: path)
    let arguments = ["check", "--compose", stack.path("compose.yaml"), "--format"]
    let text = try Command.run(arguments + ["text"])
    #expect(text.status == 3)
    #expect(text.output.hasPrefix("INCOMPLETE: no known fault"))
    let json = try Command.run(arguments + ["json"])
    #expect(json.status == 3)
    #expect(json.errorLines.count == 1)
    let document = try Self.document(json)
    #expect(document.conclusion == "incomplete")
    #expect(document.notUnderstood.map(\.text) == ["frobnicate --rules"])
    let sarif = try Command.run(arguments + ["sarif"])
    #expect(sarif.status == 3)
    #expect(sarif.output.contains("\"executionSuccessful\" : false"))
  }

  @Test func `a file that is not there is missing input`() throws {
    let result = try Command.run(["check", "--compose", "no/such/compose.yaml"])
    #expect(result.status == 66)
    #expect(result.errorLines.count == 1)
  }

  @Test func `the folder's own compose file is found, with its override`() throws {
    let stack = try Self.copy("Tests/Lab/findings/no-kill-switch/mended")
    try Data("services:\n  extra:\n    image: nginx\n".utf8)
      .write(to: stack.url.appending(path: "compose.override.yaml"))
    let result = try Command.shell("cd '\(stack.url.path)' && \"$leakaudit\" check --format json")
    #expect(try Self.document(result).ids == ["outside-kill-switch"])
    let nothing = try TemporaryDirectory()
    let missed = try Command.shell("cd '\(nothing.url.path)' && \"$leakaudit\" check")
    #expect(missed.status == 65)
    #expect(missed.errorLines.count == 1 && missed.errors.contains("no compose file in this folder"))
  }

  /// As docker compose finds them.
  @Test func `files are found by COMPOSE_FILE, in a folder above, and on standard input`() throws {
    let stack = try Self.copy("Tests/Lab/findings/no-kill-switch/mended")
    let extra = "services:\n  extra:\n    image: nginx\n"
    try Data(extra.utf8).write(to: stack.url.appending(path: "more.yaml"))
    try FileManager.default.createDirectory(at: stack.url.appending(path: "deep/er"), withIntermediateDirectories: true)
    func findings(_ line: String) throws -> Set<String> {
      try Self.document(try Command.shell("cd '\(stack.url.path)' && \(line) --format json")).ids
    }
    let check = "\"$leakaudit\" check"
    #expect(try findings("COMPOSE_FILE=compose.yaml:more.yaml \(check)") == ["outside-kill-switch"])
    #expect(
      try findings("COMPOSE_PATH_SEPARATOR='+' COMPOSE_FILE=compose.yaml+more.yaml \(check)") == ["outside-kill-switch"]
    )
    #expect(try findings("cd deep/er && \(check)").isEmpty)
    #expect(try findings("\(check) -f - <compose.yaml").isEmpty)
    #expect(try findings("cat more.yaml | \(check) -f compose.yaml -f -") == ["outside-kill-switch"])
    try Data("COMPOSE_FILE=compose.yaml:more.yaml\n".utf8).write(to: stack.url.appending(path: ".env"))
    #expect(try findings(check) == ["outside-kill-switch"])
    #expect(try findings("COMPOSE_DISABLE_ENV_FILE=1 \(check)").isEmpty)
    let policy = try Command.shell(
      "printf '[Interface]\\nPrivateKey = \(String(repeating: "A", count: 43))=\\n[Peer]\\nEndpoint = 203.0.113.7:51820\\n' "
        + "| \"$leakaudit\" policy --wg-config -")
    #expect(policy.output.contains("203.0.113.7:51820"), "\(policy.errors)")
  }

  @Test func `text from files cannot control the terminal`() throws {
    let stack = try Self.copy("Tests/Lab/findings/chain-unused/flagged")
    let script = stack.url.appending(path: "startup/evil.sh")
    try FileManager.default.createDirectory(
      at: script.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data("frobnicate \u{1B}]0;owned\u{7} \u{202E}abc\n".utf8).write(to: script)
    for format in ["text", "json", "sarif"] {
      let result = try Command.run(["check", "--compose", stack.path("compose.yaml"), "--format", format])
      #expect(result.output.contains("frobnicate"))
      #expect(!result.output.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{7}" || $0 == "\u{202E}" })
    }
  }
}
