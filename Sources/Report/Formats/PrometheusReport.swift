import Audit
import Policy
package import Summaries
import Text
import Wire

/// A summary in Prometheus' format (text exposition format 0.0.4): for a page that is scraped, or for the textfile
/// collector of its node exporter.
package enum PrometheusReport {
  package static func text(_ summary: Summary, version: String) -> String {
    var series = MetricSeries()
    return text(summary, version: version, live: nil, series: &series)
  }

  /// One of several pages of a running watch; `series` is the state that they share.
  package static func text(
    _ summary: Summary, version: String, live: LiveNumbers?, series: inout MetricSeries
  ) -> String {
    var page = Page(series: series)
    defer { series = page.series }
    var summary = summary
    // Otherwise a late message would lower the count that an earlier page reported.
    for (index, count) in (live?.claimedMessages ?? []).enumerated() where index < summary.interfaces.count {
      summary.interfaces[index].missedMessages = count
    }
    page.metric("info", .gauge, "The program's version.", [([("version", version)], 1)])
    page.metric(
      "audits", .gauge, "Audits that are added up here.", [([], Double(summary.audits))])
    page.metric(
      "conclusion", .gauge, "1 for the audit's conclusion.",
      [AuditSummary.Conclusion.clean, .leaks, .incomplete].map {
        ([("conclusion", $0.rawValue)], $0 == summary.conclusion ? 1 : 0)
      })
    page.metric(
      "incomplete", .gauge, "How many reasons make the audit incomplete.",
      [([], Double(summary.incomplete.count))])
    frames(summary, &page)
    leaks(summary, &page)
    senders(summary, &page)
    losses(summary, &page)
    tunnels(summary, live, &page)
    if let live { self.live(live, &page) }
    let last = summary.last.map(seconds)
    page.metric("last_frame_timestamp_seconds", .gauge, "When the last frame was seen.", last.map { [([], $0)] } ?? [])
    return page.text
  }

  private static func frames(_ summary: Summary, _ page: inout Page) {
    for (name, help, value) in [
      ("frames_total", "Frames audited, each in one class.", \Summary.Amount.frames),
      ("bytes_total", "Bytes of these frames on the link.", \.bytes),
    ] as [(String, String, KeyPath<Summary.Amount, Int>)] {
      page.metric(
        name, .counter, help,
        bounded(summary).flatMap { interface in
          VerdictClass.allCases.map {
            ([("interface", interface.name), ("class", $0.name)], Double(interface[$0][keyPath: value]))
          }
        })
    }
  }

  /// Interfaces beyond the limit are merged into one named "other", together with a real interface of that name: a
  /// series has one value.
  private static func bounded(_ summary: Summary) -> [Summary.Interface] {
    let named = summary.namedInterfaces
    guard named.count > MetricSeries.limit else { return named }
    let kept = named.prefix(MetricSeries.limit).filter { $0.name != "other" }
    var rest = named.dropFirst(MetricSeries.limit) + named.prefix(MetricSeries.limit).filter { $0.name == "other" }
    guard var other = rest.popFirst() else { return kept }
    other.name = "other"
    for interface in rest { Summary.Interface.add(&other, interface) }
    return kept + [other]
  }

  private static func leaks(_ summary: Summary, _ page: inout Page) {
    var frames: [(kind: MetricSeries.Kind, frames: Int, packets: Int, bytes: Int, last: Timestamp)] = []
    // In the order in which they appeared; ranks do not keep that order.
    for leak in summary.leaks.sorted(by: { $0.first < $1.first }) {
      let kind = page.series.admit(
        MetricSeries.Kind(
          reason: leak.reason.rawValue, severity: leak.severity.rawValue, origin: leak.origin?.coded ?? "unknown"))
      if let index = frames.firstIndex(where: { $0.kind == kind }) {
        frames[index].frames += leak.frames
        frames[index].packets += leak.packets ?? 0
        frames[index].bytes += leak.bytes
        frames[index].last = max(frames[index].last, leak.last)
      } else {
        frames.append((kind, leak.frames, leak.packets ?? 0, leak.bytes, leak.last))
      }
    }
    page.metric(
      "leak_frames_total", .counter, "Frames that left outside the tunnel.",
      frames.map { ($0.kind.labels, Double($0.frames)) })
    page.metric(
      "leak_packets_total", .counter, "Packets of these frames; a packet seen on bridge and NIC counts once.",
      summary.leakPackets == nil ? [] : frames.map { ($0.kind.labels, Double($0.packets)) })
    page.metric(
      "leak_bytes_total", .counter, "Bytes of these frames on the link.",
      frames.map { ($0.kind.labels, Double($0.bytes)) })
    page.metric(
      "last_leak_timestamp_seconds", .gauge, "When the last of these frames was seen.",
      frames.map { ($0.kind.labels, seconds($0.last)) })
    page.metric(
      "failing_leak_frames_total", .counter, "Frames of leaks that fail the audit, by severity and scope.",
      [([], Double(summary.failingLeaks))])
  }

  /// Frames are counted by origin: of those that several containers sent, nobody knows how many are whose.
  private static func senders(_ summary: Summary, _ page: inout Page) {
    var entries: [(container: String, severity: String, count: Int)] = []
    for leak in summary.leaks.sorted(by: { $0.first < $1.first }) {
      let containers = (leak.sentBy ?? []).map { page.series.admit(sender: $0.container ?? "none") }
      for container in Set(containers).sorted() {
        if let index = entries.firstIndex(where: { $0.container == container && $0.severity == leak.severity.rawValue })
        {
          entries[index].count += 1
        } else {
          entries.append((container, leak.severity.rawValue, 1))
        }
      }
    }
    page.metric(
      "leak_kinds_sent_total", .counter, "Kinds of leaks that the kernel saw this container send.",
      entries.map { ([("severity", $0.severity), ("container", $0.container)], Double($0.count)) })
  }

  private static func losses(_ summary: Summary, _ page: inout Page) {
    page.metric(
      "lost_frames_total", .counter, "Frames that the interface's capture lost.",
      bounded(summary).map { ([("interface", $0.name)], Double($0.drops)) })
    page.metric(
      "missed_messages_total", .counter, "Tunnel packets that were missed, by gaps in their counters.",
      bounded(summary).map { ([("interface", $0.name)], Double($0.missedMessages)) })
    page.metric(
      "kernel_dropped_frames_total", .counter, "Frames that the kernel dropped in a live capture.",
      summary.capture.map { [([], Double($0.droppedByKernel))] } ?? [])
  }

  private static func tunnels(_ summary: Summary, _ live: LiveNumbers?, _ page: inout Page) {
    let tunnels = Array(summary.tunnelStates.prefix(MetricSeries.limit).enumerated())
    func metric(
      _ name: String, _ kind: Page.Kind, _ help: String,
      _ value: (Summary.TunnelState, Int) -> Double?
    ) {
      var seen: Set<String> = []
      let samples = tunnels.compactMap { index, tunnel in
        value(tunnel, index).map { ([("endpoint", tunnel.endpoint.coded), ("stated", tunnel.origin)], $0) }
      }
      page.metric(name, kind, help, samples.filter { seen.insert("\($0.0)").inserted })
    }
    metric("tunnel_up", .gauge, "1 while the tunnel is up, judged by its packets.") { tunnel, _ in
      tunnel.state == .up ? 1 : 0
    }
    metric("tunnel_sent_frames_total", .counter, "Frames that went into the tunnel.") { tunnel, _ in
      Double(tunnel.sentFrames)
    }
    metric("tunnel_received_frames_total", .counter, "Frames that came out of it.") { tunnel, _ in
      Double(tunnel.receivedFrames)
    }
    metric("tunnel_first_handshake_timestamp_seconds", .gauge, "When its first handshake was answered.") { tunnel, _ in
      tunnel.firstHandshake.map(seconds)
    }
    metric("tunnel_last_handshake_timestamp_seconds", .gauge, "When its latest handshake was answered.") { _, index in
      guard let live, index < live.lastHandshakes.count else { return nil }
      return live.lastHandshakes[index].map(seconds)
    }
    metric("tunnel_last_sent_timestamp_seconds", .gauge, "When its last packet was sent.") { tunnel, _ in
      tunnel.last.map(seconds)
    }
  }

  private static func live(_ live: LiveNumbers, _ page: inout Page) {
    page.metric(
      "blind", .gauge, "How many things the watch should see now and cannot; /healthz lists them.",
      [([], Double(live.blindness))])
    page.metric(
      "alerts_undelivered_total", .counter, "Alerts that could not be delivered, by outlet.",
      live.undelivered.map { ([("outlet", $0.outlet)], Double($0.alerts)) })
    page.metric("watch_start_timestamp_seconds", .gauge, "When the watch began.", [([], seconds(live.started))])
    page.metric("snapshot_timestamp_seconds", .gauge, "When these numbers were taken.", [([], seconds(live.taken))])
  }

  private static func seconds(_ time: Timestamp) -> Double { Double(time.nanoseconds / 1000) / 1_000_000 }

  private struct Page {
    enum Kind: String { case counter, gauge }

    var text = ""
    var series: MetricSeries

    init(series: MetricSeries) { self.series = series }

    /// Writes nothing if there are no samples.
    mutating func metric(_ name: String, _ kind: Kind, _ help: String, _ samples: [([(String, String)], Double)]) {
      guard !samples.isEmpty else { return }
      text += "# HELP leakaudit_\(name) \(help)\n# TYPE leakaudit_\(name) \(kind.rawValue)\n"
      for (labels, value) in samples {
        let written = labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",")
        let sample = "leakaudit_\(name)\(written.isEmpty ? "" : "{\(written)}")"
        text += "\(sample) \(number(kind == .counter ? series.advance(sample, to: value) : value))\n"
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
