import Foundation
import Glibc

/// The feed's end of its pipe.
///
/// `unsafe` for write(2) and poll(2). Sound: the arrays outlive the calls and have the stated lengths.
struct MessageWriter {
  let output: Int32

  init(_ output: Int32) { self.output = output }

  /// Writes a message; returns false if the reader has gone. A message too long for any reader is left out.
  func write(_ message: ContainerFeed.Message) -> Bool {
    guard let line = Self.line(message) else { return true }
    return write(line)
  }

  /// The message with its line feed; nil if it is too long for any reader.
  static func line(_ message: ContainerFeed.Message) -> [UInt8]? {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let line = try? encoder.encode(message), line.count <= ContainerFeed.lineLimit else { return nil }
    return line + [UInt8(ascii: "\n")]
  }

  func write(_ line: [UInt8]) -> Bool {
    var rest = line[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe Glibc.write(output, $0.baseAddress, $0.count) }
      switch (count, errno) {
      case (0..., _): rest = rest.dropFirst(count)
      case (_, EINTR): continue
      case (_, EAGAIN): guard waitForRoom() else { return false }
      default: return false
      }
    }
    return true
  }

  /// Returns false if the reader has gone.
  private func waitForRoom() -> Bool {
    var wanted = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
    _ = unsafe poll(&wanted, 1, -1)
    return wanted.revents & Int16(POLLERR | POLLHUP | POLLNVAL) == 0
  }

  func waitForReaderToGo() { _ = wait(for: -1, until: nil) }

  enum Wakening { case readable, timeout, readerGone }

  /// Waits until `descriptor` is readable, the reader has gone, or `end` is reached.
  func wait(for descriptor: Int32, until end: ContinuousClock.Instant?) -> Wakening {
    while true {
      // poll(2) reports a closed pipe even if no event is requested.
      var wanted = [
        pollfd(fd: output, events: 0, revents: 0), pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0),
      ]
      var limit: Int32 = -1
      if let end {
        let left = ((end - .now) / .milliseconds(1)).rounded(.up)
        limit = Int32(min(max(left, 0), 60_000))
      }
      let count = unsafe poll(&wanted, 2, limit)
      if wanted[0].revents != 0 { return .readerGone }
      if wanted[1].revents != 0 { return .readable }
      if count == 0, let end, end <= .now { return .timeout }
      if count < 0, errno != EINTR { return .readerGone }
    }
  }
}
