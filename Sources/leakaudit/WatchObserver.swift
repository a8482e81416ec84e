import Audit
import Outputs
import Policy
import Report
import Wire

/// Collects what is to be told of the leaks of one batch. Alerts leave at the batch's end: a leak that was seen on the bridge
/// and, microseconds later, on the NIC is then told once, as escaped.
struct WatchObserver: FrameObserver, ~Copyable {
  static var isActive: Bool { false }

  static var keepsContext: Bool { true }
  /// Frames before the first leak of a kind that go into the evidence, with so many bytes of each.
  private static let context = (frames: 16, length: 128)

  var gate: AlertGate
  private let evidence: EvidenceThread?
  private let redactor: Redactor?
  /// The interfaces', by the numbers that frames carry.
  var names: [String]
  private let snapLength: Int
  private var context: ContextRing?
  private(set) var pending: [Alert] = []
  /// Leaks that are none if a handshake proves where they went.
  private var held: [(leak: Leak, frame: Int, time: Timestamp, record: EvidenceRecord?)] = []
  /// How long a handshake may take, and how many leaks wait for one.
  private static let patience = Elapsed.seconds(5)
  private static let mostHeld = 1024

  init(gate: AlertGate, evidence: EvidenceThread?, redactor: Redactor?, names: [String], snapLength: Int) {
    self.gate = gate
    self.redactor = redactor
    self.evidence = evidence
    self.names = names
    self.snapLength = snapLength
    context = evidence == nil ? nil : ContextRing(slots: Self.context.frames, captureLimit: Self.context.length)
  }

  @inline(__always)
  mutating func keep(_ frame: borrowing CapturedFrame) { context?.keep(frame) }

  mutating func observe(
    _ frame: borrowing CapturedFrame, _ packet: DecodedPacket, _ verdict: Verdict, _ leak: Leak?, number: Int,
    interface: String, policy: TunnelPolicy
  ) {}

  mutating func forgetLatest() { context?.forgetLatest() }

  mutating func observe(
    leak: Leak, _ frame: borrowing CapturedFrame, number: Int, isNewFinding: Bool, interface: InterfaceTally
  ) {
    // What a handshake explains in a moment is no evidence of anything.
    let waits = leak.awaitsHandshake && held.count < Self.mostHeld
    if let evidence, !waits { keepEvidence(leak, frame, isFirst: isNewFinding, evidence) }
    // Nor is it context of a later leak: evidence would hold it twice.
    if waits { context?.forgetLatest() }
    if leak.candidate > 0, held.count < Self.mostHeld {
      held.append((leak, number, frame.timestamp, waits && evidence != nil ? record(leak, frame) : nil))
    } else {
      pass(leak, number, frame.timestamp)
    }
  }

  /// Lets go of what has waited long enough, and forgets what was no leak.
  mutating func releaseHeld(_ auditor: borrowing Auditor, at now: Timestamp) {
    if held.isEmpty { return }
    let presumed = auditor.presumedCandidates
    while let first = held.first {
      let isLeak = auditor.isUnproven(candidate: first.leak.candidate, presumed: presumed)
      guard now - first.time >= Self.patience || !isLeak else { return }
      held.removeFirst()
      guard isLeak else { continue }
      if let record = first.record, let evidence {
        if evidence.takesMore(first.leak.severity) { evidence.post(record) } else { evidence.skip(first.leak.severity) }
      }
      pass(first.leak, first.frame, first.time)
    }
  }

  /// Of frames that are no longer written the number is enough.
  func wantsFrame(of severity: Severity) -> Bool { evidence?.takesMore(severity) ?? false }

  /// Takes leaks that were counted together.
  mutating func observe(_ repeats: [LeakRepeat]) {
    for repeated in repeats {
      evidence?.skip(repeated.leak.severity, repeated.count.frames)
      if let alert = gate.pass(repeated) { tell(alert) }
    }
  }

  private mutating func pass(_ leak: Leak, _ frame: Int, _ moment: Timestamp) {
    if let alert = gate.pass(leak, frame: frame, at: moment) { tell(alert) }
  }

  private mutating func tell(_ alert: Alert) {
    if alert.kind == .escaped, let position = pending.firstIndex(where: { $0.isContinued(by: alert) }) {
      pending[position].escape(as: alert)
    } else {
      pending.append(alert)
    }
  }

  private mutating func keepEvidence(
    _ leak: Leak, _ frame: borrowing CapturedFrame, isFirst: Bool, _ evidence: EvidenceThread
  ) {
    guard evidence.takesMore(leak.severity) else { return evidence.skip(leak.severity) }
    if isFirst {
      for before in context?.drain(exceptLatest: 1) ?? [] {
        evidence.post(
          EvidenceRecord(
            bytes: before.bytes, originalLength: before.originalLength, timestamp: before.timestamp,
            linkType: before.linkType, interfaceName: names[before.interface], snapLength: snapLength,
            direction: before.recordDirection, severity: leak.severity,
            comment: "leakaudit: context, cut to its first bytes"))
      }
    }
    evidence.post(record(leak, frame))
    // It is there now: as context of a later leak it would be counted twice.
    context?.forgetLatest()
  }

  private func record(_ leak: Leak, _ frame: borrowing CapturedFrame) -> EvidenceRecord {
    EvidenceRecord(leak, frame, interfaceName: names[frame.interface], snapLength: snapLength, redactor)
  }

  mutating func take() -> [Alert] {
    defer { pending.removeAll(keepingCapacity: true) }
    return pending
  }
}
