import ComposeFiles
import PolicyFiles
import TextFiles
import Wire

/// Runs the scripts and hooks of a plan where they can do no harm.
package typealias Rehearse = (RehearsalPlan) throws -> Rehearsed

/// The result of rehearsing a gateway's scripts and hooks.
package struct Rehearsed: Sendable {
  /// The states after the start-up scripts, while the tunnels were up, and after they were down.
  package var afterScripts: RunningNamespace
  package var up: RunningNamespace
  package var down: RunningNamespace
  /// The state with only the tunnels that others call; nil if all or none are such.
  package var served: RunningNamespace?
  /// Programs that the sandbox does not have: the image's own.
  package var missing: [String]
  /// Scripts, and calls of wg-quick, that ended with a status other than 0: `1 of wg-quick up wg0: what it said last`.
  package var failures: [String]

  package init(
    afterScripts: RunningNamespace, up: RunningNamespace, down: RunningNamespace, served: RunningNamespace?,
    missing: [String], failures: [String]
  ) {
    self.afterScripts = afterScripts
    self.up = up
    self.down = down
    self.served = served
    self.missing = missing
    self.failures = failures
  }
}

extension IPAddress {
  func after(_ count: UInt32) -> IPAddress { IPAddress(v4: UInt32(truncatingIfNeeded: low) &+ count) }
}

extension StackJudge {
  /// Judges what a rehearsal showed, in addition to what reading tells, and returns the findings. It is one run, on
  /// this machine and with its programs. What it shows open is open. But a condition may go the other way in the image,
  /// so a rehearsal never makes clean what reading does not.
  mutating func judge(
    _ life: Lifecycle, files: [String], rehearsing plan: RehearsalPlan, _ rehearse: Rehearse
  ) -> [StackFinding] {
    do {
      let rehearsed = try rehearse(plan)
      var shown = life
      shown.settle(rehearsed, files: files)
      report.skipped += shown.skipped.filter { !life.skipped.contains($0) }
      var own = StackJudge()
      if !shown.hidesRules {
        own.judgeKillSwitch(shown, StateOpenings(shown), of: SourcePlace(plan.name), scripts: [])
        own.judgeForwarding(shown, routes: life.routesOthers)
      }
      let result =
        shown.hidesRules
        ? "what it lacks is listed, and its rules were not checked"
        : own.report.findings.isEmpty ? "nothing got out past the tunnel" : "what got out is listed"
      report.problems.append(
        PolicyFileProblem(file: plan.name, message: "scripts and hooks were run once, in a sandbox: \(result)"))
      report.problems += rehearsed.failures.filter { !$0.contains(" of wg-quick ") }.map {
        PolicyFileProblem(file: plan.name, message: "status \($0)")
      }
      return own.report.findings
    } catch {
      report.leaveOut(SourcePlace(plan.name), "\(error)", "nothing was run: the result comes from reading alone")
      return []
    }
  }
}

extension Lifecycle {
  /// In the order in which they come up, each with its mark.
  func tunnels() -> [RehearsalPlan.Tunnel] {
    var later = NetworkNamespace()
    return order.filter(\.config.refusals.isEmpty).map { entry in
      let mark = later.mark(for: entry.config)
      let name = entry.config.interfaceName
      later.tunnels.append(.init(interface: name, config: entry.config, mark: mark))
      return RehearsalPlan.Tunnel(interface: name, config: entry.config, mark: mark)
    }
  }

  /// Replaces the rules and routes that reading has worked out with the real ones. If no program was missing, lines of
  /// these files that reading did not understand count as run.
  mutating func settle(_ rehearsed: Rehearsed, files: [String]) {
    let shown = [rehearsed.afterScripts, rehearsed.up, rehearsed.down] + (rehearsed.served.map { [$0] } ?? [])
    let states = shown.map { running in
      var host = ScriptHost(NetworkNamespace(), configs: [])
      running.load(into: &host)
      return host
    }
    var unread: [SkippedCommand] = []
    for (running, host) in zip(shown, states) {
      unread += running.allUnread.map {
        SkippedCommand(place: SourcePlace(running.name), text: $0, reason: "what it would show is not known")
      }
      unread += host.skipped
    }
    for name in rehearsed.missing {
      unread.append(
        SkippedCommand(
          place: SourcePlace(rehearsed.up.name), text: name,
          reason: "the image's own program is not here, so what it does is not known"))
    }
    // The sandbox may be the reason that a tunnel does not come up.
    for failure in rehearsed.failures where failure.contains(" of wg-quick ") {
      unread.append(
        SkippedCommand(
          place: SourcePlace(rehearsed.up.name), text: "status \(failure)",
          reason: "it is not known whether it also fails in the container"))
    }
    if rehearsed.missing.isEmpty { forget(unreadIn: Set(files)) }
    replace(
      afterScripts: states[0].namespace, up: states[1].namespace, down: states[2].namespace,
      served: states.count > 3 ? states[3].namespace : nil)
    hide(behind: unread)
  }
}
