import Foundation
import TestNeeds
import TestSupport
import Testing

/// `leakaudit drill --live` on running stacks of the lab (Tests/Lab/drill-live), whose island is their internet.
@Suite(.serialized, .needs(.root, .lab, .docker, .nft, .minutes)) struct DrillLiveTests {
  private struct Document: Decodable {
    let conclusion, drilled: String
    let results: [Result]
  }

  private struct Result: Decodable {
    let id, grade: String
    let reasons: [String]
    let attemptsWithoutTunnel: Int
    let leaks: [Leak]
  }

  private struct Leak: Decodable {
    let reason: String
    let fate: String?
  }

  private static let scenarios = [
    "baseline", "wg-quick-down", "interface-deleted", "endpoint-silent", "gateway-restarted", "gateway-killed",
    "consumer-restarted",
  ]

  private func drill(_ stack: String, only scenarios: [String], status: Int32) throws -> Document {
    let directory = try TemporaryDirectory()
    let captures = directory.path("captures")
    let run = try Lab.run(
      "drill-live",
      [Command.binary.path, directory.url.path, stack, "--captures", captures] + scenarios.flatMap { ["--only", $0] },
      limit: .seconds(600))
    let log = try String(contentsOfFile: directory.path("\(stack).log"), encoding: .utf8)
    #expect(run.outputLines.last == "as before", "\(run.errors)")
    #expect(try String(contentsOfFile: directory.path("\(stack).status"), encoding: .utf8) == "\(status)\n", "\(log)")
    let file = directory.path("\(stack).json")
    let document = try JSONDecoder().decode(Document.self, from: Data(contentsOf: URL(filePath: file)))
    #expect(document.drilled == "running")
    #expect(document.results.map(\.id) == ["control"] + scenarios)
    #expect(document.results.first?.grade == "leak seen")
    let comparison = try Lab.run("drill-compare", [file, captures] + scenarios)
    #expect(comparison.outputLines.count == scenarios.count)
    return document
  }

  @Test func `the mended stack holds while it runs, and is afterwards as it was`() throws {
    let document = try drill("mended", only: Self.scenarios, status: 0)
    #expect(document.conclusion == "clean")
    for result in document.results.dropFirst() {
      #expect(result.grade == "holds", "\(result.id): \(result.reasons)")
      let isQuick = ["baseline", "consumer-restarted"].contains(result.id)
      #expect(isQuick || result.attemptsWithoutTunnel > 0, "\(result.id)")
    }
  }

  @Test func `the article's stack leaks DNS while it runs, which escapes`() throws {
    let scenarios = ["interface-deleted", "endpoint-silent"]
    let document = try drill("article", only: scenarios, status: 1)
    for result in document.results.dropFirst() {
      #expect(result.grade == "leaks")
      #expect(result.leaks.contains { $0.reason == "dns" && $0.fate == "escaped" }, "\(result.id): \(result.leaks)")
    }
  }

  @Test func `after a drill that is killed, ended or not allowed, the stack is as it was`() throws {
    let directory = try TemporaryDirectory()
    let restart = ["--only", "gateway-restarted"]
    let run = try Lab.run(
      "drill-live",
      [Command.binary.path, directory.url.path, "mended", "--end", "KILL", "--then", "--end", "KILL"] + restart
        + ["--then", "--end", "INT", "--then", "--answer", " "], limit: .seconds(600))
    #expect(run.outputLines == Array(repeating: "as before", count: 4), "\(run.errors)")
    func text(_ name: String) throws -> String { try String(contentsOfFile: directory.path(name), encoding: .utf8) }
    // After SIGKILL the table is gone, and the next drill undoes the rest: what it restarts it only starts, if the engine had
    // just stopped it.
    for undone in try [text("mended.undo"), text("mended-2.undo")] {
      for name in ["wireguard", "speedtest-tracker"] {
        #expect(["restart", "start"].contains { undone.contains("docker \($0) \(name)\n") }, "\(undone)")
      }
    }
    // After Ctrl-C, the drill has undone it itself.
    #expect(try text("mended-3.status") == "3\n")
    // On a terminal it is asked, and no is the answer of who says nothing.
    #expect(try text("mended-4.status") == "3\n")
    let shown = try text("mended-4.log")
    #expect(shown.contains("Restarted, perhaps more than once: wireguard, speedtest-tracker.\r\n"), "\(shown)")
    #expect(shown.contains("nothing was done") && !shown.contains("seed"), "\(shown)")
  }
}
