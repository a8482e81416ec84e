import Foundation
import Glibc

/// Follows the engine and writes messages to a pipe: the work of a process of its own, because Docker's socket is root's
/// and the auditor has given up being root. Ends when nobody reads any more.
package struct ContainerFeed {
  /// Between two tries to reach an engine that does not answer.
  private static let waits: [Double] = [0.2, 0.5, 1, 2, 5]

  private let engine: DockerEngine
  private let output: Int32

  package init(_ engine: DockerEngine, output: Int32) {
    self.engine = engine
    self.output = output
  }

  package func run() {
    _ = signal(SIGPIPE, SIG_IGN)
    var failures = 0
    while true {
      let reason = follow {
        if failures > 0 { _ = write(.back) }
        failures = 0
      }
      guard let reason else { return }
      if failures == 0, !write(.lost(reason: reason)) { return }
      Thread.sleep(forTimeInterval: Self.waits[min(failures, Self.waits.count - 1)])
      failures += 1
      if !isHeard { return }
    }
  }

  /// Tells of the engine until it ends. Returns why it did, or nil if nobody listens.
  private func follow(onAnswer: () -> Void) -> String? {
    var isHeard = true
    do throws(EngineError) {
      let first = try engine.snapshot()
      onAnswer()
      guard write(.snapshot(first)) else { return nil }
      var latest = first
      var lines = EventLines()
      // What happened between that list and the stream's beginning shows in the next list.
      try engine.events { bytes in
        let events = lines.take(bytes)
        for event in events where isHeard { isHeard = write(event) }
        guard isHeard, !events.isEmpty, let now = try? engine.snapshot(), now != latest else { return isHeard }
        latest = now
        isHeard = write(.snapshot(now))
        return isHeard
      }
      return isHeard ? "\(engine.name) ended its event stream" : nil
    } catch {
      return isHeard ? "\(engine.name): \(error.reason)" : nil
    }
  }

  /// Whether somebody still reads the pipe.
  private var isHeard: Bool {
    var request = pollfd(fd: output, events: 0, revents: 0)
    _ = unsafe poll(&request, 1, 0)
    return request.revents & Int16(POLLERR | POLLNVAL) == 0
  }

  /// False if nobody reads any more.
  private func write(_ message: ContainerMessage) -> Bool {
    guard var bytes = try? Array(JSONEncoder().encode(message)) else { return true }
    bytes.append(UInt8(ascii: "\n"))
    var offset = 0
    while offset < bytes.count {
      let count = unsafe bytes.withUnsafeBytes { bytes in
        unsafe Glibc.write(output, bytes.baseAddress! + offset, bytes.count - offset)
      }
      if count > 0 { offset += count } else if errno != EINTR { return false }
    }
    return true
  }
}

/// The engine's event stream to messages: one JSON object a line. What is no event, or none that matters, is passed over.
struct EventLines {
  private var buffer: [UInt8] = []
  private static let told: Set = ["start", "die", "stop", "pause", "unpause", "connect", "disconnect"]

  mutating func take(_ bytes: [UInt8]) -> [ContainerMessage] {
    buffer += bytes
    var messages: [ContainerMessage] = []
    while let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
      let line = Data(buffer[..<end])
      buffer.removeSubrange(...end)
      if let message = Self.message(line) { messages.append(message) }
    }
    // No event is that long: what follows is not one either.
    if buffer.count > 1 << 20 { buffer.removeAll() }
    return messages
  }

  private static func message(_ line: Data) -> ContainerMessage? {
    guard let event = try? JSONDecoder().decode(EngineAnswers.Event.self, from: line), let action = event.Action,
      told.contains(action)
    else { return nil }
    let attributes = event.Actor?.Attributes ?? [:]
    let time = event.timeNano ?? 0
    switch event.Type {
    case "container":
      let name = attributes["name"] ?? String((event.Actor?.ID ?? "?").prefix(12))
      return .event(time: time, isNetwork: false, text: "container \(name): \(action)")
    case "network":
      let network = attributes["name"] ?? "?"
      let container = (attributes["container"] ?? "?").prefix(12)
      return .event(time: time, isNetwork: true, text: "network \(network): \(action) \(container)")
    default: return nil
    }
  }
}
