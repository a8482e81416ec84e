import Policy
import Text

/// A leak as a row. The values of its cells are what the script sorts by.
struct LeakRow {
  let unit: String
  private let summary: SummaryDocument
  private let time: PageTime

  init(_ summary: SummaryDocument) {
    self.summary = summary
    unit = summary.leakPackets == nil ? "frames" : "packets"
    time = PageTime(summary)
  }

  var columns: [String] { ["severity", "what", "to", "whose", "names", "when", "tunnel", unit] }

  func html(_ leak: SummaryDocument.LeakEntry, _ explanation: RuleDocument?) -> String {
    let names = leak.questions + leak.details.map(\.sentence)
    let level = Markup.escaped(leak.severity)
    let packets = leak.packets ?? leak.frames
    let cells: [(content: String, value: String?)] = [
      (
        "<span class=\"severity severity-\(level)\">\(level)</span>",
        String(Severity.allCases.firstIndex(of: leak.level) ?? 0)
      ),
      (what(leak, explanation), leak.reason), (Markup.name(leak.target), leak.target), (whose(leak), Way.owner(leak)),
      (leak.naming(names.map(Markup.name), of: ["questions", "details"]), names.first ?? ""),
      (time.html(from: leak.first, to: leak.last), leak.first), (Markup.escaped(phase(leak)), nil),
      (Formatting.number(packets), String(packets)),
    ]
    let written = zip(columns, cells).map { label, cell in
      let number = label == unit ? " class=\"number\"" : ""
      let value = cell.value.map { " data-value=\"\(Markup.escaped($0))\"" } ?? ""
      let content = cell.content.isEmpty ? "" : "<div>\(cell.content)</div>"
      return "<td data-label=\"\(label)\"\(number)\(value)>\(content)</td>"
    }
    return "<tr>\(written.joined())</tr>\n"
  }

  private func what(_ leak: SummaryDocument.LeakEntry, _ explanation: RuleDocument?) -> String {
    var html = "<strong>\(Markup.escaped(leak.reason))</strong> \(Markup.escaped(leak.title))"
    if let explanation {
      html +=
        "<details><summary>Why it matters</summary><p>\(Markup.escaped(explanation.why))</p>"
        + "<p class=\"quiet\">\(Markup.escaped(explanation.reference))</p></details>"
    }
    if summary.weight(leak) == .mild { html += "<div class=\"quiet\">does not fail the audit</div>" }
    return html
  }

  private func whose(_ leak: SummaryDocument.LeakEntry) -> String {
    let whose = leak.whose.map(Markup.escaped) ?? ""
    guard !leak.sources.isEmpty else { return whose }
    let onNIC = leak.sourcesOnNIC.map { "; on the NIC as \(Markup.escaped($0.joined(separator: ", ")))" } ?? ""
    return whose + "<div class=\"quiet\">from \(Markup.escaped(leak.sources.joined(separator: ", "))) on "
      + "\(Markup.escaped(leak.interface))\(onNIC)</div>"
  }

  /// In which of the summary's windows it began.
  private func phase(_ leak: SummaryDocument.LeakEntry) -> String {
    let windows = summary.namedWindows.filter { _, window in
      guard let first = window.first, let last = window.last else { return false }
      return first <= leak.first && leak.first <= last
    }
    return windows.map(\.name).joined(separator: ", or ")
  }
}
