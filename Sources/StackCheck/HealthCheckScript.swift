import ComposeFiles
import PolicyFiles
import ShellScript
import TextFiles

/// A health check as a script. The engine runs it in the gateway's container, again and again (compose-spec,
/// healthcheck).
struct HealthCheckScript {
  let script: TunnelGateway.StartupScript
  let place: SourcePlace
  /// The text as the file states it.
  let text: String

  /// Nil if the file states no health check.
  init?(_ service: ComposeService) {
    guard let check = service.healthCheck, !check.value.isDisabled, let test = check.value.test else { return nil }
    let words: String
    switch test {
    case .shell(let text): words = text
    case .arguments(let arguments):
      words = arguments.map { "'" + $0.replacing("'", with: "'\\''") + "'" }.joined(separator: " ")
    }
    place = check.place
    text = test.text
    script = .init(
      path: check.place.file, target: "", text: String(repeating: "\n", count: max(0, (place.line ?? 1) - 1)) + words)
  }
}

extension Lifecycle {
  /// The states as the health check leaves them, if it may change any. It is applied twice, because the engine runs it
  /// again and again.
  func afterChecks(by check: HealthCheckScript) -> (life: Lifecycle, skipped: [SkippedCommand])? {
    var passed: [SkippedCommand] = []
    var mayChange = false
    func checked(_ namespace: NetworkNamespace) -> NetworkNamespace {
      var host = initial
      host.namespace = namespace
      host.isHealthCheck = true
      for _ in 0..<2 {
        host.file = check.script.path
        var shell = ShellInterpreter(host, variables: environment)
        shell.run(check.script.text)
        host = shell.host
      }
      mayChange = mayChange || host.namespace.differs(from: namespace)
      passed += host.skipped
      return host.namespace
    }
    var copy = self
    copy.change(checked)
    return mayChange || !passed.isEmpty ? (copy, passed) : nil
  }
}

extension StackJudge {
  /// Reports what the health check opens as one finding. The rules themselves are judged without it.
  mutating func judgeHealthCheck(
    _ gateway: TunnelGateway, _ life: inout Lifecycle, judge: (inout Self, Lifecycle) -> Void
  ) {
    guard let check = HealthCheckScript(gateway.service), let after = life.afterChecks(by: check) else { return }
    life.hide(behind: after.skipped)
    guard !life.hidesRules else { return }
    var (before, then) = (Self(), Self())
    judge(&then, after.life)
    guard !then.report.findings.isEmpty else { return }
    judge(&before, life)
    let new = then.report.findings.filter { finding in
      !before.report.findings.contains { $0.fault == finding.fault && $0.place == finding.place }
    }
    guard let worst = new.max(by: { $0.severity < $1.severity }) else { return }
    add(
      .healthCheckChangesRules, worst.severity, at: check.place,
      "after '\(check.text)' has run: \(worst.message)")
  }
}
