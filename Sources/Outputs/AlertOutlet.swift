/// A place where alerts go. It belongs to one thread, on which it may wait.
package protocol AlertOutlet: ~Copyable, Sendable {
  /// The name shown in diagnostics: safe for a terminal, and without secrets.
  var name: String { get }

  /// Whether alerts have side effects there, such as waking somebody. Then informational leaks (severity info) are not
  /// sent.
  var actsOnAlerts: Bool { get }

  /// Whether only leaks go there, and no notices that the watch is blind: a command that stops what leaks must not run
  /// then.
  var takesOnlyLeaks: Bool { get }

  /// How alerts are grouped for an outlet that calls a person; nil if each is delivered by itself.
  var grouping: PushGroups? { get }

  /// Whether it writes to a file that can be opened anew.
  var reopens: Bool { get }

  /// Opens its file anew, for a program that moved the old one away. If that fails, alerts still go to the old one.
  mutating func reopen() throws(DeliveryFailure)

  /// Delivers one alert, and returns once it has arrived or never will. An outlet that waits looks at `ending`.
  mutating func deliver(_ alert: RenderedAlert, _ ending: Ending) throws(DeliveryFailure)
}

extension AlertOutlet where Self: ~Copyable {
  package var actsOnAlerts: Bool { false }
  package var takesOnlyLeaks: Bool { false }
  package var grouping: PushGroups? { nil }
  package var reopens: Bool { false }
  package mutating func reopen() throws(DeliveryFailure) {}
}

/// Why an alert did not arrive.
package struct DeliveryFailure: Error, Equatable {
  /// A few words that follow the outlet's name: `HTTP 503`. Safe for a terminal.
  package let reason: String

  package init(_ reason: String) { self.reason = reason }
}
