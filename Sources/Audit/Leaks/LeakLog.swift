import Policy

/// What leaked: named, described, counted, and when.
struct LeakLog: ~Copyable {
  var findings = Findings()
  var windows = LeakWindows()
  var inspector: LeakInspector
  var circumstances: LeakCircumstances
  /// Leaks that were counted together and are not told yet; kept only where somebody is told (`Auditor.tellsRepeats`).
  var repeats: [LeakRepeat] = []

  init(_ policy: TunnelPolicy, seed: UInt64) {
    inspector = LeakInspector(policy.labelRules)
    circumstances = LeakCircumstances(policy, seed: seed)
  }
}
