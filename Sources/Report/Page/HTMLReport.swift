import Audit
import CNettle
import Foundation

/// A summary as one page that needs nothing else: no network, no script from elsewhere.
package enum HTMLReport {
  package static func text(_ summary: SummaryDocument, version: String) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta http-equiv="Content-Security-Policy" content="\(contentSecurityPolicy)">
    <title>leakaudit: \(Markup.escaped(summary.conclusion))</title>
    <style>\(style)</style>
    </head>
    <body class="\(summary.verdict?.rawValue ?? "incomplete")">
    \(body(summary))
    <footer><p class="quiet">leakaudit \(Markup.escaped(version))\
    \(summary.audits > 1 ? ", \(Formatting.count(summary.audits, "audit"))" : "")</p></footer>
    <script>\(script)</script>
    </body>
    </html>

    """
  }

  /// What a page may do, for a header too: its own style and script, by their hashes, and nothing else.
  package static var contentSecurityPolicy: String {
    "default-src 'none'; style-src 'sha256-\(hash(style))'; script-src 'sha256-\(hash(script))'; base-uri 'none'; "
      + "form-action 'none'"
  }

  private static var style: String { String(decoding: PackageResources.report_css, as: UTF8.self) }
  private static var script: String { String(decoding: PackageResources.report_js, as: UTF8.self) }

  /// SHA-256 in base64 (CSP level 3, section 2.3.1).
  private static func hash(_ text: String) -> String {
    var context = sha256_ctx()
    var digest = [UInt8](repeating: 0, count: 32)
    unsafe nettle_sha256_init(&context)
    let bytes = Array(text.utf8)
    unsafe nettle_sha256_update(&context, bytes.count, bytes)
    unsafe nettle_sha256_digest(&context, digest.count, &digest)
    return Data(digest).base64EncodedString()
  }

  private static func body(_ summary: SummaryDocument) -> String {
    let table = LeakTable(summary)
    var html = "<header><h1>\(headline(summary))</h1><p>\(Markup.escaped(summary.sentence))</p></header>\n<main>\n"
    html += LeakFacts(summary, table).html
    if let picture = TimelinePicture(summary) { html += section("Over time", picture.html) }
    if let picture = WayPicture(summary) { html += section("The packets' way", picture.html) }
    html += section("Leaks", table.html)
    html += section("What limits this statement", limits(summary))
    html += PageTables.sections(summary)
    return html + "</main>"
  }

  private static func headline(_ summary: SummaryDocument) -> String {
    switch summary.verdict {
    case .clean: "Clean"
    case .leaks: "Leaks"
    case .incomplete, nil: "Incomplete"
    }
  }

  static func section(_ title: String, _ content: String) -> String {
    "<section>\n<h2>\(title)</h2>\n\(content)</section>\n"
  }

  private static func limits(_ summary: SummaryDocument) -> String {
    var items = summary.incomplete.map { "<li><strong>Incomplete:</strong> \(Markup.escaped($0))</li>" }
    if let capture = summary.capture {
      items.append(
        "<li>The kernel's capture dropped \(Formatting.number(Int(clamping: capture.droppedByKernel))) frames.</li>")
    }
    for interface in summary.interfaces where interface.drops > 0 || interface.missedMessages > 0 {
      items.append(
        "<li>\(Markup.name(interface.name)): \(interface.drops) frames lost, \(interface.missedMessages) of the tunnel's "
          + "messages never seen by the gaps in their counters.</li>")
    }
    items += summary.notices.map { notice in
      let first = notice.first.map { " <span class=\"quiet\">first \(Markup.escaped($0))</span>" } ?? ""
      return "<li>\(Markup.escaped(notice.text))\(first)</li>"
    }
    if items.isEmpty {
      items = ["<li>Nothing that the capture tells: it names no lost frame, and no counter has a gap.</li>"]
    }
    return "<ul>\(items.joined(separator: "\n"))</ul>\n"
  }
}
