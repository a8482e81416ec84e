import Audit

/// What a drill found, in JSON: `"schema": "leakaudit.drill/1"`.
package struct DrillDocument: Codable, Sendable {
  package static let schemaName = "leakaudit.drill/1"
  package var schema = Self.schemaName
  package var version: String
  /// `clean`, `leaks` or `incomplete`.
  package var conclusion: String
  /// The sentence that the table ends with.
  package var sentence: String
  /// Gives the same order of attempts again.
  package var seed: UInt64
  /// What was drilled: a `twin`, or the stack itself as it is `running`.
  package var drilled: DrilledKind
  /// The service that holds the tunnel, and those behind it; of a running stack, their containers.
  package var gateway: String
  package var consumers: [String]
  /// What was not drilled, and why.
  package var leftOut: [String]
  package var results: [ScenarioResult]
  /// What `check` finds in the same files: the cause of a leak, if it knows it.
  package var findings: [Finding]
  /// Whether `check` understood all of them.
  package var isCheckComplete: Bool
  /// Why the drill ended early; absent if it did not.
  package var problem: String?

  package struct Finding: Codable, Sendable {
    package var id, severity, place, message: String

    package init(id: String, severity: String, place: String, message: String) {
      (self.id, self.severity, self.place, self.message) = (id, severity, place, message)
    }
  }

  package init(
    version: String, seed: UInt64, drilled: DrilledKind, names: (gateway: String, consumers: [String]),
    leftOut: [String], results: [ScenarioResult], findings: [Finding] = [], isCheckComplete: Bool = true,
    problem: String?
  ) {
    self.findings = findings
    self.isCheckComplete = isCheckComplete
    self.version = version
    self.seed = seed
    self.drilled = drilled
    (gateway, consumers) = names
    self.leftOut = leftOut
    self.results = results
    self.problem = problem
    conclusion = Self.conclude(results, problem).rawValue
    sentence = ""
    sentence = makeSentence()
  }

  /// A leak wins over all. Without a control that leaked, nothing is proved.
  private static func conclude(_ results: [ScenarioResult], _ problem: String?) -> AuditSummary.Conclusion {
    if results.contains(where: { $0.grade == .leaks }) { return .leaks }
    guard problem == nil, !results.contains(where: { $0.grade == .incomplete }),
      results.contains(where: { $0.grade == .leakSeen }), results.contains(where: { $0.grade == .holds })
    else { return .incomplete }
    return .clean
  }
}
