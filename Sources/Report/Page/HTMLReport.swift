import Audit
import Cryptography
import Foundation
package import Summaries
import Text
package import Wire

/// A summary as one self-contained page: it loads nothing from the network, and no script from elsewhere.
package enum HTMLReport {
  /// - Parameter taken: when the summary was made, for a page that follows a watch. Such a page asks its server for newer
  ///   summaries.
  /// - Parameter frames: frames of leaks from an evidence file, redacted if the summary is.
  package static func text(
    _ summary: Summary, version: String, taken: Timestamp? = nil, frames: LeakFrames? = nil
  ) -> String {
    let state = PageState(summary)
    return """
      <!doctype html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(contentSecurityPolicy(isLive: taken != nil))">
      <title>leakaudit: \(state.headline.lowercased())</title>
      <style>\(style)</style>
      </head>
      <body class="\(state.rawValue)">
      \(header(summary, state))\(taken.map(following) ?? "")\(zone)<main>
      \(sections(summary, frames))</main>
      <footer><p class="quiet">leakaudit \(Markup.escaped(version))\
      \(summary.audits > 1 ? ", \(Formatting.count(summary.audits, "audit"))" : "")</p>\(taken == nil ? "" : elsewhere)</footer>
      <script>\(script(isLive: taken != nil))</script>
      </body>
      </html>

      """
  }

  /// What a browser lets the page do, also sent as a header: use its own style and script, known by their hashes, and
  /// ask its server if it follows a watch.
  package static func contentSecurityPolicy(isLive: Bool) -> String {
    "default-src 'none'; style-src 'sha256-\(hash(style))'; script-src 'sha256-\(hash(script(isLive: isLive)))'; "
      + "\(isLive ? "connect-src 'self'; " : "")base-uri 'none'; form-action 'none'"
  }

  private static var style: String { String(decoding: PackageResources.report_css, as: UTF8.self) }
  private static func script(isLive: Bool) -> String {
    String(decoding: PackageResources.report_js + (isLive ? PackageResources.live_js : []), as: UTF8.self)
  }

  /// SHA-256 in base64 (CSP level 3, section 2.3.1).
  private static func hash(_ text: String) -> String { Data(SHA256.hash(Array(text.utf8))).base64EncodedString() }

  private static func header(_ summary: Summary, _ state: PageState) -> String {
    "<header><h1>\(state.headline)</h1><p>\(Markup.escaped(summary.sentence))</p></header>\n"
  }

  /// The script shows it and names the zone.
  private static let zone = """
    <aside class="tools" aria-label="Clock"><input type="checkbox" id="local-time"><label for="local-time"> Times of this \
    device<span id="zone"></span>, not UTC</label></aside>

    """

  /// The script rewrites it, and announces alerts here.
  private static func following(_ taken: Timestamp) -> String {
    let time = Formatting.time(taken).prefix(19).replacing("T", with: " ")
    return """
      <aside aria-label="Is it live?">
      <p id="live" class="quiet" data-time="\(time)">As of \(time) UTC. Without script this page stays as it is: load it again.</p>
      <p id="said" role="status"></p>
      </aside>

      """
  }

  private static var elsewhere: String {
    let paths = ["/metrics", "/healthz", "/status/leaks", "/api/summary", "/api/leaks"]
    let links = paths.map { "<a href=\"\($0)\">\($0)</a>" }
    return "<p class=\"quiet\">For programs: \(links.joined(separator: ", ")), /events</p>"
  }

  private static func sections(_ summary: Summary, _ frames: LeakFrames?) -> String {
    let table = LeakTable(summary, frames: frames)
    var html = LeakFacts(summary, table).html
    if let picture = TimelinePicture(summary) { html += section("Over time", picture.html) }
    if let picture = WayPicture(summary) { html += section("The packets' way", picture.html) }
    html += section("Leaks", table.html)
    if !summary.apartEntries.isEmpty {
      html += section("Not judged: \(summary.apartOwner)'s own traffic", table.apart)
    }
    html += section("What limits this statement", limits(summary))
    return html + PageTables.sections(summary)
  }

  /// The title is also its key: a page that follows a watch finds the section by it.
  static func section(_ title: String, _ content: String) -> String {
    let name = title.lowercased().split { !$0.isLetter }.joined(separator: "-")
    return "<section id=\"\(name)\">\n<h2>\(title)</h2>\n\(content)</section>\n"
  }

  private static func limits(_ summary: Summary) -> String {
    var items = summary.limits.map { limit in
      let reasons = limit.reasons.map { "<strong>Incomplete:</strong> \(Markup.escaped($0))" }
      let action = limit.action.map { "<br>Do: \(Markup.escaped($0))" } ?? ""
      return "<li>\(reasons.joined(separator: "<br>"))\(action)</li>"
    }
    if let capture = summary.capture {
      items.append(
        "<li>The kernel's capture dropped \(Formatting.number(Int(clamping: capture.droppedByKernel))) frames.</li>")
    }
    for interface in summary.interfaces where interface.drops > 0 || interface.missedMessages > 0 {
      items.append(
        "<li>\(Markup.name(interface.name)): \(Formatting.count(Int(clamping: interface.drops), "frame")) lost, "
          + "\(Formatting.count(Int(clamping: interface.missedMessages), "tunnel packet")) missed, by the gaps in their "
          + "counters.</li>")
    }
    let time = PageTime(summary)
    items += summary.notices.map { notice in
      let first = notice.first.map { " <span class=\"quiet\">first \(time.html($0))</span>" } ?? ""
      return "<li>\(Markup.escaped(notice.text))\(first)</li>"
    }
    if items.isEmpty {
      items = ["<li>Nothing that the capture tells: it names no lost frame, and no counter has a gap.</li>"]
    }
    return "<ul>\(items.joined(separator: "\n"))</ul>\n"
  }
}
