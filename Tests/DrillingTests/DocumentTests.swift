import Foundation
import PolicyFiles
import StackCheck
import Testing
import Text

@testable import Drilling

struct DocumentTests {
  private func result(_ scenario: Scenario, _ grade: ScenarioResult.Grade, leaked: Int = 0) -> ScenarioResult {
    var result = ScenarioResult(scenario, round: 1)
    result.grade = grade
    result.attempts.tried = 40
    result.attempts.through = 10
    result.millisecondsWithoutTunnel = 2500
    if grade == .incomplete { result.reasons = ["<it> & was not down"] }
    if leaked > 0 {
      result.leaks = [
        ScenarioResult.Leak(
          reason: "dns", severity: "high", title: "", interface: "br0", destination: "198.51.100.53", port: 53,
          protocol: "udp", probe: "dns-udp-public", frames: leaked * 2, packets: leaked, fate: "escaped", first: "",
          last: "", milliseconds: 1500)
      ]
    }
    return result
  }

  private func document(_ results: [ScenarioResult], problem: String? = nil) -> DrillDocument {
    DrillDocument(
      version: "1", seed: 7, drilled: .twin, names: ("vpn", ["app"]), leftOut: [], results: results, problem: problem)
  }

  private var control: ScenarioResult { result(.control, .leakSeen, leaked: 9) }

  @Test func `the sentence counts what was exercised, and not the control`() {
    let clean = document([control, result(.baseline, .holds), result(.coldStart, .holds)])
    #expect(clean.conclusion == "clean")
    #expect(
      clean.sentence
        == "CLEAN: exercised 2 ways, 5 s without a tunnel in all; 60 attempts did not get into the tunnel, "
        + "and nothing got out beside it.")
    let leaking = document([control, result(.baseline, .holds), result(.coldStart, .leaks, leaked: 3)])
    #expect(leaking.conclusion == "leaks")
    #expect(leaking.sentence.hasSuffix("and 3 packets got out beside it in 1 way: cold-start."))
  }

  @Test func `nothing is clean without a control, with something that was not exercised, or at an early end`() {
    #expect(document([result(.baseline, .holds)]).conclusion == "incomplete")
    #expect(document([control]).conclusion == "incomplete")
    #expect(document([]).conclusion == "incomplete")
    #expect(document([control, result(.baseline, .holds), result(.sleep, .incomplete)]).conclusion == "incomplete")
    #expect(document([control, result(.baseline, .holds)], problem: "interrupted").conclusion == "incomplete")
    #expect(document([control, result(.baseline, .doesNotApply)]).conclusion == "incomplete")
    #expect(
      document([result(.control, .incomplete), result(.sleep, .leaks, leaked: 1)], problem: "x").conclusion == "leaks")
  }

  @Test func `the JSON says all that the table says`() throws {
    let text = try JSON.pretty(document([control, result(.sleep, .leaks, leaked: 3)]))
    let back = try JSONDecoder().decode(DrillDocument.self, from: Data(text.utf8))
    #expect(back.schema == "leakaudit.drill/1" && back.results.map(\.id) == ["control", "sleep"])
    #expect(try JSON.pretty(back) == text)
  }

  @Test func `JUnit has a case for each scenario`() throws {
    let xml = DrillJUnit.text(
      document(
        [
          control, result(.baseline, .holds), result(.sleep, .leaks, leaked: 3), result(.coldStart, .incomplete),
          result(.meddling, .doesNotApply),
        ], problem: "it <broke>"))
    #expect(xml.contains("<testsuite name=\"vpn\" tests=\"6\" failures=\"1\" errors=\"2\" skipped=\"1\">"))
    #expect(xml.contains("<failure type=\"leaks\" message=\"3 packets leaked: "))
    #expect(xml.contains("&lt;it&gt; &amp; was not down") && xml.contains("it &lt;broke&gt;"))
    #expect(xml.components(separatedBy: "<testcase ").count == 7)
  }

  @Test func `a leak names the finding that predicted it, or says that there is none`() throws {
    func told(_ causes: [DrillDocument.Cause]?) -> String {
      var leaking = result(.sleep, .leaks, leaked: 3)
      leaking.leaks[0].predictedBy = causes
      return DrillTable.leaks([leaking], TextLayout())
    }
    let report = StackAudit.report(
      scripts: [.init(path: "start.sh", target: "", text: "iptables -P OUTPUT DROP\niptables -A OUTPUT -j ACCEPT")],
      configs: [])
    let finding = try #require(report.findings.first)
    // Lines are wrapped.
    #expect(told([.init(finding), .init(finding)]).hasSuffix("predicted: \(finding.fault.id)\n"))
    #expect(told([]).hasSuffix("check did not predict it\n"))
    #expect(told(nil).hasSuffix("(probe dns-udp-public)\n"))
  }

  @Test func `SARIF has the findings that a drill showed, and says what has none`() throws {
    let script = "iptables -P OUTPUT DROP\niptables -A OUTPUT -j ACCEPT\n"
    let report = StackAudit.report(
      scripts: [.init(path: "start.sh", target: "", text: script)], configs: [])
    let finding = try #require(report.findings.first)
    var predicted = result(.sleep, .leaks, leaked: 3)
    predicted.leaks[0].predictedBy = [.init(finding)]
    var other = result(.coldStart, .leaks, leaked: 2)
    other.leaks[0].predictedBy = []
    func sarif(_ results: [ScenarioResult]) throws -> String {
      try JSON.pretty(DrillSARIF.document(document([control] + results), ShownReport(report)))
    }
    let text = try sarif([predicted, other, result(.meddling, .incomplete)])
    #expect(text.contains("A drill showed it: 3 packets leaked in sleep."))
    #expect(text.contains("check did not predict what leaked: 2 packets leaked in cold-start"))
    #expect(text.contains("consumer-meddles was not exercised"))
    #expect(text.contains("\"executionSuccessful\" : false"))
    // What leaked nowhere is no result of a drill.
    let holds = try sarif([result(.sleep, .holds)])
    #expect(!holds.contains("A drill showed it") && !holds.contains("did not predict"))
    #expect(!holds.contains("\"ruleIndex\""))
  }

  @Test func `a line of the table ends with its reasons`() {
    let line = DrillTable.line(result(.sleep, .incomplete), on: .twin, TextLayout())
    #expect(line.hasPrefix("sleep                 INCOMPLETE "))
    #expect(line.hasSuffix("\n    <it> & was not down\n"))
  }

  @Test func `scenarios have names of their own, and their group's number`() {
    let all = [Scenario.control] + Scenario.all
    #expect(Set(all.map(\.id)).count == all.count)
    #expect(all.map(\.number) == all.map(\.number).sorted())
    for scenario in all { #expect(scenario.what.hasSuffix(".") && !scenario.id.contains(" ")) }
  }
}
