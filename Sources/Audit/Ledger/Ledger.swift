import Policy

/// Counts frames and bytes for everything that a summary lists, except for interfaces, tunnels and leaks.
struct Ledger: Sendable {
  /// Frames audited; each is in exactly one class.
  var frames = 0
  /// Of them, those that the kernel counted.
  var framesInKernel = 0
  /// The position in its file of the frame that is being recorded; 0 if there is none.
  var frameInFile = 0
  var traffic = Traffic()
  /// When known flows were last settled because time went on, in units of 2³⁰ ns.
  var settledSecond = Int64.min
  /// By `LocalKind`.
  var local = [9 of Count](repeating: Count())
  var undeclared = UndeclaredPrefixes()
  var served = Count()
  /// Handshakes with candidates that others replaced before anybody answered.
  var unansweredElsewhere = Count()
  /// By allow rule.
  var rules: [Count]
  var resolvers: [Count]
  /// The local and allowed flows that a bridge and a NIC may both have shown.
  var crossing = CrossingFlows()
  /// Control frames that would have been leaks.
  var control = Count()
  /// How many packets an expired allow rule would have allowed.
  var expired: [Int]
  var orphanFragments = 0

  init(_ policy: TunnelPolicy) {
    rules = Array(repeating: Count(), count: policy.allowRules.count)
    resolvers = Array(repeating: Count(), count: policy.resolvers.count)
    expired = Array(repeating: 0, count: policy.allowRules.count)
  }
}
