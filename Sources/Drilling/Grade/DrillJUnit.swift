import Report
import Text

/// A drill as test results in JUnit's XML: a case for each scenario, as CI services show it.
package enum DrillJUnit {
  package static func text(_ document: DrillDocument) -> String {
    let results = document.results
    var errors = results.count { $0.grade == .incomplete }
    if document.problem != nil { errors += 1 }
    let count = results.count + (document.problem == nil ? 0 : 1)
    let totals =
      " tests=\"\(count)\" failures=\"\(results.count { $0.grade == .leaks })\" errors=\"\(errors)\""
      + " skipped=\"\(results.count { $0.grade == .doesNotApply })\""
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"leakaudit drill\">\n"
    text += "  <testsuite name=\"\(Markup.escaped(document.gateway))\"\(totals)>\n"
    for result in results { text += testCase(result) }
    if let problem = document.problem {
      text += "    <testcase name=\"the drill\" classname=\"leakaudit.drill\">\n"
      text += "      <error type=\"incomplete\" message=\"\(Markup.escaped(problem))\"/>\n    </testcase>\n"
    }
    return text + "  </testsuite>\n</testsuites>\n"
  }

  private static func testCase(_ result: ScenarioResult) -> String {
    let time = "\(result.milliseconds / 1000).\(String(result.milliseconds % 1000 + 1000).dropFirst())"
    let name = result.round == 1 ? result.id : "\(result.id) \(result.round)"
    let head =
      "    <testcase name=\"\(Markup.escaped(name))\" classname=\"leakaudit.drill\" time=\"\(time)\""
    let reasons = result.reasons.map(Markup.escaped).joined(separator: "; ")
    switch result.grade {
    case .holds, .leakSeen: return head + "/>\n"
    case .doesNotApply: return head + ">\n      <skipped message=\"\(reasons)\"/>\n    </testcase>\n"
    case .incomplete:
      return head + ">\n      <error type=\"incomplete\" message=\"\(reasons)\"/>\n    </testcase>\n"
    case .leaks:
      let message = "\(Formatting.count(result.leakedPackets, "packet")) leaked: \(result.what)"
      let lines = DrillTable.leaks([result], TextLayout())
      return head + ">\n      <failure type=\"leaks\" message=\"\(Markup.escaped(message))\">"
        + lines.split(separator: "\n").map { Markup.escaped(String($0)) }.joined(separator: "\n")
        + "</failure>\n    </testcase>\n"
    }
  }
}
