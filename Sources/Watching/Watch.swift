package import Audit
package import Capture
import Glibc
import Outputs
import Policy
import Report
import Serving
import Wire

/// The loop of a watch: one thread that reads the ring, audits, and checks everything else between two batches.
package struct Watch: ~Copyable {
  package struct Limits {
    /// In seconds of the machine's clock; nil without a limit.
    let duration: Double?
    let frames: Int?
    /// Seconds between two summings-up of repeated leaks.
    let repeatEvery: Double

    package init(duration: Double?, frames: Int?, repeatEvery: Double) {
      self.duration = duration
      self.frames = frames
      self.repeatEvery = repeatEvery
    }
  }

  /// Frames between two checks of everything else: some tenths of a millisecond.
  private static var batch: Int { 4096 }
  /// More frames than this since the ring was last empty count as load. The nap under load, in milliseconds, is far
  /// shorter than the time that the ring can bridge, and a small part of the 20 ms in which an alert is to be out.
  private static var busy: Int { 200 }
  private static var nap: Int32 { 4 }

  var capture: LiveCapture
  var interfaces: AuditedInterfaces
  var auditor: Auditor
  var observer: WatchObserver
  let events: WatchEvents
  var containers: ContainerView
  /// Sent until every interface has shown the frame.
  let control: ControlFrame?
  let telling: WatchTelling
  let limits: Limits
  var rules: ConclusionRules

  let heartbeat = Heartbeat()
  var blindSpots = BlindSpots(start: .now)
  var cursor = SourceCursor()
  private(set) var failure: CaptureError?
  private var status = StatusLine(at: .now)
  private var framesAtNap = 0
  private var countedAtLook = 0

  /// - Parameters:
  ///   - opened: what is audited.
  ///   - telling: who is told.
  ///   - rules: how the audit ends.
  package init(
    _ opened: consuming OpenedWatch, _ telling: WatchTelling, _ limits: Limits, _ rules: ConclusionRules,
    _ unprivileged: borrowing Unprivileged
  ) {
    observer = WatchObserver(
      telling, names: opened.names, snapLength: opened.captureLimit, senders: opened.senders.take())
    capture = opened.capture.reading(unprivileged)
    interfaces = opened.interfaces
    auditor = opened.auditor
    events = opened.events
    containers = opened.containers
    control = opened.control
    self.telling = telling
    self.limits = limits
    self.rules = rules
    cursor.interfaces = Array(0..<interfaces.names.count)
    auditor.reportsRepeats = true
  }

  /// Runs until a limit or a signal, then audits what is still in the ring, and tells everybody the end.
  package mutating func run() -> AuditSummary {
    var agenda = Agenda(at: .now, limits)
    guardAgainstStalling()
    while true {
      heartbeat.beat()
      let isIdle = auditBatch()
      let now = ContinuousClock.now
      if failure != nil || hasAllFrames || now >= agenda.end { break }
      if isIdle { napUnderLoad() }
      if isIdle || now >= agenda.look {
        if lookAround(until: isIdle ? nextLook(agenda, now) : now) == .end { break }
        agenda.look = now + Agenda.betweenLooks
      }
      if agenda.sumsUp(at: now) { tell(observer.gate.sumUp()) }
      if agenda.asksKernel(at: now) {
        rules.capture = totals() ?? rules.capture
        lookForBlindSpots(at: .now)
      }
      if agenda.showsStatus(at: now) {
        sendControl()
        telling.screen.show(status.text(auditor, drops: rules.capture?.dropped ?? 0, at: now))
      }
    }
    // Delays at the end are not reported to the outlets.
    heartbeat.end()
    finish()
    return conclude()
  }

  private var hasAllFrames: Bool { limits.frames.map { auditor.frames >= $0 } ?? false }

  /// Audits what waits in the ring, at most a batch. Returns true if the ring is empty.
  mutating func auditBatch() -> Bool {
    var isIdle = false
    let limit = limits.frames.map { max(0, min(Self.batch, $0 - auditor.frames)) } ?? Self.batch
    do throws(CaptureError) {
      let pause = try auditor.audit(&capture, &cursor, until: .distantFuture, limit: limit, observer: &observer)
      if case .end = pause {
        if let index = capture.unknownIndex { identify(index) } else { isIdle = true }
      }
    } catch {
      failure = error
    }
    observer.observe(auditor.takeRepeats())
    observer.releaseHeld(auditor, at: .now)
    auditor.note(observer.takeSent())
    auditor.note(observer.takeLookups())
    tell(observer.take())
    tell(auditor.takeNotices())
    return isIdle
  }

  /// Under load a wake-up for each block costs more than its frames, so a short nap lets them collect.
  private mutating func napUnderLoad() {
    let frames = auditor.frames - auditor.framesCountedInKernel
    if frames - framesAtNap > Self.busy { _ = poll(nil, 0, Self.nap) }
    framesAtNap = frames
  }

  /// Until when a watch may wait, to which the kernel passes nothing. While it counts, the time of what it has counted
  /// is not known better than that.
  private mutating func nextLook(_ agenda: Agenda, _ now: ContinuousClock.Instant) -> ContinuousClock.Instant {
    defer { countedAtLook = auditor.framesCountedInKernel }
    return auditor.framesCountedInKernel == countedAtLook
      ? agenda.next : min(agenda.next, now + Agenda.betweenTakingOver)
  }
}
