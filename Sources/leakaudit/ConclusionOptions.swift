public import ArgumentParser
public import Audit
public import Policy
import PolicyFiles
import Text
import TextFiles

/// The options that decide how an audit ends.
struct ConclusionOptions: ParsableArguments {
  @Option(help: "The lowest severity that fails the audit: info, low, medium, high or critical.")
  var failOn = Severity.low

  @Option(help: "Whose leaks fail the audit where a bridge is audited beside the NIC: stack, host or all.")
  var scope = AuditSummary.Scope.stack

  @Flag(help: "Incomplete unless at least one tunnel packet is seen.")
  var requireTunnel = false

  @Flag(help: "A positive control: succeed only if a leak is found.")
  var expectLeak = false

  func rules(_ understood: PolicyOptions.Understood, files: [String], host: String? = nil) -> ConclusionRules {
    var rules = ConclusionRules()
    rules.files = files
    rules.host = host
    rules.failOn = failOn
    rules.requiresTunnel = requireTunnel
    rules.scope = scope
    rules.isPolicyInferred = understood.saysNoEndpoint
    rules.notices = understood.problems.map { .init(.policyProblem, $0.description) }
    return rules
  }

  /// Leaks win over all, and a summary that nobody received is not clean.
  func status(_ summary: AuditSummary, isDelivered: Bool) -> ExitStatus {
    status(summary.conclusion, hasLeaks: summary.failingLeaks > 0, isDelivered: isDelivered)
  }

  func status(_ verdict: AuditSummary.Conclusion, hasLeaks: Bool, isDelivered: Bool) -> ExitStatus {
    if expectLeak {
      if hasLeaks { return isDelivered ? .clean : .outputError }
      StandardError.line("a leak was expected, and none was found")
      return verdict == .clean ? .leaks : .incomplete
    }
    let status = ExitStatus(verdict)
    return status != .leaks && !isDelivered ? .outputError : status
  }
}

extension Severity: ExpressibleByArgument {}
extension AuditSummary.Scope: ExpressibleByArgument {}
