package import Policy

/// An alert in the words in which it leaves the program.
package struct RenderedAlert: Sendable {
  package var severity: Severity
  /// The leak's reason, for example `dns`.
  package var reason: String
  /// One short line.
  package var title: String
  /// One line for people, already safe for a terminal.
  package var text: String
  /// One JSON object without a line feed.
  package var json: String
  /// Else it tells of the watch itself.
  package var isLeak: Bool
  /// Whose leak it is; alerts of one origin and reason belong together.
  package var origin: String
  /// `text` as a push begins: with what happened, the time behind it.
  package var message: String

  package init(
    severity: Severity, reason: String, title: String, text: String, json: String, isLeak: Bool = true,
    origin: String = "", message: String? = nil
  ) {
    self.isLeak = isLeak
    self.origin = origin
    self.message = message ?? text
    self.severity = severity
    self.reason = reason
    self.title = title
    self.text = text
    self.json = json
  }
}
