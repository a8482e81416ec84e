import Policy
import Summaries
import Text

/// A leak as a table row. The script sorts by the values of its cells.
struct LeakRow {
  let unit: String
  private let summary: Summary
  private let time: PageTime

  init(_ summary: Summary) {
    self.summary = summary
    unit = summary.leakPackets == nil ? "frames" : "packets"
    time = PageTime(summary)
  }

  var columns: [String] { ["severity", "what", "to", "whose", "names", "when", "tunnel", unit] }

  func html(_ leak: Summary.LeakEntry, _ explanation: RuleDocument?, _ frame: EvidenceFrame?) -> String {
    let level = leak.severity.rawValue
    let packets = leak.packets ?? leak.frames
    let cells: [(content: String, value: String?)] = [
      (
        "<span class=\"severity severity-\(level)\">\(level)</span>",
        String(Severity.allCases.firstIndex(of: leak.severity) ?? 0)
      ),
      (what(leak, explanation) + (frame.map(FrameDetails.html) ?? ""), leak.reason.rawValue),
      (Markup.name(leak.target), leak.target),
      (whose(leak), Way.owner(leak)),
      (leak.naming(leak.names.map(Markup.name), of: [.questions, .details]), leak.names.first ?? ""),
      (when(leak), leak.first.coded), (Markup.escaped(phase(leak)), nil),
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

  private func what(_ leak: Summary.LeakEntry, _ explanation: RuleDocument?) -> String {
    var html = "<strong>\(leak.reason.rawValue)</strong> \(Markup.escaped(leak.title))"
    if let explanation {
      html +=
        "<details class=\"why\"><summary>Why it matters</summary><p>\(Markup.escaped(explanation.why))</p>"
        + "<p class=\"quiet\">\(Markup.escaped(explanation.reference))</p></details>"
    }
    if summary.weight(leak) == .mild { html += "<div class=\"quiet\">does not fail the audit</div>" }
    return html
  }

  private func when(_ leak: Summary.LeakEntry) -> String {
    let frame = leak.firstFrame.map {
      "<div class=\"quiet\">first in frame \($0) of \(Markup.name(leak.interface))</div>"
    }
    return time.html(from: leak.first, to: leak.last) + (frame ?? "")
  }

  private func whose(_ leak: Summary.LeakEntry) -> String {
    let whose = leak.whose.map(Markup.escaped) ?? ""
    guard !leak.sources.isEmpty else { return whose }
    let onNIC = leak.sourcesOnNIC.map { "; on the NIC as \($0.map(\.coded).joined(separator: ", "))" } ?? ""
    return whose + "<div class=\"quiet\">from \(leak.sources.map(\.coded).joined(separator: ", ")) on "
      + "\(Markup.escaped(leak.interface))\(onNIC)</div>"
  }

  /// The summary's window in which it began.
  private func phase(_ leak: Summary.LeakEntry) -> String {
    let windows = summary.namedWindows.filter { _, window in
      guard let first = window.first, let last = window.last else { return false }
      return first <= leak.first && leak.first <= last
    }
    return windows.map(\.name).joined(separator: ", or ")
  }
}
