package import PolicyFiles
import Wire

/// The static audit: a stack's files, read before any packet flows.
///
/// The rules are not matched against patterns: start-up scripts and hooks are walked as the shell walks them, the rule set
/// that results is asked about packets, in each state that the stack goes through.
package enum StackAudit {
  /// Audits a compose project with all that its volumes show. `allowed` are the services and containers that may be
  /// outside of the kill switch. `rehearse` runs the scripts of a gateway whose files say what they do.
  package static func report(
    on stack: VPNStack, allowed: Set<String> = [], rehearse: Rehearse? = nil
  ) -> StackReport {
    var report = StackReport()
    let leftOut = stack.project.leftOut
    report.problems = stack.project.warnings.filter { !leftOut.contains($0) }
    report.unread = leftOut + stack.problems
    for gateway in stack.gateways { report.judge(gateway, stack, rehearse) }
    report.judgeServices(stack, allowed: allowed)
    report.order()
    return report
  }

  /// Audits configurations and the scripts that run before them, without a compose file: all that they do is in one
  /// network namespace.
  package static func report(
    scripts: [TunnelGateway.StartupScript], configs: [WireGuardConfig], rehearse: Rehearse? = nil
  ) -> StackReport {
    var report = StackReport()
    let life = Lifecycle(scripts: scripts, configs: configs)
    var shown: [StackFinding] = []
    if let rehearse {
      shown = report.judge(
        life, files: scripts.map(\.path) + configs.map(\.fileName), rehearsing: RehearsalPlan(scripts, life), rehearse)
    }
    report.files = scripts.map(\.path) + configs.map(\.fileName)
    report.passedOver += life.passedOver
    let place = configs.first?.place ?? SourcePlace(scripts.first?.path ?? "")
    let openings = StateOpenings(life)
    report.judgeKillSwitch(life, openings, of: place, scripts: scripts.map(\.path))
    report.judgeForwarding(life, routes: life.routesOthers)
    for config in configs {
      report.judgeConfig(config, life, openings, source: config.fileName)
      report.problems += config.problems.filter { !config.refusals.contains($0) }
    }
    report.addUntold(shown)
    report.order()
    return report
  }

  /// A script by itself: what of it was not understood. What its rules let out is not worked out.
  package static func reading(_ script: TunnelGateway.StartupScript) -> StackReport {
    var report = StackReport()
    report.passedOver = Lifecycle(scripts: [script], configs: []).passedOver
    return report
  }
}

extension ComposeService {
  /// Where it says that the container routes packets of others.
  var routes: SourcePlace? {
    sysctls.filter { ScriptHost.routesOthers($0.key) && $0.value.value != "0" }.min { $0.key < $1.key }?.value.place
  }
}

extension StackReport {
  /// Files that were read beside those that the stack's volumes show.
  package mutating func addFiles(_ files: [String]) {
    self.files = files + self.files
    order()
  }

  package mutating func merge(_ other: StackReport) {
    findings += other.findings
    passedOver += other.passedOver
    unread += other.unread
    problems += other.problems
    files += other.files
    order()
  }

  mutating func order() {
    findings.sort { left, right in
      if left.severity != right.severity { return left.severity > right.severity }
      return (left.place.file, left.place.line ?? 0, left.fault.rawValue)
        < (right.place.file, right.place.line ?? 0, right.fault.rawValue)
    }
    // The same rule in several states of a rehearsal is one fault.
    var rehearsed: Set<String> = []
    findings = findings.filter { finding in
      !finding.place.file.contains(RehearsalPlan.mark)
        || rehearsed.insert(finding.fault.rawValue + finding.message).inserted
    }
    var seen: Set<PassedOver> = []
    passedOver = passedOver.filter { seen.insert($0).inserted }
    var seenFiles: Set<String> = []
    files = files.filter { seenFiles.insert($0).inserted }
  }
}
