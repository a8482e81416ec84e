import Audit
import CLinux
import Capture
import Glibc
import Outputs
import Policy
import Report
import Serving
import Wire

/// The loop of a watch: one thread that reads the ring, audits, and checks everything else between two batches.
struct Watch: ~Copyable {
  struct Limits {
    /// In seconds of the machine's clock; nil without a limit.
    var duration: Double?
    var frames: Int?
    /// Seconds between two summings-up of repeated leaks.
    var repeatEvery: Double
  }

  /// Frames between two checks of everything else: some tenths of a millisecond.
  private static var batch: Int { 4096 }
  /// More frames than this since the ring was last empty count as load. The nap under load, in milliseconds, is far
  /// shorter than the time that the ring can bridge.
  private static var busy: Int { 200 }
  private static var nap: Int32 { 3 }
  /// How long to wait for the engine to say to whom a new bridge belongs.
  private static var enginePatience: Duration { .milliseconds(200) }
  /// How long the kernel may hold back a block of the ring that is not full, in milliseconds, with a margin.
  private static var holdBack: Int32 { 30 }

  var capture: LiveCapture
  var interfaces: AuditedInterfaces
  var auditor: Auditor
  var observer: WatchObserver
  let signals: SignalDescriptor
  let linkEvents: Int32
  var containers: ContainerView
  /// Sent until every interface has shown the frame.
  let control: ControlFrame?
  let limits: Limits
  let screen: LiveScreen
  var outbox: Outbox
  /// Called when a summary is requested during the watch.
  let writeSummary: (borrowing Auditor, ConclusionRules) -> Void
  var rules: ConclusionRules
  let redactor: Redactor?
  /// Requests a summary now and then, if the watch is served.
  let live: LiveAudit?

  let heartbeat = Heartbeat()
  var blindSpots = BlindSpots(start: .now)
  private var cursor = SourceCursor()
  private var failure: CaptureError?

  init(
    capture: consuming LiveCapture, interfaces: AuditedInterfaces, auditor: consuming Auditor,
    observer: consuming WatchObserver,
    signals: consuming SignalDescriptor, linkEvents: Int32, containers: ContainerView, control: consuming ControlFrame?,
    limits: Limits,
    screen: LiveScreen, outbox: Outbox,
    rules: ConclusionRules, redactor: Redactor?, live: LiveAudit?,
    writeSummary: @escaping (borrowing Auditor, ConclusionRules) -> Void
  ) {
    self.capture = capture
    self.interfaces = interfaces
    self.auditor = auditor
    self.observer = observer
    self.signals = signals
    self.linkEvents = linkEvents
    self.containers = containers
    self.control = control
    self.limits = limits
    self.screen = screen
    self.outbox = outbox
    self.rules = rules
    self.redactor = redactor
    self.live = live
    self.writeSummary = writeSummary
    cursor.interfaces = Array(0..<interfaces.names.count)
    self.auditor.tellsRepeats = true
  }

  /// Runs until a limit or a signal, then audits what is still in the ring.
  mutating func run() {
    let start = ContinuousClock.now
    var status = StatusLine()
    var nextStatus = start
    var nextSum = start + .seconds(limits.repeatEvery)
    var nextStatistics = start
    // If the ring never empties, everything else is still checked often enough to react at once.
    var nextLook = start
    var framesAtNap = 0
    guardAgainstStalling()
    while true {
      heartbeat.beat()
      let isIdle = auditBatch()
      let now = ContinuousClock.now
      if failure != nil || hasEnded(since: start, now) { break }
      if isIdle {
        // Under load a wake-up for each block costs more than its frames, so a short nap lets them collect.
        if auditor.frames - framesAtNap > Self.busy { _ = poll(nil, 0, Self.nap) }
        framesAtNap = auditor.frames
      }
      if isIdle || now >= nextLook {
        let ready = wait(until: isIdle ? min(nextSum, nextStatus, end(since: start)) : now)
        if ready.signals, lookAtSignals() { break }
        if ready.links { lookAtLinks() }
        if ready.containers {
          followContainers()
        }
        answerLive()
        nextLook = now + .milliseconds(5)
      }
      if now >= nextSum {
        tell(observer.gate.sumUp())
        nextSum = now + .seconds(limits.repeatEvery)
      }
      if now >= nextStatistics {
        rules.capture = totals() ?? rules.capture
        lookForBlindSpots(at: .now)
        nextStatistics = now + .seconds(1)
      }
      if now >= nextStatus {
        sendControl()
        screen.show(status.text(auditor, drops: rules.capture?.dropped ?? 0, at: now))
        nextStatus = now + .milliseconds(250)
      }
    }
    // Delays at the end are not reported to the outlets.
    heartbeat.end()
    finish()
  }

  /// Audits what waits in the ring, at most a batch. Returns true if the ring is empty.
  private mutating func auditBatch() -> Bool {
    var isIdle = false
    let limit = limits.frames.map { max(0, min(Self.batch, $0 - auditor.frames)) } ?? Self.batch
    do throws(CaptureError) {
      let pause = try auditor.audit(&capture, &cursor, until: .distantFuture, limit: limit, observer: &observer)
      if case .end = pause {
        if let index = capture.unknownIndex {
          // A new network's first frames arrive before the engine has reported the network; the ring holds them
          // meanwhile.
          let deadline = ContinuousClock.now + Self.enginePatience
          while interfaces.awaitsEngine(index), containers.isFollowing, ContinuousClock.now < deadline {
            containers.wait(for: 20)
            containers.follow(&auditor) { screen.say($0) }
            interfaces.ignoreForeignBridges(containers.snapshot)
          }
          interfaces.identify(index, &capture, &auditor, at: .now)
          noteInterfaces()
        } else {
          isIdle = true
        }
      }
    } catch {
      failure = error
    }
    observer.observe(auditor.takeRepeats())
    observer.releaseHeld(auditor, at: .now)
    tell(observer.take())
    tell(auditor.takeNotices())
    return isIdle
  }

