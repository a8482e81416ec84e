import Audit
import Wire

/// A summary as Prometheus reads it (text exposition format 0.0.4): for a page that is scraped, or for the textfile
/// collector of its node exporter.
package enum PrometheusReport {
  /// Kinds of leaks that are told apart; the rest is summed under `other`, so that no stranger's names fill a database.
  private static let kinds = 100

  package static func text(_ summary: SummaryDocument, version: String) -> String {
    var page = Page()
    page.metric("info", .gauge, "The program's version.", [([("version", version)], 1)])
    page.metric(
      "audits", .gauge, "Audits that are summed up here.", [([], Double(summary.audits))])
    page.metric(
      "conclusion", .gauge, "1 for the conclusion that the audit has come to.",
      [AuditSummary.Conclusion.clean, .leaks, .incomplete].map {
        ([("conclusion", $0.rawValue)], $0 == summary.verdict ? 1 : 0)
      })
    page.metric(
      "incomplete", .gauge, "In how many ways the audit saw less than happened.",
      [([], Double(summary.incomplete.count))])
    frames(summary, &page)
    leaks(summary, &page)
    losses(summary, &page)
    tunnels(summary, &page)
    let last = summary.last.flatMap(seconds)
    page.metric("last_frame_timestamp_seconds", .gauge, "When the last frame was seen.", last.map { [([], $0)] } ?? [])
    return page.text
  }

  private static func frames(_ summary: SummaryDocument, _ page: inout Page) {
    for (name, help, value) in [
      ("frames_total", "Frames audited, each in one class.", \SummaryDocument.Amount.frames),
      ("bytes_total", "Bytes of these frames on the link.", \.bytes),
    ] as [(String, String, KeyPath<SummaryDocument.Amount, Int>)] {
      page.metric(
        name, .counter, help,
        summary.namedInterfaces.flatMap { interface in
          VerdictClass.allCases.map {
            ([("interface", interface.name), ("class", $0.name)], Double(interface[$0][keyPath: value]))
          }
        })
    }
  }

  private struct Kind: Hashable {
    var reason, severity, origin: String
    var labels: [(String, String)] { [("reason", reason), ("severity", severity), ("origin", origin)] }
  }

  private static func leaks(_ summary: SummaryDocument, _ page: inout Page) {
    var frames: [(kind: Kind, frames: Int, bytes: Int, last: String)] = []
    for leak in summary.leaks {
      var kind = Kind(reason: leak.reason, severity: leak.severity, origin: leak.origin ?? "unknown")
      if frames.count >= kinds, !frames.contains(where: { $0.kind == kind }) {
        kind = Kind(reason: "other", severity: leak.severity, origin: "other")
      }
      if let index = frames.firstIndex(where: { $0.kind == kind }) {
        frames[index].frames += leak.frames
        frames[index].bytes += leak.bytes
        frames[index].last = max(frames[index].last, leak.last)
      } else {
        frames.append((kind, leak.frames, leak.bytes, leak.last))
      }
    }
    page.metric(
      "leak_frames_total", .counter, "Frames that left outside the tunnel.",
      frames.map { ($0.kind.labels, Double($0.frames)) })
    page.metric(
      "leak_bytes_total", .counter, "Bytes of these frames on the link.",
      frames.map { ($0.kind.labels, Double($0.bytes)) })
    page.metric(
      "last_leak_timestamp_seconds", .gauge, "When the last of them was seen.",
      frames.compactMap { entry in seconds(entry.last).map { (entry.kind.labels, $0) } })
    page.metric(
      "failing_leak_frames_total", .counter, "Frames of leaks that fail the audit, by severity and scope.",
      [([], Double(summary.failingLeaks))])
  }

  private static func losses(_ summary: SummaryDocument, _ page: inout Page) {
    page.metric(
      "lost_frames_total", .counter, "Frames that the interface's capture lost.",
      summary.namedInterfaces.map { ([("interface", $0.name)], Double($0.drops)) })
    page.metric(
      "missed_messages_total", .counter, "Messages of the tunnel that were never seen, by their counters.",
      summary.namedInterfaces.map { ([("interface", $0.name)], Double($0.missedMessages)) })
    page.metric(
      "kernel_dropped_frames_total", .counter, "Frames that the kernel dropped, of a live capture as a whole.",
      summary.capture.map { [([], Double($0.droppedByKernel))] } ?? [])
  }

  private static func tunnels(_ summary: SummaryDocument, _ page: inout Page) {
    func metric(
      _ name: String, _ kind: Page.Kind, _ help: String, _ value: (SummaryDocument.TunnelState) -> Double?
    ) {
      var seen: Set<String> = []
      let samples = summary.tunnelStates.compactMap { tunnel in
        value(tunnel).map { ([("endpoint", tunnel.endpoint), ("stated", tunnel.origin)], $0) }
      }
      page.metric(name, kind, help, samples.filter { seen.insert("\($0.0)").inserted })
    }
    metric("tunnel_up", .gauge, "1 while the tunnel is up, by its packets.") {
      $0.state == TunnelTally.State.up.rawValue ? 1 : 0
    }
    metric("tunnel_sent_frames_total", .counter, "Frames that went into the tunnel.") { Double($0.sentFrames) }
    metric("tunnel_received_frames_total", .counter, "Frames that came out of it.") { Double($0.receivedFrames) }
    metric("tunnel_first_handshake_timestamp_seconds", .gauge, "When its first handshake was answered.") {
      $0.firstHandshake.flatMap(seconds)
    }
    metric("tunnel_last_sent_timestamp_seconds", .gauge, "When its last packet was sent.") { $0.last.flatMap(seconds) }
  }

  private static func seconds(_ time: String) -> Double? {
    Formatting.timestamp(time).map { Double($0.nanoseconds / 1000) / 1_000_000 }
  }

  private struct Page {
    enum Kind: String { case counter, gauge }

    var text = ""

    /// Nothing at all where there is no sample.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String, _ samples: [([(String, String)], Double)]) {
      guard !samples.isEmpty else { return }
      text += "# HELP leakaudit_\(name) \(help)\n# TYPE leakaudit_\(name) \(kind.rawValue)\n"
      for (labels, value) in samples {
        let written = labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
        text += "leakaudit_\(name)\(written.isEmpty ? "" : "{\(written)}") \(number(value))\n"
      }
    }

    /// Whole numbers without a point.
    private func number(_ value: Double) -> String {
      Int64(exactly: value).map { String($0) } ?? "\(value)"
    }

    private func escaped(_ text: String) -> String {
      Formatting.safe(text).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    }
  }
}
