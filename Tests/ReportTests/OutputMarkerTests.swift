import Audit
import Foundation
import Policy
import PolicyFiles
import Summaries
import TestSupport
import Testing
import Text
import Wire

@testable import Outputs
@testable import Report

/// What the audit of marked traffic shows, in each of its outputs.
@Suite struct OutputMarkerTests {
  private struct Collector: FrameObserver {
    static var isActive: Bool { true }
    var gate = AlertGate(scope: .all)
    var alerts: [Alert] = []
    var lines: [(Verdict, Leak?, String?)] = []
    var records: [(EvidenceRecord, Leak)] = []
    var sent: [SentLeak] = []
    static let senders = [LeakSender(.sent, container: "qbittorrent", program: "qzvprogram", process: 812)]

    mutating func observe(
      _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
      interface: String, policy: TunnelPolicy
    ) {
      lines.append((verdict, leak, leak?.name))
      guard let leak else { return }
      sent.append(SentLeak(leak, Self.senders))
      if let alert = gate.pass(leak, frame: number, at: frame.timestamp, from: Self.senders) { alerts.append(alert) }
      records.append(
        (
          EvidenceRecord(
            bytes: (0..<frame.bytes.byteCount).map { frame.bytes.uint8(at: $0) }, originalLength: frame.originalLength,
            timestamp: frame.timestamp, linkType: frame.linkType, interfaceName: "br-stack", snapLength: 2048,
            direction: frame.recordDirection), leak
        ))
    }
  }

  /// Everything that a run writes, by kind.
  private static func outputs(_ redactor: Redactor?) throws -> (texts: [String: String], evidence: [UInt8]) {
    var policy = TunnelPolicy()
    policy.labelRules = try loadShippedRules()
    policy.endpoints = [Stated(TunnelEndpoint(endpoint("203.0.113.178:51820")), origin: "/home/qzvperson/wg0.conf:7")]
    policy.tunnelAddresses = [Stated(address("fd12:3456:789a::2"), origin: "stacks/qzvperson/wg0.conf:3")]
    policy.resolvers = [Stated(address("203.0.113.53"), origin: "--resolver")]
    policy.containers = [
      Stated(
        StatedContainer(
          names: ["qbittorrent"], addresses: [address("172.18.0.2")], macAddresses: [MACAddress(0x52_54_00_12_34_56)],
          holdsTunnel: false), origin: "/home/qzvperson/docker-compose.yaml:4")
    ]
    policy.auditedMACs = [Stated(MACAddress(0x52_54_00_12_34_56), origin: "--audited")]
    policy.roles = ["br-stack": .bridge]
    var auditor = Auditor(policy, seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces = [auditor.attach(InterfaceTally(name: "br-stack", linkType: .ethernet, role: .bridge))]
    var collector = Collector()
    var source = FrameList(MarkedTraffic.frames)
    _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &collector)
    auditor.note(collector.sent)
    var rules = ConclusionRules()
    rules.scope = .all
    rules.notices = [
      .init(.undeliveredAlerts, "Alerts: webhook https://qzvvisited.sh: 3 not delivered: no answer of 198.51.100.9."),
      .init(.evidence, "Evidence: 3 frames in /home/qzvperson/evidence/leakaudit-1.pcapng."),
    ]
    let notices = auditor.takeNotices()
    let summary = auditor.summary(rules)
    let plain = Summary(summary)
    let document = redactor?.summary(plain) ?? plain

    var texts = [
      "text": TextSummary.text(document), "json": try JSON.pretty(document), "ndjson": try document.leakLines(),
      "markdown": MarkdownReport.text(document, version: "1"), "html": HTMLReport.text(document, version: "1"),
      "junit": JUnitReport.text([("audit", document)]), "csv": CSVReport.text(document),
      "prometheus": PrometheusReport.text(document, version: "1"),
      "ecs": try ECSReport.text(document, version: "1", now: EvidenceFile.sampleTime),
      "live leaks": try JSON.pretty(LeaksDocument(document, offset: 0, limit: 1000)),
    ]
    var frames = LeakFrames(of: [plain])
    for (record, _) in collector.records {
      unsafe frames.add(
        CapturedFrame(
          bytes: record.bytes.span.bytes, originalLength: record.originalLength, timestamp: record.timestamp,
          linkType: record.linkType, interface: 0, recordDirection: record.direction), interface: record.interfaceName,
        redactor)
    }
    texts["html with frames"] = HTMLReport.text(document, version: "1", frames: frames)
    #expect(texts["html with frames"]?.contains("class=\"hex\"") == true)
    var number = 0
    texts["per frame"] = collector.lines.map { verdict, leak, name in
      number += 1
      return FrameLine.line(
        number: number, inFile: number, interface: "br-stack", verdict: verdict, leak: leak, name: name, policy: policy,
        redactor)
    }.joined()
    for original in collector.alerts {
      let alert = redactor?.alert(original) ?? original
      let json = try JSON.line(AlertDocument(alert, interface: "br-stack", rules: policy.labelRules.list))
      try add(
        RenderedAlert(
          severity: alert.severity, reason: alert.reason.rawValue, title: AlertText.title(alert),
          text: AlertText.line(alert, interface: "br-stack"), json: json), to: &texts)
    }
    for original in notices {
      let notice = redactor?.notice(original) ?? original
      try add(
        RenderedAlert(
          severity: .info, reason: notice.kind.rawValue, title: "notice", text: NoticeDocument.line(notice),
          json: try JSON.line(NoticeDocument(notice))), to: &texts)
    }
    let directory = try TemporaryDirectory()
    var file = try EvidenceFile(
      in: directory.path, at: EvidenceFile.sampleTime, application: "leakaudit",
      comment: redactor.map { "redacted; audit it again with \($0.options(policy))" }
        ?? "of \(policy.endpoints[0].value)")
    for (record, leak) in collector.records {
      var shown = redactor.map(record.redacted) ?? record
      shown.comment = LeakComment.text(leak, redactor)
      file.write(shown)
    }
    file.finish(at: EvidenceFile.sampleTime)
    let evidence = [UInt8](try Data(contentsOf: URL(filePath: file.outcome.path)))
    texts["evidence"] = String(decoding: evidence, as: UTF8.self)
    return (texts, evidence)
  }

