import Glibc

/// Standard error: diagnostics and progress.
///
/// `unsafe` for poll(2). Sound: the variable outlives the call.
package enum StandardError {
  package static var isTerminal: Bool { isatty(STDERR_FILENO) == 1 }

  /// The terminal's columns; 80 if unknown.
  package static var columns: Int { terminalColumns(STDERR_FILENO) ?? 80 }

  /// Whether a write would not wait.
  package static var takesMore: Bool {
    var request = pollfd(fd: STDERR_FILENO, events: Int16(POLLOUT), revents: 0)
    return unsafe poll(&request, 1, 0) > 0
  }

  package static func line(_ text: String) { print("leakaudit: \(text)\n") }

  /// A diagnostic that cannot be written has nowhere else to go.
  package static func print(_ text: String) { _ = writeAll(Array(text.utf8), to: STDERR_FILENO) }
}
