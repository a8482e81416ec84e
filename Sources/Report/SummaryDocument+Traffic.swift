import Audit
import Text
import Wire

/// Traffic over time, to and from what the audit counts with.
extension SummaryDocument.Traffic {
  init?(_ traffic: Audit.Traffic) {
    guard !traffic.steps.isEmpty else { return nil }
    start = Formatting.time(seconds: traffic.startSeconds)
    seconds = traffic.seconds
    func list(_ verdictClass: VerdictClass) -> [Int] { traffic.steps.map { $0[verdictClass.rawValue] } }
    tunnel = list(.tunnel)
    local = list(.local)
    leak = list(.leak)
    allowed = list(.allowed)
    ingress = list(.ingress)
  }

  subscript(verdictClass: VerdictClass) -> [Int] {
    switch verdictClass {
    case .tunnel: tunnel
    case .local: local
    case .leak: leak
    case .allowed: allowed
    case .ingress: ingress
    }
  }

  /// Nil where the lists differ in length, or the steps are not as an audit makes them.
  var counted: Audit.Traffic? {
    let lists = VerdictClass.allCases.map { self[$0] }
    guard let startSeconds = Formatting.seconds(start), lists.allSatisfy({ $0.count == tunnel.count }) else {
      return nil
    }
    var steps: [Audit.Traffic.Step] = []
    for index in tunnel.indices {
      var step = Audit.Traffic.Step(repeating: 0)
      for verdictClass in VerdictClass.allCases { step[verdictClass.rawValue] = lists[verdictClass.rawValue][index] }
      steps.append(step)
    }
    return Audit.Traffic(startSeconds: startSeconds, seconds: seconds, steps: steps)
  }

  static func merge(_ one: Self?, _ other: Self?) -> Self? {
    guard let one, let other else { return one ?? other }
    guard let counted = one.counted, let more = other.counted else { return nil }
    return Self(counted + more)
  }
}
