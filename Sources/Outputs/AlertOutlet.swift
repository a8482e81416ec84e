/// A place where alerts go. It belongs to one thread, on which it may wait.
package protocol AlertOutlet: ~Copyable, Sendable {
  /// How the outlet is called in diagnostics: safe for a terminal, and without what nobody else may know.
  var name: String { get }

  /// Whether an alert there wakes somebody or does something: then what is told without being held against the stack
  /// (severity info) does not go there.
  var actsOnAlerts: Bool { get }

  /// Whether only leaks go there, and not that the watch is blind: a command that stops what leaks must not stop it then.
  var takesOnlyLeaks: Bool { get }

  /// How alerts become few, where each of them calls a person; nil where each is delivered by itself.
  var grouping: PushGroups? { get }

  /// Delivers one alert, and returns once it has arrived or never will. An outlet that waits looks at `ending`.
  mutating func deliver(_ alert: RenderedAlert, _ ending: Ending) throws(DeliveryFailure)
}

extension AlertOutlet where Self: ~Copyable {
  package var actsOnAlerts: Bool { false }
  package var takesOnlyLeaks: Bool { false }
  package var grouping: PushGroups? { nil }
}

/// Why an alert did not arrive.
package struct DeliveryFailure: Error, Equatable {
  /// A few words that follow the outlet's name: `HTTP 503`. Safe for a terminal.
  package let reason: String

  package init(_ reason: String) { self.reason = reason }
}
