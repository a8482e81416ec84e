import StackCheck
package import Text

/// The graded table, a line as each scenario ends, and the leaks below it.
package enum DrillTable {
  /// 80 columns in all.
  private static let widths = (name: 22, grade: 11, numbers: [6, 7, 8, 7, 7, 6, 6])

  /// - Parameters:
  ///   - names: of the gateway, and of what is behind it.
  ///   - leftOut: what is not drilled, a sentence each.
  ///   - empty: the volumes that are empty in a twin.
  package static func head(
    _ kind: DrilledKind, _ names: (gateway: String, consumers: [String]), leftOut: [String], empty: [String] = []
  ) -> String {
    let services = ([names.gateway] + names.consumers).map { Formatting.safe($0) }.joined(separator: ", ")
    var text = kind == .twin ? "A twin of \(services)\n" : "Running: \(services)\n"
    for sentence in leftOut { text += "not in it: \(sentence)\n" }
    if !empty.isEmpty { text += "empty in it: \(empty.map { Formatting.safe($0) }.joined(separator: ", "))\n" }
    let second = kind == .twin ? "tunnel" : "answer"
    let columns = ["tried", second, "refused", "silent", "leaked", "down", "back"]
    return text + "\n" + "scenario".padded(widths.name) + "grade".padded(widths.grade)
      + row(columns) + "\n"
  }

  package static func line(_ result: ScenarioResult, on kind: DrilledKind, _ layout: TextLayout) -> String {
    let grade =
      switch result.grade {
      case .leaks: "LEAKS"
      case .incomplete: "INCOMPLETE"
      default: result.grade.rawValue
      }
    let attempts = result.attempts
    let name = result.round == 1 ? result.id : "\(result.id) \(result.round)"
    var line = name.padded(widths.name)
    // The style is added behind the padding, which would count it.
    let word = grade.padded(widths.grade)
    switch result.grade {
    case .leaks: line += layout.styled(word, .red)
    case .incomplete: line += layout.styled(word, .yellow)
    case .holds: line += layout.styled(word, .green)
    case .doesNotApply, .leakSeen: line += word
    }
    if result.grade != .doesNotApply {
      let numbers = [
        attempts.tried, kind == .twin ? attempts.through : attempts.answered, attempts.refused, attempts.silent,
        result.leakedPackets,
      ].map { "\($0)" }
      let times = [result.millisecondsWithoutTunnel, result.recoveryMilliseconds].map { $0.map(seconds) ?? "" }
      line += row(numbers + times)
    }
    if result.answersToEndpoint > 0 {
      line += "\n    not graded: \(Formatting.count(result.answersToEndpoint, "ICMP error")) to the Endpoint itself"
    }
    for reason in result.reasons { line += "\n    \(Formatting.safe(reason))" }
    return line + "\n"
  }

  /// What leaked, scenario by scenario.
  package static func leaks(_ results: [ScenarioResult], _ layout: TextLayout) -> String {
    var page = TextPage(layout)
    for result in results where result.grade == .leaks {
      page.heading("\(result.id): \(result.what)")
      for leak in result.leaks.prefix(most) {
        let port = leak.port.map { $0 == 0 ? "" : ":\($0)" } ?? ""
        var text = "\(leak.reason) to \(leak.destination ?? "an unknown address")\(port), "
        text += Formatting.count(leak.packets ?? leak.frames, "packet")
        if leak.milliseconds > 0 { text += " in \(seconds(leak.milliseconds))" }
        if let fate = leak.fate { text += ", \(fate)" }
        let probe = leak.probe.map { "probe \($0)" } ?? "not a probe's"
        page.paragraph("\(text) (\(probe))\(cause(leak))", first: "  ", rest: "    ")
      }
      if result.leaks.count > most { page.line("  and \(result.leaks.count - most) more") }
    }
    return page.text
  }

  /// Which findings of `check` predicted a leak.
  private static func cause(_ leak: ScenarioResult.Leak) -> String {
    guard let causes = leak.predictedBy else { return "" }
    var ids: [String] = []
    for cause in causes where !ids.contains(cause.id) { ids.append(cause.id) }
    guard !ids.isEmpty else { return "; check did not predict it" }
    // Whether the packets were of a flow that the firewall knew, a watch does not say.
    let isConditional = ids == [StackFault.establishedAccepted.id]
    return (isConditional ? "; predicted for known flows: " : "; predicted: ") + ids.joined(separator: ", ")
  }

  /// What `check` says of the same files, where something leaked: why, or that it did not see it coming.
  package static func findings(_ document: DrillDocument, _ layout: TextLayout) -> String {
    guard document.results.contains(where: { $0.grade == .leaks }) else { return "" }
    var page = TextPage(layout)
    guard !document.findings.isEmpty else {
      page.heading(
        document.isCheckComplete
          ? "leakaudit check finds nothing in these files that explains it. Please report that."
          : "leakaudit check does not understand all of these files, and finds nothing that explains it.")
      return page.text
    }
    page.heading("What leakaudit check finds in the same files")
    for finding in document.findings.prefix(most) {
      page.paragraph(
        "\(finding.severity) [\(finding.id)] \(finding.place): \(Formatting.safe(finding.message))", first: "  ",
        rest: "    ")
    }
    if document.findings.count > most { page.line("  and \(document.findings.count - most) more") }
    return page.text
  }

  /// The sentence that says it all.
  package static func conclusion(_ document: DrillDocument, _ layout: TextLayout) -> String {
    var page = TextPage(layout)
    page.line()
    page.paragraph(layout.concluding(document.sentence))
    return page.text
  }

  private static let most = 12

  private static func row(_ cells: [String]) -> String {
    zip(cells, widths.numbers).map { cell, width in String(repeating: " ", count: max(1, width - cell.count)) + cell }
      .joined()
  }

  private static func seconds(_ milliseconds: Int) -> String {
    "\(milliseconds / 1000).\(milliseconds % 1000 / 100)s"
  }
}

extension String {
  fileprivate func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
