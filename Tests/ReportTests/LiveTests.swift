import Audit
import Foundation
import Policy
import Summaries
import TestSupport
import Testing
import Text
import Wire

@testable import Report

@Suite struct WatchHealthTests {
  private let start = ContinuousClock.now

  @Test func `a silent interface counts once the watch is a minute old`() {
    var health = WatchHealth(start: start)
    let gaps = [Gap("eth0 delivered no frame", .unheard, do: "")]
    #expect(health.holding(gaps, at: start + .seconds(59)).isEmpty)
    #expect(health.holding(gaps, at: start + .seconds(60)) == [0])
    #expect(health.holding([], at: start + .seconds(61)).isEmpty)
  }

  @Test func `a missing interface counts at once, until it is back`() {
    var health = WatchHealth(start: start)
    let gaps = [Gap("eth0 vanished", .absent, do: "")]
    #expect(health.holding(gaps, at: start) == [0])
    #expect(health.holding(gaps, at: start + .seconds(3600)) == [0])
    #expect(health.holding([], at: start + .seconds(3601)).isEmpty)
  }

  @Test func `a loss counts for a minute, and for another when it grows`() {
    var health = WatchHealth(start: start)
    func lost(_ count: Int) -> [Gap] { [Gap("the kernel dropped \(count) frames", .lost, do: "")] }
    #expect(health.holding(lost(1), at: start) == [0])
    #expect(health.holding(lost(1), at: start + .seconds(59)) == [0])
    #expect(health.holding(lost(1), at: start + .seconds(60)).isEmpty)
    #expect(health.holding(lost(2), at: start + .seconds(70)) == [0])
    #expect(health.holding(lost(2), at: start + .seconds(130)).isEmpty)
  }
}

@Suite struct MetricSeriesTests {
  @Test func `a counter never falls`() {
    var series = MetricSeries()
    #expect(series.advance("a", to: 3) == 3)
    #expect(series.advance("a", to: 2) == 3)
    #expect(series.advance("a", to: 4) == 4)
    #expect(series.advance("b", to: 1) == 1)
  }

  @Test func `a kind keeps its own series, up to a hundred kinds`() {
    var series = MetricSeries()
    func kind(_ number: Int) -> MetricSeries.Kind { .init(reason: "dns", severity: "high", origin: "c\(number)") }
    for number in 0..<100 { #expect(series.admit(kind(number)) == kind(number)) }
    #expect(series.admit(kind(100)) == .init(reason: "other", severity: "high", origin: "other"))
    #expect(series.admit(kind(7)) == kind(7))
  }
}

/// The containers that the kernel saw send leaks.
@Suite struct SenderMetricTests {
  /// One entry of a summary for each of these, with its senders' containers.
  private static func text(_ senders: [[String?]], redactor: Redactor? = nil) -> String {
    var auditor = Auditor(TunnelPolicy(), seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces = [auditor.attach(InterfaceTally(name: "br", linkType: .raw, role: .bridge))]
    var source = FrameList([SampleFrame(udpPacket("172.18.0.2:4000", "198.51.100.7:9"), direction: .incoming)])
    var observer = NoObserver()
    _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &observer)
    var summary = Summary(auditor.summary(ConclusionRules()))
    summary.leaks = senders.map { containers in
      var entry = summary.leaks[0]
      entry.sentBy = containers.map { LeakSenderEntry(LeakSender(.sent, container: $0, program: "curl", process: 7)) }
      return entry
    }
    return PrometheusReport.text(redactor?.summary(summary) ?? summary, version: "1")
  }

  private static func samples(_ text: String) -> [String] {
    text.split(separator: "\n").filter { $0.hasPrefix("leakaudit_leak_kinds_sent_total{") }.map(String.init)
  }

  @Test func `an entry counts once for each of its containers`() {
    let text = Self.text([["app", "app", "vpn"], ["app"], [nil], []])
    #expect(
      Self.samples(text) == [
        "leakaudit_leak_kinds_sent_total{severity=\"medium\",container=\"app\"} 2",
        "leakaudit_leak_kinds_sent_total{severity=\"medium\",container=\"vpn\"} 1",
        "leakaudit_leak_kinds_sent_total{severity=\"medium\",container=\"none\"} 1",
      ])
    #expect(!Self.text([[], []]).contains("leak_kinds_sent_total"))
  }

  @Test func `a hundred containers are told apart, the rest are one`() {
    let samples = Self.samples(Self.text((0..<150).map { ["c\($0)"] }))
    #expect(samples.count == 101)
    #expect(samples.last == "leakaudit_leak_kinds_sent_total{severity=\"medium\",container=\"other\"} 50")
  }

