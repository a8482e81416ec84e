import Foundation

/// Standard output, buffered; a closed pipe is remembered instead of ending the program by a signal.
package struct StandardOutput: ~Copyable {
  private static var capacity: Int { 1 << 16 }

  /// Writes at once, past any buffer. Returns errno if that failed.
  package static func write(_ text: String, to descriptor: Int32) -> Int32? {
    writeAll(Array(text.utf8), to: descriptor)
  }

  /// How text is laid out there: for a terminal in its width, but at least 40 columns and at most 100, as longer lines
  /// are hard to read; in 80 columns otherwise.
  package static var layout: TextLayout {
    let columns = terminalColumns(STDOUT_FILENO).map { min(max($0, 40), 100) }
    return TextLayout(width: columns ?? 80, takesColour: takesColour)
  }

  /// Whether it is a terminal that knows colour (TERM is not `dumb`), and the user did not turn colour off
  /// (https://no-color.org).
  package static var takesColour: Bool {
    guard isatty(STDOUT_FILENO) == 1 else { return false }
    let environment = ProcessInfo.processInfo.environment
    return environment["TERM"] != "dumb" && (environment["NO_COLOR"] ?? "").isEmpty
  }

  private var buffer: [UInt8] = []
  private let flushesLines: Bool
  /// The errno of the first write that failed: nothing is written after it.
  package private(set) var failure: Int32?

  /// `flushesLines` is for output that somebody waits for while input still arrives.
  package init(flushesLines: Bool) {
    self.flushesLines = flushesLines
    _ = signal(SIGPIPE, SIG_IGN)
  }

  package mutating func write(_ text: String) {
    guard failure == nil else { return }
    buffer += text.utf8
    if flushesLines || buffer.count >= Self.capacity { flush() }
  }

  package mutating func flush() {
    if failure == nil { failure = writeAll(buffer, to: STDOUT_FILENO) }
    buffer.removeAll(keepingCapacity: true)
  }
}
