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

  package init(severity: Severity, reason: String, title: String, text: String, json: String, isLeak: Bool = true) {
    self.isLeak = isLeak
    self.severity = severity
    self.reason = reason
    self.title = title
    self.text = text
    self.json = json
  }
}
