import Audit
import Outputs
import Policy
import Report
import Wire

/// Collects what must be reported about the leaks of one batch. Alerts leave at the end of the batch: a leak that was
/// seen on the bridge and, microseconds later, on the NIC is then reported once, as escaped.
struct WatchObserver: FrameObserver, ~Copyable {
  static var isActive: Bool { false }

  static var keepsContext: Bool { true }
  /// How many frames before the first leak of a kind go into the evidence, and how many bytes of each.
  private static let context = (frames: 16, length: 128)

  var gate: AlertGate
  private let evidence: EvidenceThread?
  private let redactor: Redactor?
  /// The names of the interfaces, by the numbers in frames.
  var names: [String]
  private let snapLength: Int
  private var context: ContextRing?
  private(set) var pending: [Alert] = []
  /// Who sends, if the kernel tells.
  var senders: LeakSenders?
  /// Leaks with senders that the findings do not list yet.
  private var sent: [SentLeak] = []
  /// The machine's questions that were a container's.
  private var lookups: [ContainerLookup] = []
  /// Leaks that turn out to be none if a handshake proves where they went.
  private var held: [Held] = []

  private struct Held {
    var leak: Leak
    var frame: Int
    var time: Timestamp
    var senders: LeakSenders.Answer
    var record: EvidenceRecord?
  }

  /// How long to wait for a handshake, and how many leaks may wait for one.
  private static let timeout = Elapsed.seconds(5)
  private static let mostHeld = 1024

  init(_ telling: WatchTelling, names: [String], snapLength: Int, senders: consuming LeakSenders? = nil) {
    self.senders = senders
    gate = telling.gate
    redactor = telling.redactor
    evidence = telling.evidence
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
    if let askers = senders?.askers(leak, on: interface.role), !askers.isEmpty {
      lookups.append(
        ContainerLookup(
          name: leak.questions[0].name, containers: askers, interface: frame.interface, moment: frame.timestamp))
    }
    // A packet that a handshake may explain in a moment is no evidence yet.
    let waits = leak.awaitsHandshake && held.count < Self.mostHeld
    let senders = senders?.answer(leak, on: interface.role) ?? LeakSenders.Answer()
    if let evidence, !waits { keepEvidence(leak, senders.list, frame, isFirst: isNewFinding, evidence) }
    // Nor is it context for a later leak: the evidence would hold it twice.
    if waits { context?.forgetLatest() }
    if leak.candidate > 0, held.count < Self.mostHeld {
      held.append(
        Held(
          leak: leak, frame: number, time: frame.timestamp, senders: senders,
          record: waits && evidence != nil ? record(leak, senders.list, frame) : nil))
    } else {
      pass(leak, number, frame.timestamp, senders, isNewFinding: isNewFinding)
    }
  }

  /// Releases leaks that have waited long enough, and drops those that were no leaks.
  mutating func releaseHeld(_ auditor: borrowing Auditor, at now: Timestamp) {
    if held.isEmpty { return }
    let presumed = auditor.presumedCandidates
    while let first = held.first {
      let isLeak = auditor.isUnproven(candidate: first.leak.candidate, presumed: presumed)
      guard now - first.time >= Self.timeout || !isLeak else { return }
      held.removeFirst()
      guard isLeak else { continue }
      if let record = first.record, let evidence {
        if evidence.takesMore(first.leak.severity) { evidence.post(record) } else { evidence.skip(first.leak.severity) }
      }
      pass(first.leak, first.frame, first.time, first.senders, isNewFinding: true)
    }
  }

  /// Frames that are no longer written are only counted.
  func wantsFrame(of severity: Severity) -> Bool { evidence?.takesMore(severity) ?? false }

  /// Takes leaks that were counted together.
  mutating func observe(_ repeats: [LeakRepeat]) {
    for repeated in repeats {
      evidence?.skip(repeated.leak.severity, repeated.count.frames)
      if let alert = gate.pass(repeated) { tell(alert) }
    }
  }

  private mutating func pass(
    _ leak: Leak, _ frame: Int, _ moment: Timestamp, _ senders: LeakSenders.Answer, isNewFinding: Bool
  ) {
    if !senders.list.isEmpty, isNewFinding || senders.isNew { sent.append(SentLeak(leak, senders.list)) }
    if let alert = gate.pass(leak, frame: frame, at: moment, from: senders.list) { tell(alert) }
  }

  /// The leaks whose senders became known since the last call: at most one for each leak of a batch.
  mutating func takeSent() -> [SentLeak] {
    defer { sent.removeAll(keepingCapacity: true) }
    return sent
  }

  mutating func takeLookups() -> [ContainerLookup] {
    defer { lookups.removeAll(keepingCapacity: true) }
    return lookups
  }

  private mutating func tell(_ alert: Alert) {
    if alert.kind == .escaped, let position = pending.firstIndex(where: { $0.isContinued(by: alert) }) {
      pending[position].escape(as: alert)
    } else {
      pending.append(alert)
    }
  }

  private mutating func keepEvidence(
    _ leak: Leak, _ senders: [LeakSender], _ frame: borrowing CapturedFrame, isFirst: Bool, _ evidence: EvidenceThread
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
    evidence.post(record(leak, senders, frame))
    // The frame is written now: as context for a later leak it would be there twice.
    context?.forgetLatest()
  }

  private func record(
    _ leak: Leak, _ senders: [LeakSender], _ frame: borrowing CapturedFrame
  ) -> EvidenceRecord {
    EvidenceRecord(
      leak, from: senders, frame, interfaceName: names[frame.interface], snapLength: snapLength, redactor)
  }

  mutating func take() -> [Alert] {
    defer { pending.removeAll(keepingCapacity: true) }
    return pending
  }
}
