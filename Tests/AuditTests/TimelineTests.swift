import Audit
import TestSupport
import Testing
import Wire

/// Events other than packets, in bounded memory.
@Suite struct TimelineTests {
  @Test func `events of one kind do not displace events of another`() {
    var auditor = Auditor(policy(), seed: 1)
    for second in 0..<5000 {
      auditor.note(.init(.container, "started", at: Timestamp(nanoseconds: Int64(second) * 1_000_000_000)))
    }
    auditor.note(.init(.tunnel, "handshake", at: Timestamp(nanoseconds: 0)))
    let timeline = auditor.summary(ConclusionRules()).timeline
    #expect(timeline.events.filter { $0.kind == .container }.count == 500)
    #expect(timeline.events.filter { $0.kind == .tunnel }.map(\.text) == ["handshake"])
    #expect(timeline.others == 4500)
    #expect(timeline.events.map(\.time) == timeline.events.map(\.time).sorted())
  }
}
