import CCurl
import Glibc

/// Collects the parts of a reply as they arrive.
final class Receiver {
  private let bodyLimit: Int
  private let onStart: (Int) -> Void
  private let onBytes: (([UInt8]) -> Bool)?
  private var status = 0
  private(set) var body: [UInt8] = []
  private(set) var retryAfter: String?
  private(set) var isTooLong = false
  private(set) var wasEnded = false

  init(bodyLimit: Int, onStart: @escaping (Int) -> Void = { _ in }, onBytes: (([UInt8]) -> Bool)? = nil) {
    self.bodyLimit = bodyLimit
    self.onStart = onStart
    self.onBytes = onBytes
  }

  /// Receives a piece of the body. Returning false ends the transfer.
  func receive(_ bytes: [UInt8]) -> Bool {
    if let onBytes {
      guard (200...299).contains(status) else { return true }
      wasEnded = !onBytes(bytes)
      return !wasEnded
    }
    guard body.count + bytes.count <= bodyLimit else {
      isTooLong = true
      return false
    }
    body += bytes
    return true
  }

  /// Receives a line of a reply's head: the status line, a field, or the empty line after them.
  func receiveHead(_ line: String) {
    if line.hasPrefix("HTTP/") { status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0 }
    // An interim answer (RFC 9110 section 15.2) has its own head, which does not count.
    if line.allSatisfy(\.isNewline), status >= 200 { onStart(status) }
    let parts = line.split(separator: ":", maxSplits: 1)
    guard parts.count == 2, parts[0].lowercased() == "retry-after" else { return }
    retryAfter = String(parts[1].drop(while: \.isWhitespace).prefix { !$0.isNewline })
  }
}
