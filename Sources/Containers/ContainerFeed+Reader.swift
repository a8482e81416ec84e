import Foundation
import Glibc

extension ContainerFeed {
  /// The other end of the feed's pipe: it takes bytes and returns messages. It never waits, and nothing that the feed
  /// writes can end the program.
  ///
  /// `unsafe` for read(2). Sound: the array outlives the call and has the stated length.
  package struct Reader {
    /// A line that is not a message.
    package enum Problem: Error, Hashable, Sendable {
      case noMessage
      case tooLong
    }

    package typealias Line = Result<Message, Problem>

    private var unfinished: [UInt8] = []
    /// Whether it is inside a line that is too long.
    private var isSkipping = false
    /// Whether the feed has ended; an unfinished line is dropped then.
    package private(set) var hasEnded = false

    package init() {}

    /// Receives the next bytes, in pieces of any size. Returns the lines that are whole now.
    package mutating func receive(_ bytes: some Sequence<UInt8>) -> [Line] {
      var lines: [Line] = []
      for byte in bytes {
        if byte == UInt8(ascii: "\n") {
          if !isSkipping { lines.append(Self.message(unfinished)) }
          unfinished.removeAll(keepingCapacity: unfinished.count < 1 << 16)
          isSkipping = false
        } else if !isSkipping {
          if unfinished.count == ContainerFeed.lineLimit {
            lines.append(.failure(.tooLong))
            unfinished = []
            isSkipping = true
          } else {
            unfinished.append(byte)
          }
        }
      }
      return lines
    }

    /// Reads what is available, at most 256 KiB, from a descriptor that does not block.
    package mutating func receive(from descriptor: Int32) -> [Line] {
      var bytes = [UInt8](repeating: 0, count: 1 << 18)
      while true {
        let count = unsafe read(descriptor, &bytes, bytes.count)
        if count > 0 { return receive(bytes[..<count]) }
        if count < 0, errno == EINTR { continue }
        hasEnded = count == 0 || errno != EAGAIN
        return []
      }
    }

    private static func message(_ line: [UInt8]) -> Line {
      guard let message = try? JSONDecoder().decode(Message.self, from: Data(line)) else { return .failure(.noMessage) }
      return .success(message)
    }
  }
}
