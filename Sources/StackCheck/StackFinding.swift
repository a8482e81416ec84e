package import Policy
package import PolicyFiles

/// A fault, where it is, and what about it is particular to this stack.
package struct StackFinding: Sendable {
  package var fault: StackFault
  package var severity: Severity
  package var place: SourcePlace
  /// What the line says and does, in one sentence.
  package var message: String
  /// How to mend it where the fault's usual way does not lead there.
  var ownMending: String?

  package var mending: String { ownMending ?? fault.mending }
}

/// What a static audit of a stack's files says.
package struct StackReport: Sendable {
  /// In the order of severity, then of place.
  package internal(set) var findings: [StackFinding] = []
  /// Lines that were not understood: whatever they do is not in the findings.
  package internal(set) var passedOver: [PassedOver] = []
  /// What of the stack could not be read, so that the findings may be too few.
  package internal(set) var unread: [PolicyFileProblem] = []
  /// What Compose would warn of, and what is odd in a configuration that works.
  package internal(set) var problems: [PolicyFileProblem] = []
  /// The files that were read.
  package internal(set) var files: [String] = []

  package init() {}

  /// Says that nothing is known of it, so that the result is not clean.
  package mutating func passOver(_ place: SourcePlace, _ text: String, _ reason: String) {
    passedOver.append(PassedOver(place: place, text: text, reason: reason))
  }

  mutating func add(
    _ fault: StackFault, _ severity: Severity, at place: SourcePlace, _ message: String, mending: String? = nil
  ) {
    guard !findings.contains(where: { $0.fault == fault && $0.place == place && $0.message == message }) else { return }
    findings.append(.init(fault: fault, severity: severity, place: place, message: message, ownMending: mending))
  }
}
