import Foundation
import Glibc
import Synchronization
import Wire

/// The engine's events, followed by a thread that ends with the stream. Bounded: if the engine sends more than can be
/// taken, the stream ends.
///
/// `unsafe` for pipe(2), read(2) and write(2). Sound: their arrays outlive the calls and have the stated length.
final class EventStream: Sendable {
  private static var longestLine: Int { 1 << 20 }
  private static var mostEvents: Int { 4096 }

  private struct State {
    var isOpen = false
    var events: [ListedEvent] = []
    var unfinished: [UInt8] = []
    var overflow: String?
    var end: String?
  }

  private let state = Mutex(State())
  /// Gets a byte whenever there is something new; see pipe(7).
  private let wakening: (read: Int32, write: Int32)

  /// Nil if the system has no descriptors left.
  init?() {
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { return nil }
    wakening = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
  }

  deinit {
    close(wakening.read)
    close(wakening.write)
  }

  func start(_ engine: Engine, since start: Timestamp) {
    Thread.detachNewThread { [self] in
      var reason = "it ended the stream of events"
      do throws(Engine.Problem) {
        try engine.follow(since: start) {
          self.change { $0.isOpen = true }
        } onBytes: { bytes in
          self.receive(bytes)
        }
      } catch { reason = error.reason }
      change { $0.end = $0.overflow ?? reason }
    }
  }

  /// Becomes readable when any of the following changes.
  var descriptor: Int32 { wakening.read }

  /// Whether the stream has begun: events from now on arrive.
  var isOpen: Bool { state.withLock { $0.isOpen } }

  /// Why the stream ended; nil if it has not.
  var end: String? { state.withLock { $0.end } }

  /// The events since the last call.
  func takeEvents() -> [ListedEvent] {
    drain()
    return state.withLock { state in
      defer { state.events = [] }
      return state.events
    }
  }

  /// Empties the pipe, so that the descriptor becomes readable only for something new.
  func drain() {
    var bytes: [UInt8] = Array(repeating: 0, count: 64)
    while unsafe read(wakening.read, &bytes, bytes.count) > 0 {}
  }

  private func change(_ body: (inout sending State) -> Void) {
    state.withLock { body(&$0) }
    var byte: UInt8 = 0
    // If the pipe is full, the reader is woken anyway.
    _ = unsafe write(wakening.write, &byte, 1)
  }

  /// Receives more bytes; returns false to end the stream.
  private func receive(_ bytes: [UInt8]) -> Bool {
    change { state in
      for byte in bytes {
        guard byte == UInt8(ascii: "\n") else {
          state.unfinished.append(byte)
          continue
        }
        // Lines that are not events, such as empty ones, say nothing about containers.
        if let event = try? JSONDecoder().decode(ListedEvent.self, from: Data(state.unfinished)) {
          state.events.append(event)
        }
        state.unfinished.removeAll(keepingCapacity: true)
      }
      if state.unfinished.count > Self.longestLine || state.events.count > Self.mostEvents {
        state.overflow = "it reports more events than can be read"
      }
    }
    return state.withLock { $0.overflow == nil }
  }
}