  /// As each outlet sends it.
  private static func add(_ alert: RenderedAlert, to texts: inout [String: String]) throws {
    texts["alert file", default: ""] += alert.json
    texts["alert text", default: ""] += alert.text + alert.title
    for format in WebhookFormat.allCases {
      let message = try format.message(alert)
      texts["webhook \(format)", default: ""] +=
        String(decoding: message.body, as: UTF8.self) + message.fields.map { "\($0)=\($1)" }.joined()
    }
    for dialect in [SyslogDialect.local, .rfc5424] {
      texts["syslog \(dialect)", default: ""] += String(decoding: SyslogMessage(alert, dialect).bytes, as: UTF8.self)
    }
  }

  @Test func `no redacted output holds a frame's markers`() throws {
    let redactor = Redactor(key: Array("a key of the tests".utf8), policy: Self.policy)
    let plain = try Self.outputs(nil)
    let redacted = try Self.outputs(redactor)
    #expect(Set(plain.texts.keys) == Set(redacted.texts.keys))
    // Each marker appears in some plain output; otherwise searching for it proves nothing.
    for word in MarkedTraffic.words {
      #expect(plain.texts.values.contains { word.isIn($0) }, "\(word) is told by no output")
    }
    for (name, text) in redacted.texts {
      for word in MarkedTraffic.words { #expect(!word.isIn(text), "\(name) tells \(word)") }
      for address in MarkedTraffic.addresses {
        #expect(!text.lowercased().contains(address), "\(name) tells \(address)")
      }
    }
    for octets in MarkedTraffic.octets {
      #expect(plain.evidence.firstRange(of: octets) != nil)
      #expect(redacted.evidence.firstRange(of: octets) == nil, "\(octets)")
    }
    // It still says what leaked.
    for reason in ["dns", "stun", "tls", "http", "bittorrent"] {
      #expect(
        redacted.texts["text"]?.contains(reason) == true && redacted.texts["alert file"]?.contains(reason) == true)
    }
  }

  private static var policy: TunnelPolicy {
    var policy = TunnelPolicy()
    policy.tunnelAddresses = [Stated(address("fd12:3456:789a::2"), origin: "stacks/qzvperson/wg0.conf:3")]
    policy.endpoints = [Stated(TunnelEndpoint(endpoint("203.0.113.178:51820")), origin: "/home/qzvperson/wg0.conf:7")]
    return policy
  }

  /// A watch reports a notice before any summary holds the name in it.
  @Test func `a redacted notice shows no name, however short`() {
    let redactor = Redactor(key: [1], policy: TunnelPolicy())
    let text = "DNS: the host asked on eth0 for qzvlonely, and within 2 s qbittorrent sent to the answer, 198.51.100.7"
    let shown = redactor.notice(.init(.dockerDNSViaHost, text, names: ["qzvlonely"]))
    #expect(!shown.text.contains("qzvlonely") && !shown.text.contains("198.51.100.7") && shown.names != ["qzvlonely"])
    #expect(shown.text.contains("qbittorrent sent to the answer"))
  }

  /// A DNS query for a word that the program uses must not change the report.
  @Test(arguments: ["leaks", "dns", "clean", "high", "private", "br-stack", "wireguard"])
  func `a name that is also a word of the report is replaced only where it is a name`(word: String) throws {
    var policy = TunnelPolicy()
    policy.labelRules = try loadShippedRules()
    var auditor = Auditor(policy, seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces = [auditor.attach(InterfaceTally(name: "br-stack", linkType: .raw, role: nil))]
    var source = FrameList([SampleFrame(udpPacket("172.18.0.2:1", "9.9.9.9:53", dnsQuery(word)), .raw)])
    var observer = NoObserver()
    _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &observer)
    let summary = auditor.summary(ConclusionRules())
    let plain = Summary(summary)
    let redactor = Redactor(key: [1], policy: policy)
    var shown = redactor.summary(plain)
    #expect(shown.leaks[0].questions == [.init(name: redactor.name(word), type: "A")])
    for index in plain.leaks.indices {
      shown.leaks[index].questions = plain.leaks[index].questions
      shown.leaks[index].destination = plain.leaks[index].destination
    }
    shown.notices = plain.notices
    #expect(shown == plain)
  }
}
