import HostileAudit
import Policy
import TestSupport
import Testing
import Wire

@testable import Audit

/// Who sent a leak, in the finding that counts it.
@Suite struct LeakSenderTests {
  private struct Collector: FrameObserver {
    static var isActive: Bool { false }
    var leaks: [Leak] = []

    mutating func observe(
      _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
      interface: String, policy: TunnelPolicy
    ) {}

    mutating func observe(
      leak: Leak, _ frame: borrowing CapturedFrame, number: Int, isNewFinding: Bool, interface: InterfaceTally
    ) { leaks.append(leak) }
  }

  /// The senders of each finding when leaks to two servers have these.
  private static func findings(_ senders: (Leak) -> [LeakSender]) -> [BoundedSet<LeakSender>] {
    var auditor = Auditor(policy(), seed: 1)
    var cursor = SourceCursor()
    cursor.interfaces = [auditor.attach(InterfaceTally(name: "br", linkType: .raw, role: .bridge))]
    var source = FrameList(
      (0..<24).map { index in
        SampleFrame(
          udpPacket("172.18.0.2:\(4000 + index)", "198.51.100.\(53 + index % 2):53", dnsQuery("example.org")),
          direction: .incoming)
      })
    var collector = Collector()
    _ = auditor.audit(&source, &cursor, until: .distantFuture, limit: .max, observer: &collector)
    auditor.note(collector.leaks.map { SentLeak($0, senders($0)) })
    return auditor.summary(ConclusionRules()).findings.map(\.senders)
  }

  @Test func `each finding lists its own`() {
    let listed = Self.findings { leak in
      [LeakSender(.sent, container: leak.key.destination == IPAddress("198.51.100.53") ? "a" : "b", process: 1)]
    }
    #expect(listed.map { $0.elements.compactMap(\.container) } == [["a"], ["b"]])
    #expect(listed.allSatisfy { !$0.isIncomplete })
  }

  @Test func `a finding lists so many, and says that there are others`() {
    let listed = Self.findings { [LeakSender(.sent, container: "a", process: Int($0.sourcePort ?? 0))] }
    #expect(listed.map(\.elements.count) == [Finding.mostSenders, Finding.mostSenders])
    #expect(listed.allSatisfy { $0.isIncomplete })
  }

  @Test func `a leak that no finding counts is nobody's`() {
    var findings = Findings()
    let key = Finding.Key(
      interface: 0, origin: .bridge, reason: .dns, rule: -1, destination: nil, protocolNumber: nil, port: nil)
    let leak = Leak(
      key: key, severity: .high, title: "", source: nil, questions: [], details: [], name: nil, decodingError: nil,
      fate: nil)
    findings.note(SentLeak(leak, [LeakSender(.sent)]))
    #expect(findings.list.isEmpty)
  }
}
