import Audit
import Capture
import Containers
import Glibc
import Outputs
import Policy
import Report
import Serving
import Wire

/// What a watch looks at between two batches.
///
/// `unsafe` for poll(2). Sound: a tuple's five equal members lie in a row, and outlive the call.
extension Watch {
  enum Outcome { case goOn, end }

  /// How long to wait for the engine to say to whom a new bridge belongs.
  private static var engineTimeout: Duration { .milliseconds(200) }

  /// Waits for frames or other events, and reacts to them.
  mutating func lookAround(until moment: ContinuousClock.Instant) -> Outcome {
    let ready = wait(until: moment)
    if ready.signals, lookAtSignals() == .end { return .end }
    if ready.links { lookAtLinks() }
    if ready.containers { followContainers() }
    observer.senders?.follow()
    answerLive()
    return .goOn
  }

  /// Waits for frames or other events, and says what there is.
  private func wait(until moment: ContinuousClock.Instant) -> (signals: Bool, links: Bool, containers: Bool) {
    let bell = telling.served?.live.bell
    var requests = (
      pollfd(fd: capture.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: events.signals.number, events: Int16(POLLIN), revents: 0),
      pollfd(fd: events.links.number, events: Int16(POLLIN), revents: 0),
      // poll(2) ignores a negative descriptor.
      pollfd(fd: containers.descriptor, events: Int16(POLLIN), revents: 0),
      pollfd(fd: bell?.number ?? -1, events: Int16(POLLIN), revents: 0)
    )
    let milliseconds = max(0, min(250, (moment - .now) / .milliseconds(1))).rounded(.up)
    _ = unsafe withUnsafeMutablePointer(to: &requests) { requests in
      unsafe requests.withMemoryRebound(to: pollfd.self, capacity: 5) { requests in
        unsafe poll(requests, 5, Int32(milliseconds))
      }
    }
    if requests.4.revents != 0 { bell?.quieten() }
    return (requests.1.revents != 0, requests.2.revents != 0, requests.3.revents != 0)
  }

  private mutating func lookAtSignals() -> Outcome {
    while let request = events.signals.next() {
      switch request {
      case .reopen where telling.outbox.reopenFiles(): break
      case .end, .reopen:
        rules.notices.append(.init(.endedBySignal, "The watch was ended by a signal."))
        return .end
      case .summary: telling.writeSummary(auditor.summary(rulesNow()))
      }
    }
    return .goOn
  }

  mutating func lookAtLinks() {
    guard events.links.haveCome() else { return }
    interfaces.refresh(&capture, &auditor, at: .now)
    lookForBlindSpots(at: .now)
  }

  private mutating func followContainers() {
    containers.follow(&auditor) { telling.screen.say($0) }
    observer.senders?.name(containers.snapshot)
    interfaces.follow(containers.snapshot, &capture, &auditor, at: .now)
    noteInterfaces()
  }

  /// Determines from which interface a waiting frame came.
  mutating func identify(_ index: UInt32) {
    // A new network's first frames arrive before the engine has reported the network; the ring holds them meanwhile.
    let deadline = ContinuousClock.now + Self.engineTimeout
    while interfaces.awaitsEngine(index), containers.isFollowing, ContinuousClock.now < deadline {
      containers.wait(for: 20)
      containers.follow(&auditor) { telling.screen.say($0) }
      interfaces.ignoreForeignBridges(containers.snapshot)
    }
    interfaces.identify(index, &capture, &auditor, at: .now)
    noteInterfaces()
  }

  private mutating func noteInterfaces() {
    cursor.interfaces = Array(0..<interfaces.names.count)
    observer.names = interfaces.names
  }

  private mutating func answerLive() {
    guard let live = telling.served?.live, live.isAsked() else { return }
    live.post(auditor.summary(rulesNow()))
  }

  /// Sends control frames where none has been seen; if one never arrives, the end says so.
  mutating func sendControl() {
    guard auditor.awaitsControl else { return }
    for outcome in auditor.controlOutcomes where outcome.verdict == nil {
      guard let sent = try? control?.send(on: auditor.interfaces[outcome.interface].name) else { continue }
      auditor.expectControl(sent.packet, from: sent.source, on: outcome.interface)
    }
  }
}
