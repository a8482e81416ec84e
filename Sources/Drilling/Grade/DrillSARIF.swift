package import StackCheck
import Text

/// The findings of `check` that a drill has confirmed, in SARIF: each with what leaked because of it.
package enum DrillSARIF {
  package static func document(_ document: DrillDocument, _ shown: ShownReport) -> SARIFDocument {
    SARIFDocument(shown, version: document.version, errors: errors(document)) { finding in
      let cause = DrillDocument.Cause(finding)
      return told(document) { $0.predictedBy?.contains(cause) == true }.map { " A drill showed it: \($0)." }
    }
  }

  /// What has no place in a file: leaks whose cause `check` does not know, and what was not drilled.
  private static func errors(_ document: DrillDocument) -> [String] {
    var errors: [String] = []
    if let told = told(document, { $0.predictedBy?.isEmpty != false }) {
      errors.append("check did not predict what leaked: \(told)")
    }
    for result in document.results where result.grade == .incomplete {
      errors.append("\(result.id) was not exercised: \(result.reasons.joined(separator: "; "))")
    }
    if let problem = document.problem { errors.append("the drill ended early: \(problem)") }
    return errors
  }

  /// How many packets of such leaks there were, and in which scenarios. Nil if there was none.
  private static func told(_ document: DrillDocument, _ isMeant: (ScenarioResult.Leak) -> Bool) -> String? {
    var packets = 0
    var scenarios: [String] = []
    for result in document.results where result.grade == .leaks {
      let leaks = result.leaks.filter(isMeant)
      packets += leaks.reduce(0) { $0 + ($1.packets ?? $1.frames) }
      if !leaks.isEmpty, !scenarios.contains(result.id) { scenarios.append(result.id) }
    }
    guard !scenarios.isEmpty else { return nil }
    return "\(Formatting.count(packets, "packet")) leaked in \(scenarios.joined(separator: ", "))"
  }
}
