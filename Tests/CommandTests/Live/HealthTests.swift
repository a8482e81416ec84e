import Foundation
import TestNeeds
import TestSupport
import Testing

/// `health` as a HEALTHCHECK runs it. A real watch is asked in ServeTests.
@Suite(.needs(.python)) struct HealthTests {
  private let server: LocalServer

  init() throws {
    server = try LocalServer(
      #"""
      class Answers(Handler):
          def do_GET(self):
              if self.path == "/silent": threading.Event().wait()
              if self.path == "/moved": return self.answer(302, b"", ("Location", "/healthz"))
              if self.path == "/closed":
                  return self.answer(200 if self.headers.get("Authorization") == "Bearer 0123456789abcdef" else 401)
              if self.path == "/ill": return self.answer(503, b"eth9 is gone\x1b\nand more\n")
              self.answer(200 if self.path == "/healthz" else 404, b"watching\n")
      """#, in: TemporaryDirectory())
  }

  @Test func `healthy is 0, anything else is 1`() throws {
    for address in [
      server.address, "\(server.address)/", "\(server.address)/healthz", String(server.address.dropFirst(7)),
    ] {
      let result = try Command.run(["health", address])
      #expect(result.status == 0 && result.output == "watching\n" && result.errors.isEmpty, "\(address): \(result)")
    }
    let ill = try Command.run(["health", "\(server.address)/ill"])
    #expect(ill.status == 1 && ill.outputLines.count == 2 && !ill.output.contains("\u{1B}"), "\(ill.output)")
    #expect(try Command.run(["health", "\(server.address)/other"]).status == 1)
    #expect(try Command.run(["health", "\(server.address)/moved"]).status == 1)
    let nobody = try Command.run(["health", "http://127.0.0.1:1"])
    #expect(nobody.status == 1 && nobody.errors.hasPrefix("leakaudit: no answer: "), "\(nobody.errors)")
    let start = ContinuousClock.now
    #expect(try Command.run(["health", "\(server.address)/silent"]).status == 1)
    #expect(ContinuousClock.now - start < .seconds(20))
    #expect(try Command.run(["health", "ftp://127.0.0.1/"]).status == 64)
  }

  @Test func `the address and the token may stand in the environment`() throws {
    let port = String(server.address.dropFirst("http://127.0.0.1:".count))
    #expect(try Command.run(["health"], environment: ["LEAKAUDIT_SERVE": "0.0.0.0:\(port)"]).status == 0)
    #expect(try Command.run(["health"], environment: ["LEAKAUDIT_SERVE": "127.0.0.1:1"]).status == 1)
    let closed = ["health", "\(server.address)/closed"]
    #expect(try Command.run(closed).status == 1)
    #expect(try Command.run(closed, environment: ["LEAKAUDIT_SERVE_TOKEN": "0123456789abcdef"]).status == 0)
    let directory = try TemporaryDirectory()
    let token = try directory.file("token", "0123456789abcdef\n")
    #expect(try Command.run(closed + ["--serve-token-file", token]).status == 0)
    // Another machine's watch is no answer, whatever proxy the environment names.
    #expect(try Command.run(["health", server.address], environment: ["http_proxy": "http://127.0.0.1:1"]).status == 0)
  }
}