  @Test func `a container with an address for a name is redacted`() {
    let redactor = Redactor(key: Array("a key".utf8), policy: TunnelPolicy())
    let samples = Self.samples(Self.text([["203.0.113.7"], ["tracker.example.com"]], redactor: redactor))
    #expect(samples.count == 2)
    #expect(samples.allSatisfy { !$0.contains("203.0.113.7") && !$0.contains("tracker") }, "\(samples)")
  }
}

/// Names from outside in the text that Prometheus reads.
@Suite struct MetricTextTests {
  private static let hostile = "a\"b\\c\nd\re\u{202E}f\u{2066}g\0h\u{85}i\u{2028}j{k=\"l\"} 1\n#"

  /// Every prefix: each piece of escaping stands at the end of one.
  @Test(arguments: 0...hostile.unicodeScalars.count)
  func `a name in a label is one line, and ends where it should`(length: Int) throws {
    let name = String(String.UnicodeScalarView(Self.hostile.unicodeScalars.prefix(length)))
    let auditor = Self.auditor(interfaces: [name])
    let summary = auditor.summary(ConclusionRules())
    let text = PrometheusReport.text(Summary(summary), version: "1")
    #expect(text.unicodeScalars.allSatisfy { $0 == "\n" || !Formatting.isUnsafe($0) })
    for line in text.split(separator: "\n") where line.hasPrefix("leakaudit_") {
      #expect(
        line.wholeMatch(of: /leakaudit_[a-z_]+(\{([a-z]+="([^"\\]|\\["\\n])*",?)+\})? [0-9.e+-]+/) != nil, "\(line)")
    }
    let label = try #require(text.firstMatch(of: /leakaudit_lost_frames_total\{interface="(.*)"\} 0\n/)).1
    let read = label.replacing("\\\"", with: "\"").replacing("\\\\", with: "\\")
    #expect(read == Formatting.safe(name))
  }

  private static func auditor(interfaces: [String]) -> Auditor {
    var auditor = Auditor(TunnelPolicy())
    for name in interfaces { _ = auditor.attach(InterfaceTally(name: name, linkType: .ethernet, role: nil)) }
    return auditor
  }

  @Test(arguments: [(150, 101), (100, 100), (101, 101)])
  func `interfaces beyond a hundred share one series`(count: Int, series: Int) {
    let summary = Self.auditor(interfaces: (0..<count).map { "br-\($0)" }).summary(ConclusionRules())
    let text = PrometheusReport.text(Summary(summary), version: "1")
    #expect(text.matches(of: /leakaudit_lost_frames_total\{/).count == series)
    #expect(text.contains("leakaudit_lost_frames_total{interface=\"other\"} 0\n") == (series == 101))
  }

  @Test func `an interface with the rest's name counts with it`() {
    let names = ["other"] + (0..<150).map { "br-\($0)" }
    let summary = Self.auditor(interfaces: names).summary(ConclusionRules())
    let text = PrometheusReport.text(Summary(summary), version: "1")
    #expect(text.matches(of: /leakaudit_lost_frames_total\{interface="other"\}/).count == 1)
  }

  @Test func `a watch reports what only it knows`() {
    let summary = Self.auditor(interfaces: ["eth0"]).summary(ConclusionRules())
    let numbers = LiveNumbers(
      summary, started: Timestamp(nanoseconds: 1_500_000_000), taken: Timestamp(nanoseconds: 3_000_000_000),
      blindness: 2, undelivered: [("webhook \"x\"", 4)])
    var series = MetricSeries()
    let text = PrometheusReport.text(Summary(summary), version: "1", live: numbers, series: &series)
    for line in [
      "leakaudit_blind 2", "leakaudit_watch_start_timestamp_seconds 1.5", "leakaudit_snapshot_timestamp_seconds 3",
      "leakaudit_alerts_undelivered_total{outlet=\"webhook \\\"x\\\"\"} 4",
    ] {
      #expect(text.contains("\n\(line)\n"), "\(text)")
    }
  }

  @Test func `a part of the leaks states which part it is`() throws {
    let document = Summary(Self.auditor(interfaces: []).summary(ConclusionRules()))
    let text = try JSON.line(LeaksDocument(document, offset: 5, limit: 10))
    #expect(text == "{\"leaks\":[],\"offset\":0,\"schema\":\"leakaudit.leaks/1\",\"total\":0}\n")
  }
}
