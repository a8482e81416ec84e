import Policy
package import Summaries
import Text

/// Summaries as test results in JUnit's XML, as CI services read it (junit-10.xsd of Jenkins' xUnit plugin). Each
/// scenario is a suite; it has a case for each interface, and one for whether everything was seen.
package enum JUnitReport {
  package static func text(_ scenarios: [(name: String, summary: Summary)]) -> String {
    let suites = scenarios.map { Suite($0.name, $0.summary) }
    var text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
    text += "<testsuites name=\"leakaudit\"\(totals(suites.flatMap(\.cases)))>\n"
    for suite in suites {
      let time = suite.milliseconds.map { " time=\"\($0 / 1000).\(String($0 % 1000 + 1000).dropFirst())\"" } ?? ""
      let timestamp = suite.start.map { " timestamp=\"\(Markup.escaped(String($0.prefix(19))))\"" } ?? ""
      text +=
        "  <testsuite name=\"\(Markup.escaped(suite.name))\"\(totals(suite.cases)) skipped=\"0\"\(time)\(timestamp)>\n"
      for testCase in suite.cases { text += testCase.xml(suite.name) }
      text += "  </testsuite>\n"
    }
    return text + "</testsuites>\n"
  }

  private static func totals(_ cases: [Case]) -> String {
    " tests=\"\(cases.count)\" failures=\"\(cases.count { !$0.failures.isEmpty })\""
      + " errors=\"\(cases.count { !$0.errors.isEmpty })\""
  }

  private struct Suite {
    let name: String
    var cases: [Case]
    let milliseconds: Int64?
    let start: String?

    init(_ name: String, _ summary: Summary) {
      self.name = name
      start = summary.first?.coded
      milliseconds = summary.span.map { max(0, $0 / 1_000_000) }
      let failing = Dictionary(grouping: summary.countedLeaks.filter(summary.isFailing), by: \.interface)
      cases = summary.namedInterfaces.map { interface in
        Case(name: interface.name, failures: failing[interface.name] ?? [])
      }
      cases.append(Case(name: "nothing was missed", errors: summary.limits))
    }
  }

  private struct Case {
    var name: String
    var failures: [Summary.LeakEntry] = []
    var errors: [Summary.Limit] = []

    func xml(_ suite: String) -> String {
      let head = "    <testcase name=\"\(Markup.escaped(name))\" classname=\"\(Markup.escaped("leakaudit." + suite))\""
      guard !failures.isEmpty || !errors.isEmpty else { return head + "/>\n" }
      var text = head + ">\n"
      for leak in failures {
        let message = "\(leak.severity.rawValue) \(leak.reason.rawValue): \(leak.title), \(leak.target)"
        let lines: [String?] = [
          leak.whose, leak.sources.isEmpty ? nil : "from " + leak.sources.map(\.coded).joined(separator: ", "),
          leak.questions.isEmpty ? nil : "asked for " + leak.questions.map(\.coded).joined(separator: ", "),
          leak.details.isEmpty ? nil : leak.details.map(\.sentence).joined(separator: ", "),
          "\(leak.packets.map { Formatting.count($0, "packet") } ?? Formatting.count(leak.frames, "frame")), \(Formatting.bytes(leak.bytes)), first \(leak.first.coded)\(leak.frameWords), last \(leak.last.coded)",
        ]
        text += "      <failure type=\"\(leak.reason.rawValue)\" message=\"\(Markup.escaped(message))\">"
        text += lines.compactMap(\.self).map(Markup.escaped).joined(separator: "\n") + "</failure>\n"
      }
      for limit in errors {
        let action = limit.action.map { "Do: \(Markup.escaped($0))" } ?? ""
        for reason in limit.reasons {
          text += "      <error type=\"incomplete\" message=\"\(Markup.escaped(reason))\">\(action)</error>\n"
        }
      }
      return text + "    </testcase>\n"
    }
  }
}
