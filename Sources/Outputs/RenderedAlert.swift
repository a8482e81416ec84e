package import Policy

/// An alert in the words in which it leaves the program.
package struct RenderedAlert: Sendable {
  /// What the alert is about.
  package enum Subject: Sendable {
    case leak
    /// What the watch can or cannot see.
    case sight
    /// The end of the watch.
    case end
    /// Not an alert: a request to open the outlet's file anew, in its place between alerts.
    case reopening
  }

  package var severity: Severity
  /// The leak's reason, for example `dns`.
  package var reason: String
  /// One short line.
  package var title: String
  /// One line for people, already safe for a terminal.
  package var text: String
  /// One JSON object without a line feed.
  package var json: String
  package var subject: Subject
  /// The owner of the leak; alerts of one origin and reason belong together.
  package var origin: String
  /// `text` for a push: what happened comes first, the time last.
  package var message: String

  package init(
    severity: Severity, reason: String, title: String, text: String, json: String, subject: Subject = .leak,
    origin: String = "", message: String? = nil
  ) {
    self.subject = subject
    self.origin = origin
    self.message = message ?? text
    self.severity = severity
    self.reason = reason
    self.title = title
    self.text = text
    self.json = json
  }

  static var reopening: Self {
    Self(severity: .critical, reason: "", title: "", text: "", json: "{}", subject: .reopening)
  }

  package var isLeak: Bool { subject == .leak }
}
