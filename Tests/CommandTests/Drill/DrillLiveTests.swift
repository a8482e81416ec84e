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

  @Test(arguments: [[], ["--only", "gateway-restarted"]])
  func `after SIGKILL the table is gone, and the next drill undoes the rest`(options: [String]) throws {
    let directory = try TemporaryDirectory()
    let run = try Lab.run(
      "drill-live", [Command.binary.path, directory.url.path, "mended", "--end", "KILL"] + options,
      limit: .seconds(300))
    #expect(run.outputLines.last == "as before", "\(run.errors)")
    let undone = try String(contentsOfFile: directory.path("mended.undo"), encoding: .utf8)
    // Started, if the engine had just stopped it.
    for name in ["wireguard", "speedtest-tracker"] {
      #expect(["restart", "start"].contains { undone.contains("docker \($0) \(name)\n") }, "\(undone)")
    }
  }

  @Test func `Ctrl-C undoes what was done`() throws {
    let directory = try TemporaryDirectory()
    let run = try Lab.run(
      "drill-live", [Command.binary.path, directory.url.path, "mended", "--end", "INT"], limit: .seconds(300))
    #expect(run.outputLines.last == "as before", "\(run.errors)")
    #expect(try String(contentsOfFile: directory.path("mended.status"), encoding: .utf8) == "3\n")
  }

  @Test func `on a terminal it is asked, and no is the answer of who says nothing`() throws {
    let directory = try TemporaryDirectory()
    let run = try Lab.run(
      "drill-live", [Command.binary.path, directory.url.path, "mended", "--answer", " "], limit: .seconds(300))
    #expect(run.outputLines.last == "as before", "\(run.errors)")
    #expect(try String(contentsOfFile: directory.path("mended.status"), encoding: .utf8) == "3\n")
    let shown = try String(contentsOfFile: directory.path("mended.log"), encoding: .utf8)
    #expect(shown.contains("Restarted, perhaps more than once: wireguard, speedtest-tracker.\r\n"), "\(shown)")
    #expect(shown.contains("nothing was done") && !shown.contains("seed"), "\(shown)")
  }
}
