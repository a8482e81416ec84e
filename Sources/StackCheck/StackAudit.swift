import ComposeFiles
package import PolicyFiles
import TextFiles
import Wire

/// The static audit: a stack's files, read before any packet flows.
///
/// The rules are not matched against patterns. Start-up scripts and hooks are walked as the shell walks them. The
/// resulting rule set is asked about packets, in each state that the stack goes through.
package enum StackAudit {
  /// Audits a compose project, including everything that its volumes show. `allowed` are the services and containers
  /// that may be outside of the kill switch. `rehearse` runs the scripts of a gateway whose files say what they do.
  package static func report(
    on stack: VPNStack, allowed: Set<String> = [], rehearse: Rehearse? = nil
  ) -> StackReport {
    let place = stack.gateways.first?.service.place ?? SourcePlace(stack.project.files.first ?? "")
    return StackJudge.report(at: place) { judge in
      let leftOut = stack.project.leftOut
      judge.report.problems = stack.project.warnings.filter { !leftOut.contains($0) }
      judge.report.unread = leftOut + stack.problems
      for gateway in stack.gateways { judge.judge(gateway, stack, rehearse) }
      judge.judgeServices(stack, allowed: allowed)
    }
  }

  /// Audits configurations and the scripts that run before them, without a compose file. All of them act on one network
  /// namespace.
  package static func report(
    scripts: [TunnelGateway.StartupScript], configs: [WireGuardConfig], rehearse: Rehearse? = nil
  ) -> StackReport {
    report(scripts: scripts, configs: configs, rehearse: rehearse, work: HeaderWork())
  }

  static func report(
    scripts: [TunnelGateway.StartupScript], configs: [WireGuardConfig], rehearse: Rehearse? = nil, work: HeaderWork
  ) -> StackReport {
    let place = configs.first?.place ?? SourcePlace(scripts.first?.path ?? "")
    return StackJudge.report(at: place, work: work) { $0.judge(scripts, configs, of: place, rehearse) }
  }

  /// Adds findings about the current rules to a report. They are the exact answer for an image whose start nobody can
  /// read, as long as nobody changes the rules.
  package static func add(_ running: RunningNamespace, of gateway: TunnelGateway, to report: inout StackReport) {
    let own = StackJudge.report(at: SourcePlace(running.name)) { $0.judge(running, of: gateway) }
    report.addUntold(own.findings)
    var rest = own
    rest.findings = []
    report.merge(rest)
  }

  /// Reports which lines of a script by itself were not understood. What its rules let out is not worked out.
  package static func reading(_ script: TunnelGateway.StartupScript) -> StackReport {
    var report = StackReport()
    report.skipped = Lifecycle(scripts: [script], configs: []).skipped
    return report
  }
}

extension ComposeService {
  /// Where it turns on routing for others.
  var routes: SourcePlace? {
    sysctls.filter { ScriptHost.routesOthers($0.key) && $0.value.value != "0" }.min { $0.key < $1.key }?.value.place
  }
}

extension StackJudge {
  /// Judges what scripts and configurations do on a machine.
  fileprivate mutating func judge(
    _ scripts: [TunnelGateway.StartupScript], _ configs: [WireGuardConfig], of place: SourcePlace, _ rehearse: Rehearse?
  ) {
    let life = Lifecycle(scripts: scripts, configs: configs)
    var shown: [StackFinding] = []
    if let rehearse {
      shown = judge(
        life, files: scripts.map(\.path) + configs.map(\.fileName), rehearsing: RehearsalPlan(scripts, life), rehearse)
    }
    report.files = scripts.map(\.path) + configs.map(\.fileName)
    report.skipped += life.skipped
    let openings = StateOpenings(life)
    judgeKillSwitch(life, openings, of: place, scripts: scripts.map(\.path))
    judgeForwarding(life, routes: life.routesOthers)
    for config in configs {
      judgeConfig(config, life, openings, source: config.fileName)
      report.problems += config.problems.filter { !config.refusals.contains($0) }
    }
    report.addUntold(shown)
  }
}