  private mutating func followContainers() {
    containers.follow(&auditor) { screen.say($0) }
    interfaces.follow(containers.snapshot, &capture, &auditor, at: .now)
    noteInterfaces()
  }

  private mutating func noteInterfaces() {
    cursor.interfaces = Array(0..<interfaces.names.count)
    observer.names = interfaces.names
  }

  private func hasEnded(since start: ContinuousClock.Instant, _ now: ContinuousClock.Instant) -> Bool {
    if let frames = limits.frames, auditor.frames >= frames { return true }
    return now >= end(since: start)
  }

  private func end(since start: ContinuousClock.Instant) -> ContinuousClock.Instant {
    limits.duration.map { start + .seconds($0) } ?? start + .seconds(100 * 365 * 86_400)
  }

  /// Returns true if one of the signals ends the watch.
  private mutating func lookAtSignals() -> Bool {
    while let request = signals.next() {
      switch request {
      case .end:
        rules.notices.append(.init(.endedBySignal, "The watch was ended by a signal."))
        return true
      case .summary: writeSummary(auditor, rulesNow())
      }
    }
    return false
  }

  private mutating func lookAtLinks() {
    var buffer = [UInt8](repeating: 0, count: 4096)
    var hasChanged = false
    // It only matters that there was a message: its content is looked up anew. ENOBUFS means that there were too many.
    while unsafe recv(linkEvents, &buffer, buffer.count, Int32(MSG_DONTWAIT)) > 0 || errno == ENOBUFS {
      hasChanged = true
    }
    guard hasChanged else { return }
    interfaces.refresh(&capture, &auditor, at: .now)
    lookForBlindSpots(at: .now)
  }

  /// Sends control frames where none has been seen; if one never arrives, the end says so.
  private mutating func sendControl() {
    guard auditor.awaitsControl else { return }
    for outcome in auditor.controlOutcomes where outcome.verdict == nil {
      guard let sent = try? control?.send(on: auditor.interfaces[outcome.interface].name) else { continue }
      auditor.expectControl(sent.packet, from: sent.source, on: outcome.interface)
    }
  }

  /// Waits for frames or other events, and says what there is.
  private func wait(until moment: ContinuousClock.Instant) -> (signals: Bool, links: Bool, containers: Bool) {
    var requests = (
      pollfd(fd: capture.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: signals.number, events: Int16(POLLIN), revents: 0),
      pollfd(fd: linkEvents, events: Int16(POLLIN), revents: 0),
      // poll(2) ignores a negative descriptor.
      pollfd(fd: containers.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: live?.bell.number ?? -1, events: Int16(POLLIN), revents: 0)
    )
    let milliseconds = max(0, min(250, (moment - .now) / .milliseconds(1))).rounded(.up)
    _ = unsafe withUnsafeMutablePointer(to: &requests) { requests in
      unsafe requests.withMemoryRebound(to: pollfd.self, capacity: 5) { requests in
        unsafe poll(requests, 5, Int32(milliseconds))
      }
    }
    if requests.4.revents != 0 { live?.bell.quieten() }
    return (requests.1.revents != 0, requests.2.revents != 0, requests.3.revents != 0)
  }

  /// Audits what was captured before the end. Nothing more comes in, so the ring runs empty.
  private mutating func finish() {
    try? capture.select([], newerThan: .max)
    let deadline = ContinuousClock.now + .seconds(5)
    var isWhole = true
    for _ in 0..<2 where limits.frames == nil && failure == nil {
      _ = poll(nil, 0, Self.holdBack)
      isWhole = false
      while !isWhole, failure == nil, ContinuousClock.now < deadline { isWhole = auditBatch() }
    }
    lookAtLinks()
    containers.follow(&auditor) { screen.say($0) }
    auditor.conclude()
    observer.observe(auditor.takeRepeats())
    observer.releaseHeld(auditor, at: .distantFuture)
    tell(observer.take())
    tell(observer.gate.sumUp())
    screen.show("")
    rules.capture = totals() ?? rules.capture
    rules = rulesNow()
    if let failure { tell([.blind("the watch ended: \(failure). Do: restart it", at: .now)]) }
    if let failure { rules.gaps.append(Gap("\(failure)", .lost, do: "restart the watch")) }
    if !isWhole {
      rules.gaps.append(
        Gap(
          "frames captured before the end were left unread", .lost,
          do: "give the audit more CPU time, or end it when there is less traffic"))
    }
    if totals() == nil {
      rules.gaps.append(
        Gap(
          "the kernel does not say how many frames it dropped", .lost,
          do: "restart the watch; if that does not help, record with tcpdump and replay that"))
    }
  }

  mutating func rulesNow() -> ConclusionRules {
    var now = rules
    interfaces.reportDrops(&auditor)
    now.moment = .now
    now.gaps += interfaces.gaps() + unansweredEndpoints
    now.notices += containers.limits.map { .init(.containers, $0) }
    return now
  }

  private mutating func totals() -> CaptureTotals? {
    capture.statistics().map { CaptureTotals(received: $0.received, dropped: $0.dropped) }
  }
}

extension Timestamp {
  /// The machine's clock, which also stamps the frames.
  static var now: Timestamp {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Timestamp(seconds: Int64(time.tv_sec), nanoseconds: Int64(time.tv_nsec))
  }
}
