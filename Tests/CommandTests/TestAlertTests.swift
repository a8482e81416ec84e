import Foundation
import TestNeeds
import TestSupport
import Testing

/// `test-alert`, and secrets that stand in files or in the environment and never in an output.
@Suite(.needs(.python)) struct TestAlertTests {
  private static let token = "tk_5ecretToken"
  private static let answers = #"""
    import json
    record = open(directory + "/requests", "a", buffering=1)

    class Answers(Handler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            record.write(json.dumps({"path": self.path, "token": self.headers.get("Authorization"), "body": body,
                "title": self.headers.get("Title")}) + "\n")
            self.answer(403 if "refuses" in self.path else 200)
    """#

  private struct Request: Decodable {
    var path, body: String
    var token, title: String?
  }

  private let server: LocalServer
  private let directory: TemporaryDirectory

  init() throws {
    directory = try TemporaryDirectory()
    server = try LocalServer(Self.answers, in: TemporaryDirectory())
  }

  private var requests: [Request] {
    get throws {
      try server.directory.lines("requests").map { try JSONDecoder().decode(Request.self, from: Data($0.utf8)) }
    }
  }

  @Test func `each outlet gets one test, with the secrets of the files`() throws {
    let address = try directory.file("url", "  \(server.address)/secret-topic \nanother line\n")
    let field = try directory.file("field", "Authorization: Bearer \(Self.token)\n")
    let result = try Command.run([
      "test-alert", "--webhook-file", address, "--webhook-header-file", field, "--webhook-format", "ntfy", "--alerts",
      directory.path("alerts"), "--on-leak", "cat >/dev/null",
    ])
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(
      result.outputLines == [
        "alert file \(directory.path("alerts")): accepted", "webhook http://127.0.0.1: accepted", "command: accepted",
      ])
    let sent = try requests
    #expect(sent.count == 1 && sent[0].path == "/secret-topic" && sent[0].token == "Bearer \(Self.token)")
    #expect(sent.first?.title == "leakaudit: test" && sent.first?.body.contains("This is a test of alerts") == true)
    let line = try #require(directory.lines("alerts").first)
    #expect(line.contains(#""schema":"leakaudit.notice/1""#) && line.contains(#""kind":"test""#))
    #expect(directory.lines("alerts").count == 1)
  }

  @Test func `one outlet that refuses is told, and the others are tried`() throws {
    let result = try Command.run([
      "test-alert", "--webhook", "\(server.address)/refuses/\(Self.token)", "--alerts", directory.path("alerts"),
      "--on-leak", "exit 3",
    ])
    #expect(result.status == 1)
    #expect(
      result.outputLines == [
        "alert file \(directory.path("alerts")): accepted", "webhook http://127.0.0.1: HTTP 403",
        "command: exit status 3",
      ])
    #expect(!(result.output + result.errors).contains(Self.token))
  }

  @Test func `apprise is posted to as apprise-api expects`() throws {
    let result = try Command.run([
      "test-alert", "--webhook", "\(server.address)/notify/key", "--webhook-format", "apprise",
    ])
    #expect(result.status == 0)
    let body = try #require(requests.first).body
    let message = try JSONDecoder().decode([String: String].self, from: Data(body.utf8))
    #expect(message["type"] == "failure" && message["title"] == "leakaudit: test" && message["format"] == "text")
  }

  @Test(arguments: [
    ([], 64, "no outlet is given"), (["--webhook-file", "/nonexistent"], 66, "--webhook-file '/nonexistent'"),
    (["--webhook-file", "/dev/null"], 64, "its first line is empty"),
    (["--webhook-file", "ftp"], 64, "must begin with https://"),
    (["--webhook-file", "long"], 64, "longer than 64 KiB"),
    (["--webhook", "http://127.0.0.1:1/", "--webhook-header-file", "ftp"], 64, "must be a header field"),
    (
      ["--webhook", "http://127.0.0.1:1/", "--webhook", "http://127.0.0.1:1/", "--webhook-header-file", "x"], 64,
      "needs one webhook"
    ),
  ])
  func `what cannot be used is named, and the secret is not`(
    options: [String], status: Int32, words: String
  ) throws {
    let files = [
      "ftp": try directory.file("ftp", "ftp//\(Self.token)\n"),
      "long": try directory.file("long", Self.token + String(repeating: "x", count: 70_000)),
    ]
    let result = try Command.run(["test-alert"] + options.map { files[$0] ?? $0 })
    #expect(result.status == status && result.output.isEmpty, "\(result.errors)")
    #expect(result.errors.contains(words) && !result.errors.contains(Self.token), "\(result.errors)")
  }

  @Test func `options may stand in the environment, and arguments win`() throws {
    let environment = [
      "LEAKAUDIT_WEBHOOK_FILE": try directory.file("url", "\(server.address)/topic"),
      "LEAKAUDIT_WEBHOOK_FORMAT": "slack",
      "LEAKAUDIT_ON_LEAK": "true\nexit 0", "LEAKAUDIT_USER": "", "LEAKAUDIT_CONTROL": "yes",
    ]
    let result = try Command.run(["test-alert", "--webhook-format", "ntfy"], environment: environment)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.outputLines == ["webhook http://127.0.0.1: accepted", "command: accepted", "command: accepted"])
    #expect(try requests.first?.title == "leakaudit: test")
    #expect(
      result.errorLines
        == ["leakaudit: from the environment: LEAKAUDIT_ON_LEAK, LEAKAUDIT_WEBHOOK_FILE, LEAKAUDIT_WEBHOOK_FORMAT"])
  }

  @Test(arguments: [
    ("LEAKAUDIT_WEBHOK", "secret", "the nearest is LEAKAUDIT_WEBHOOK"),
    ("LEAKAUDIT_N", "1", "watch has no such option"),
    ("LEAKAUDIT_HELP", "1", "watch has no such option"), ("LEAKAUDIT_SYSLOG", "secret", "it takes true or false"),
  ])
  func `a variable that is no option is refused`(name: String, value: String, words: String) throws {
    for command in ["test-alert", "watch"] {
      let result = try Command.run([command], environment: [name: value])
      #expect(result.status == 64 && result.errorLines.count == 1, "\(result.errors)")
      #expect(result.errors.contains(name) && result.errors.contains(words) && !result.errors.contains("secret"))
    }
    // Other commands take no variables.
    #expect(try Command.run(["rules", "--format", "json"], environment: [name: value]).status == 0)
  }

  @Test func `policy shows what the environment states`() throws {
    let result = try Command.run(
      ["policy", "--no-docker", "--endpoint", "203.0.113.9:51820"],
      environment: ["LEAKAUDIT_ENDPOINT": "203.0.113.178:51820", "LEAKAUDIT_FORMAT": "ndjson"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("203.0.113.178:51820") && result.output.contains("203.0.113.9:51820"))
    #expect(result.errors.contains("from the environment: LEAKAUDIT_ENDPOINT\n"))
  }

  @Test(.needs(.root, .namespaces, .iproute))
  func `a whole watch may be set by the environment, and its commands do not inherit that`() throws {
    let result = try Command.shell(
      """
      export LEAKAUDIT_INTERFACE=lo LEAKAUDIT_DOCKER=false LEAKAUDIT_DURATION=60 LEAKAUDIT_FORMAT=json
      export LEAKAUDIT_COUNT=2 LEAKAUDIT_ROLE=lo=nic LEAKAUDIT_REDACT_KEY=\(Self.token) LEAKAUDIT_REDACT=1
      unshare --net sh -c '
        ip link set lo up
        "$leakaudit" watch --count 4 & watch=$!
        sleep 1
        ping -c 20 -i 0.05 127.0.0.1 >/dev/null
        wait $watch'
      """)
    #expect(try result.summary().frames == 4, "\(result.errors)")
    #expect(!(result.output + result.errors).contains(Self.token))
  }
}
