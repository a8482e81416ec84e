import Audit
import Policy
import Summaries
import Text

/// What the verdict rests on: counts by interface, the tunnel, what stayed local or was allowed, events, the policy.
enum PageTables {
  static func sections(_ summary: Summary) -> String {
    var html = HTMLReport.section("Seen", interfaces(summary))
    if !summary.tunnelStates.isEmpty { html += HTMLReport.section("Tunnel", tunnels(summary)) }
    let rest =
      table(
        "Local",
        summary.localKinds.map { ($0.name.coded, "", $0.frames, $0.bytes) }
          + summary.undeclared.map { ($0.name.coded, "", $0.frames, $0.bytes) })
      + table(
        "Allowed by the policy", summary.allowedBy.map { ($0.name, $0.reason ?? "", $0.frames, $0.bytes) })
    if !rest.isEmpty { html += HTMLReport.section("Not leaked", rest) }
    if !summary.timeline.isEmpty { html += HTMLReport.section("Events", events(summary)) }
    if let captures = summary.captures { html += HTMLReport.section("Captures", files(captures)) }
    let policy = summary.policy.text.split(separator: "\n").map { Markup.escaped(String($0)) }
    return html
      + HTMLReport.section("Policy as understood", "<pre class=\"mono\">\(policy.joined(separator: "\n"))</pre>\n")
  }

  private static func interfaces(_ summary: Summary) -> String {
    let span = summary.span.map {
      ", over \(Formatting.duration(nanoseconds: $0))"
    }
    let place = summary.host.map { ", on \($0)" } ?? ""
    let start = summary.first.map { " From \(PageTime.exact($0))\(Markup.escaped("\(span ?? "")\(place)."))" } ?? ""
    let apart = summary.leak == 0 ? "" : " Leak: \(Formatting.count(summary.leak, "frame"))\(summary.mildFrames)."
    return "<p class=\"quiet\">The columns count frames, on each interface.\(start)\(Markup.escaped(apart))</p>\n"
      + rows(
        ["interface", "role", "frames", "tunnel", "local", "leak", "allowed", "ingress", "bytes", "lost"],
        numbersFrom: 2,
        summary.interfaces.map { interface in
          [
            Markup.name(interface.name), interface.role?.rawValue ?? "",
          ]
            + [
              interface.frames, interface.tunnel, interface.local, interface.leak, interface.allowed, interface.ingress,
            ].map(Formatting.number) + [Formatting.bytes(interface.bytes.frames), "\(interface.drops)"]
        }
          + (summary.packetsRow([.tunnel, .local, .leak, .allowed, .ingress]).map {
            [[$0.name, "", ""] + $0.counts + ["", ""]]
          } ?? []))
  }

  private static func files(_ captures: [Summary.CaptureFile]) -> String {
    rows(
      ["file", "SHA-256", "bytes"], numbersFrom: 2,
      captures.map { [Markup.name($0.name), Markup.name($0.sha256), Formatting.number($0.bytes)] })
  }

  private static func tunnels(_ summary: Summary) -> String {
    let time = PageTime(summary)
    return rows(
      ["endpoint", "state", "how sure", "first handshake", "last sent", "sent", "received"], numbersFrom: 5,
      summary.tunnelStates.map { tunnel in
        [
          Markup.name(tunnel.endpoint.coded), tunnel.state.rawValue, tunnel.grade?.rawValue ?? "",
          time.html(tunnel.firstHandshake), time.html(tunnel.last),
          Formatting.number(tunnel.sentFrames), Formatting.number(tunnel.receivedFrames),
        ]
      })
  }

  private static func table(_ title: String, _ named: [(name: String, reason: String, frames: Int, bytes: Int)])
    -> String
  {
    guard !named.isEmpty else { return "" }
    return "<h3>\(title)</h3>\n"
      + rows(
        ["name", "reason", "frames", "bytes"], numbersFrom: 2,
        named.map { entry in
          [
            Markup.name(entry.name), Markup.escaped(entry.reason), Formatting.number(entry.frames),
            Formatting.bytes(entry.bytes),
          ]
        })
  }

  private static func events(_ summary: Summary) -> String {
    let time = PageTime(summary)
    let shown = summary.timeline.prefix(200)
    let more = summary.timeline.count - shown.count + summary.timelineOthers
    let list = shown.map {
      "<li><span class=\"quiet\">\(time.html($0.time))</span> \(Markup.escaped($0.text))</li>"
    }
    return
      "<details class=\"events\"><summary>\(Formatting.count(summary.timeline.count, "event"))</summary><ul>\(list.joined(separator: "\n"))</ul>"
      + (more > 0 ? "<p class=\"quiet\">and \(Formatting.count(more, "more event"))</p>" : "") + "</details>\n"
  }

  /// The cells are HTML, escaped by the caller.
  private static func rows(_ columns: [String], numbersFrom: Int, _ rows: [[String]]) -> String {
    func kind(_ index: Int) -> String { index < numbersFrom ? "" : " class=\"number\"" }
    let heads = columns.enumerated().map { "<th scope=\"col\"\(kind($0.offset))>\($0.element)</th>" }
    let body = rows.map { row in
      let cells = row.enumerated().map {
        "<td data-label=\"\(columns[$0.offset])\"\(kind($0.offset))>\($0.element)</td>"
      }
      return "<tr>\(cells.joined())</tr>\n"
    }
    return
      "<table class=\"cards\"><thead><tr>\(heads.joined())</tr></thead>\n<tbody>\n\(body.joined())</tbody></table>\n"
  }
}
