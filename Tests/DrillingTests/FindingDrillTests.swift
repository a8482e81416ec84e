import Foundation
import Testing

@testable import Drilling

/// What Tests/Lab/drill-findings is told of each finding of `check`, and the table that it has made.
struct FindingDrillTests {
  private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }

  private static let findings =
    ((try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Tests/Lab/findings").path)) ?? [])
    .sorted()

  @Test func `each finding names scenarios that can show it, or says why none can`() throws {
    let known = Set(Scenario.all.map(\.id))
    #expect(Self.findings.count > 40)
    for finding in Self.findings {
      let lines = try Self.text("Tests/Lab/findings/\(finding)/drill").split(separator: "\n").map(String.init)
      if lines[0].hasPrefix("not shown: ") {
        #expect(lines.count == 1 && lines[0].count > 30, "\(finding)")
        continue
      }
      let scenarios = lines.filter { !$0.contains("=") }
      #expect(!scenarios.isEmpty && scenarios.allSatisfy(known.contains), "\(finding): \(scenarios)")
    }
  }

  @Test func `the table has each finding, and none that is wrong`() throws {
    let rows = try Self.text("Examples/drill/findings.md").split(separator: "\n").filter { $0.hasPrefix("| ") }
      .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
    let table = rows.filter { Self.findings.contains($0[0]) }
    #expect(table.map { $0[0] } == Self.findings)
    for row in table {
      let verdict = row[row.count - 1]
      let plan = try Self.text("Tests/Lab/findings/\(row[0])/drill")
      let isShown = !plan.hasPrefix("not shown: ")
      #expect(verdict.hasPrefix(isShown ? "confirmed" : "not shown: "), "\(row)")
    }
  }
}
