import Glibc
import Outputs
import Policy
import Report
import Synchronization
import Text

/// The terminal of a watch: alert lines that stay, and below them one status line that is redrawn.
///
/// Alerts come from their outlet's thread, the status from the audit's. The audit never waits: if the terminal is busy,
/// a status is left out.
package final class LiveScreen: Sendable {
  private struct State {
    var status = ""
    var failure: Int32?
  }

  /// The form of an alert's line, and where it goes.
  package enum AlertForm {
    /// For people, on standard output.
    case text
    /// JSON, on standard output.
    case ndjson
    /// For people, on standard error, as standard output is for one JSON document.
    case besides
  }

  private let form: AlertForm
  private let showsStatus: Bool
  private let takesColour: Bool
  private let state = Mutex(State())

  package init(form: AlertForm) {
    self.form = form
    showsStatus = StandardError.isTerminal
    takesColour = form == .text && StandardOutput.takesColour
    _ = signal(SIGPIPE, SIG_IGN)
  }

  /// Writes an alert's line. Returns errno if that failed.
  func write(_ alert: RenderedAlert) -> Int32? {
    state.withLock { state in
      erase(state)
      let line = (form == .ndjson ? alert.json : coloured(alert)) + "\n"
      let failure = StandardOutput.write(line, to: form == .besides ? STDERR_FILENO : STDOUT_FILENO)
      draw(state)
      return failure
    }
  }

  /// Red from severity high on, yellow below.
  private func coloured(_ alert: RenderedAlert) -> String {
    guard takesColour else { return alert.text }
    return (alert.severity >= .high ? TextStyle.red : .yellow).applied(to: alert.text)
  }

  /// Writes text that is no alert to standard output, such as an interim summary. Returns errno if that failed.
  package func write(_ text: String) -> Int32? {
    state.withLock { state in
      erase(state)
      let failure = StandardOutput.write(text, to: STDOUT_FILENO)
      draw(state)
      return failure
    }
  }

  /// Redraws the status line; an empty text removes it. Left out if the terminal accepts nothing, as after Ctrl-S.
  func show(_ status: String) {
    guard showsStatus, StandardError.takesMore else { return }
    _ = state.withLockIfAvailable { state in
      state.status = String(status.prefix(StandardError.columns - 1))
      StandardError.print(TextStyle.erasedLine + state.status)
    }
  }

  /// Writes a diagnostic; left out if standard error accepts nothing.
  package func say(_ line: String) {
    guard StandardError.takesMore else { return }
    state.withLock { state in
      erase(state)
      StandardError.line(line)
      draw(state)
    }
  }

  private func erase(_ state: State) {
    if showsStatus, !state.status.isEmpty { StandardError.print(TextStyle.erasedLine) }
  }

  private func draw(_ state: State) {
    if showsStatus, !state.status.isEmpty { StandardError.print(state.status) }
  }
}
