import Foundation
import Glibc
import Wire

/// Keeps the feed's reader up to date with an engine that comes and goes.
struct EngineFollower {
  /// Events that arrive together lead to one snapshot.
  private static var gathering: Duration { .milliseconds(20) }
  private static var firstPause: Duration { .milliseconds(250) }
  private static var longestPause: Duration { .seconds(5) }
  /// The first message must come within two seconds.
  private static var firstLimit: Duration { .milliseconds(1500) }
  private static var laterLimit: Duration { .seconds(5) }

  private let engine: Engine
  private let writer: MessageWriter
  private var stream: EventStream
  private var isStarted = false
  private var limit = Self.firstLimit
  private var pause = Self.firstPause
  private var isLost = false
  /// The names of containers by short id, from the engine's last answer.
  private var names: [String: String] = [:]
  /// Events from before the engine could not be read, not sent yet.
  private var pendingEvents: [ListedEvent] = []

  private enum Outcome {
    case readerGone
    case failed(String)
  }

  /// Nil if the system has no descriptors left.
  init?(_ engine: Engine, _ writer: MessageWriter) {
    self.engine = engine
    self.writer = writer
    guard let stream = EventStream() else { return nil }
    self.stream = stream
  }

  /// Returns when the reader has gone.
  mutating func run() {
    while true {
      let start = ContinuousClock.now
      guard case .failed(let reason) = follow() else { return }
      if .now - start > Self.laterLimit + Self.longestPause { pause = Self.firstPause }
      if !isLost {
        isLost = true
        guard writer.write(.lost(reason: "Docker's engine at \(engine.address): \(reason)")) else { return }
      }
      guard send(pendingEvents + stream.takeEvents(), names) else { return }
      pendingEvents = []
      limit = Self.laterLimit
      // A wake-up from before must not end the pause.
      guard case .timeout = writer.wait(for: -1, until: .now + pause) else { return }
      pause = min(pause * 2, Self.longestPause)
    }
  }

  /// Connects and follows the engine until something fails.
  private mutating func follow() -> Outcome {
    let end = ContinuousClock.now + limit
    if let outcome = open(by: end) { return outcome }
    let early = stream.takeEvents()
    if let outcome = resynchronize(early, by: end) { return outcome }
    limit = Self.laterLimit
    while true {
      // Check before each wait: an earlier wake-up may have been the end.
      if let reason = stream.end { return .failed(reason) }
      guard case .readable = writer.wait(for: stream.descriptor, until: nil) else { return .readerGone }
      var events = stream.takeEvents()
      if !events.isEmpty {
        guard case .timeout = writer.wait(for: -1, until: .now + Self.gathering) else { return .readerGone }
        events += stream.takeEvents()
        if let outcome = resynchronize(events, by: .now + limit) { return outcome }
      }
    }
  }

  /// Waits until the stream of events is open, a new one if the last one ended: there is never more than one.
  private mutating func open(by end: ContinuousClock.Instant) -> Outcome? {
    if stream.end != nil {
      guard let next = EventStream() else { return .failed("no descriptors are left") }
      stream = next
      isStarted = false
    }
    if !isStarted {
      isStarted = true
      stream.start(engine, since: .now)
    }
    while !stream.isOpen {
      if let reason = stream.end { return .failed(reason) }
      switch writer.wait(for: stream.descriptor, until: end) {
      case .readerGone: return .readerGone
      case .timeout: return .failed("it does not answer")
      case .readable: stream.drain()
      }
    }
    return nil
  }

  /// Reads what runs, and sends it with the events that led to it.
  private mutating func resynchronize(_ events: [ListedEvent], by end: ContinuousClock.Instant) -> Outcome? {
    let snapshot: ContainerSnapshot
    let current: [String: String]
    do throws(Engine.Problem) { (snapshot, current) = try engine.state(by: end) } catch {
      pendingEvents = events
      return .failed(stream.end ?? error.reason)
    }
    guard let line = MessageWriter.line(.snapshot(snapshot)) else {
      (names, pendingEvents) = (current, events)
      return .failed("it reports more containers than can be passed on")
    }
    if isLost {
      isLost = false
      guard writer.write(.back) else { return .readerGone }
    }
    guard writer.write(line) else { return .readerGone }
    guard send(events, names.merging(current) { $1 }) else { return .readerGone }
    names = current
    return nil
  }

  /// Sends events to the reader. False when the reader has gone.
  private func send(_ events: [ListedEvent], _ names: [String: String]) -> Bool {
    events.allSatisfy { listed in listed.event(names).map { writer.write(.event($0)) } ?? true }
  }
}
