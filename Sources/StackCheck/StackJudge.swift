import Policy
import TextFiles

/// Reads a stack, and says what is wrong with it. `report` holds what it has found so far. Each area that it judges is
/// an extension in a file of its own.
struct StackJudge {
  var report = StackReport()

  /// Adds a finding, once.
  mutating func add(
    _ fault: StackFault, _ severity: Severity, at place: SourcePlace, _ message: String, fix: String? = nil,
    lettingOut packets: [LetOut] = []
  ) {
    let reported = report.findings.firstIndex { $0.fault == fault && $0.place == place && $0.message == message }
    if let reported {
      report.findings[reported].letsOut += packets
      return
    }
    report.findings.append(
      StackFinding(fault: fault, severity: severity, place: place, message: message, ownFix: fix, letsOut: packets))
  }

  /// The report of a judgement. What could not be worked out is not known, and never clean.
  static func report(
    at place: SourcePlace, work: HeaderWork = HeaderWork(), _ judge: (inout Self) -> Void
  ) -> StackReport {
    var own = Self()
    HeaderWork.$current.withValue(work) { judge(&own) }
    if work.isUsedUp { own.passOverRules(at: place) }
    own.report.order()
    return own.report
  }
}
