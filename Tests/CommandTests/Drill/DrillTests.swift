import Foundation
import TestNeeds
import TestSupport
import Testing

/// `leakaudit drill` on stacks of the lab (Tests/Lab/drill), with real containers and real tunnels.
@Suite(.serialized, .needs(.root, .lab, .docker, .minutes)) struct DrillTests {
  private struct Document: Decodable {
    let schema, conclusion: String
    let results: [Result]

    subscript(id: String) -> Result? { results.first { $0.id == id } }
  }

  private struct Result: Decodable {
    let id, grade: String
    let reasons: [String]
    let recoveryMilliseconds: Int?
    let leaks: [Leak]
  }

  private struct Leak: Decodable {
    struct Cause: Decodable { let id: String }
    let reason: String
    let fate, destination: String?
    let predictedBy: [Cause]?
  }

  /// Drills a stack, and compares every number with tcpdump's.
  private func drill(_ stack: String, only scenarios: [String], status: Int32) throws -> Document {
    let directory = try TemporaryDirectory()
    let captures = directory.path("captures")
    try Lab.run(
      "drill",
      [Command.binary.path, directory.url.path, stack, "--captures", captures] + scenarios.flatMap { ["--only", $0] },
      limit: .seconds(900))
    let log = try String(contentsOfFile: directory.path("\(stack).log"), encoding: .utf8)
    let ended = try String(contentsOfFile: directory.path("\(stack).status"), encoding: .utf8)
    #expect(ended == "\(status)\n", "\(log)")
    let file = directory.path("\(stack).json")
    let document = try JSONDecoder().decode(Document.self, from: Data(contentsOf: URL(filePath: file)))
    #expect(document.schema == "leakaudit.drill/1")
    #expect(document.results.map(\.id) == ["control"] + scenarios)
    // Not the control, whose leaks only have to be seen.
    let comparison = try Lab.run("drill-compare", [file, captures] + scenarios)
    #expect(comparison.outputLines.count == scenarios.count)
    return document
  }

  @Test func `the mended stack holds, whatever takes its tunnel away`() throws {
    let scenarios = [
      "baseline", "cold-start", "wg-quick-down", "interface-deleted", "gateway-restarted", "gateway-recreated",
      "gateway-killed", "malformed-address",
    ]
    let document = try drill("mended", only: scenarios, status: 0)
    #expect(document.conclusion == "clean")
    #expect(document["control"]?.grade == "leak seen")
    for id in scenarios {
      let result = try #require(document[id])
      #expect(result.grade == "holds", "\(id): \(result.reasons)")
    }
  }

  @Test func `the article's stack leaks DNS, which escapes`() throws {
    let scenarios = ["wg-quick-down", "malformed-address"]
    let document = try drill("article", only: scenarios, status: 1)
    #expect(document.conclusion == "leaks")
    for id in scenarios {
      let result = try #require(document[id])
      #expect(result.grade == "leaks")
      #expect(result.leaks.contains { $0.reason == "dns" && $0.fate == "escaped" }, "\(id): \(result.leaks)")
    }
  }

  @Test func `an Endpoint that moves is found again, and its new address is no leak`() throws {
    let document = try drill("named", only: ["endpoint-moves"], status: 1)
    let result = try #require(document["endpoint-moves"])
    #expect(result.reasons.isEmpty && result.recoveryMilliseconds != nil, "\(result)")
    // As in each other scenario, DNS to the LAN.
    #expect(result.leaks.contains { $0.reason == "dns" && $0.fate == "escaped" })
    #expect(!result.leaks.contains { $0.destination == "203.0.113.179" })
  }

  @Test func `a drill of its example confirms a finding, which predicted each leak`() throws {
    let findings = ["no-kill-switch", "starts-before-tunnel", "gateway-files-writable"]
    let directory = try TemporaryDirectory()
    let table = try Lab.run(
      "drill-findings", [Command.binary.path, directory.url.path] + findings, limit: .seconds(900))
    for finding in findings {
      let row = try #require(table.outputLines.first { $0.hasPrefix("| \(finding) |") })
      #expect(row.hasSuffix("| none | confirmed |"), "\(row)")
      let file = directory.path("\(finding).flagged.json")
      let document = try JSONDecoder().decode(Document.self, from: Data(contentsOf: URL(filePath: file)))
      let leaks = document.results.filter { $0.id != "control" }.flatMap(\.leaks)
      #expect(!leaks.isEmpty)
      for leak in leaks { #expect(leak.predictedBy?.contains { $0.id == finding } == true, "\(leak)") }
    }
  }

  @Test func `the jobs for CI drill a project`() throws {
    let directory = try TemporaryDirectory()
    // Of the jobs' scenarios, those that take seconds.
    let skipped = ["composed-start", "interface-deleted", "7"].flatMap { ["--skip", $0] }
    try Lab.run(
      "drill", [Command.binary.path, directory.url.path, "article", "--jobs"] + skipped, limit: .seconds(900))
    for service in ["github", "gitlab"] {
      let status = try String(contentsOfFile: directory.path("\(service).status"), encoding: .utf8)
      let xml = try String(contentsOfFile: directory.path("\(service).xml"), encoding: .utf8)
      let log = try String(contentsOfFile: directory.path("\(service).log"), encoding: .utf8)
      #expect(status == "1\n", "\(log)")
      for scenario in ["cold-start", "wg-quick-down"] { #expect(xml.contains("name=\"\(scenario)\"")) }
      #expect(xml.contains("<failure type=\"leaks\""))
    }
  }

  @Test func `a drill leaves the machine as it was, also when it is killed`() throws {
    let result = try Lab.run("drill-traces", [Command.binary.path], limit: .seconds(900))
    #expect(result.outputLines.filter { $0.hasSuffix(": as before") }.count == 4, "\(result.output)")
  }
}
