import Policy

/// Keeps what leaked: named, described, counted, and when.
struct LeakLog: ~Copyable {
  var findings = Findings()
  var windows = LeakWindows()
  var inspector: LeakInspector
  var circumstances: LeakCircumstances
  /// Leaks that were counted together and not yet reported; kept only if somebody is told (`Auditor.reportsRepeats`).
  var repeats: [LeakRepeat] = []

  init(_ policy: TunnelPolicy, seed: UInt64) {
    inspector = LeakInspector(policy.labelRules)
    circumstances = LeakCircumstances(policy, seed: seed)
  }
}
