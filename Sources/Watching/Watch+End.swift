import Audit
import Capture
import Glibc
import Policy
import Report
import Wire

extension Watch {
  /// How long the kernel may hold back a block of the ring that is not full, in milliseconds, with a margin.
  private static var holdBack: Int32 { 30 }
  /// How long the ring, the outlets and the disk may take at the end, each.
  private static var timeLimitAtEnd: Duration { .seconds(5) }

  /// Audits what was captured before the end. Nothing more comes in, so the ring runs empty.
  mutating func finish() {
    let isWhole = emptyRing()
    auditor.endCountingInKernel()
    if auditor.framesCountedInKernel > 0 {
      telling.screen.say("\(auditor.framesCountedInKernel) of \(auditor.frames) frames were counted by the kernel")
    }
    lookAtLinks()
    containers.follow(&auditor) { telling.screen.say($0) }
    auditor.conclude()
    observer.observe(auditor.takeRepeats())
    observer.releaseHeld(auditor, at: .distantFuture)
    auditor.note(observer.takeSent())
    tell(observer.take())
    tell(observer.gate.sumUp())
    telling.screen.show("")
    rules.capture = totals() ?? rules.capture
    rules = rulesNow()
    if let failure { tell([.blind("the watch ended: \(failure). Do: restart it", at: .now)]) }
    rules.gaps += gapsAtEnd(isWhole: isWhole)
  }

  /// Returns false if frames were left.
  private mutating func emptyRing() -> Bool {
    try? capture.select([], newerThan: .max)
    let deadline = ContinuousClock.now + Self.timeLimitAtEnd
    var isWhole = true
    for _ in 0..<2 where limits.frames == nil && failure == nil {
      _ = poll(nil, 0, Self.holdBack)
      isWhole = false
      while !isWhole, failure == nil, ContinuousClock.now < deadline { isWhole = auditBatch() }
    }
    return isWhole
  }

  private mutating func gapsAtEnd(isWhole: Bool) -> [Gap] {
    var gaps: [Gap] = []
    if let failure { gaps.append(Gap("\(failure)", .lost, do: "restart the watch")) }
    if !isWhole {
      gaps.append(
        Gap(
          "frames captured before the end were left unread", .lost,
          do: "give the audit more CPU time, or end it when there is less traffic"))
    }
    if totals() == nil {
      gaps.append(
        Gap(
          "the kernel does not say how many frames it dropped", .lost,
          do: "restart the watch; if that does not help, record with tcpdump and replay that"))
    }
    return gaps
  }

  /// Tells everybody the end, and sums up the audit with what became of alerts and evidence.
  mutating func conclude() -> AuditSummary {
    rules.notices += telling.end(auditor.summary(rules), at: .now, within: Self.timeLimitAtEnd)
    return auditor.summary(rules)
  }

  /// The rules with what is known now.
  mutating func rulesNow() -> ConclusionRules {
    var now = rules
    interfaces.reportDrops(&auditor)
    now.moment = .now
    now.gaps += interfaces.gaps() + unansweredEndpoints
    now.notices += containers.limits.map { .init(.containers, $0) }
    return now
  }

  /// Endpoints in the policy whose names no DNS answer has resolved.
  private var unansweredEndpoints: [Gap] {
    auditor.unansweredEndpoints.map { endpoint in
      Gap(
        "no DNS answer gave the address of the Endpoint \(endpoint.value.name), so its tunnel counts as leaks",
        .unheard,
        do: "state it with --resolve \(endpoint.value.name)=ADDRESS")
    }
  }

  mutating func totals() -> CaptureTotals? {
    capture.statistics().map {
      CaptureTotals(received: $0.received + UInt64(auditor.framesCountedInKernel), dropped: $0.dropped)
    }
  }
}
