package import Audit
import Text
import Wire

/// Traffic over time, to and from what the audit counts with.
extension Summary {
  /// Frames of each class in steps of equal length from `start` on; the last steps may lie behind the last frame's.
  package struct Traffic: Codable, Equatable, Sendable {
    package var start: Start
    /// The length of a step.
    package var seconds: Int64
    package var tunnel, local, leak, allowed, ingress: [Int]

    /// In seconds since 1970, which reach further than a timestamp does.
    package struct Start: TextCoded, Codable, Equatable, Sendable {
      package var seconds: Int64

      package init(seconds: Int64) { self.seconds = seconds }

      package init?(coded text: String) {
        guard let seconds = Formatting.seconds(text) else { return nil }
        self.init(seconds: seconds)
      }

      package var coded: String { Formatting.time(seconds: seconds) }
    }
  }
}

extension Summary.Traffic {
  init?(_ traffic: Audit.Traffic) {
    guard !traffic.steps.isEmpty else { return nil }
    start = Start(seconds: traffic.startSeconds)
    seconds = traffic.seconds
    func list(_ verdictClass: VerdictClass) -> [Int] { traffic.steps.map { $0[verdictClass.rawValue] } }
    tunnel = list(.tunnel)
    local = list(.local)
    leak = list(.leak)
    allowed = list(.allowed)
    ingress = list(.ingress)
  }

  package subscript(verdictClass: VerdictClass) -> [Int] {
    switch verdictClass {
    case .tunnel: tunnel
    case .local: local
    case .leak: leak
    case .allowed: allowed
    case .ingress: ingress
    }
  }

  /// Nil where the lists differ in length, or the steps are not as an audit makes them.
  package var counted: Audit.Traffic? {
    let lists = VerdictClass.allCases.map { self[$0] }
    guard lists.allSatisfy({ $0.count == tunnel.count }) else {
      return nil
    }
    var steps: [Audit.Traffic.Step] = []
    for index in tunnel.indices {
      var step = Audit.Traffic.Step(repeating: 0)
      for verdictClass in VerdictClass.allCases { step[verdictClass.rawValue] = lists[verdictClass.rawValue][index] }
      steps.append(step)
    }
    return Audit.Traffic(startSeconds: start.seconds, seconds: seconds, steps: steps)
  }

  static func merge(_ one: Self?, _ other: Self?) -> Self? {
    guard let one, let other else { return one ?? other }
    guard let counted = one.counted, let more = other.counted else { return nil }
    return Self(counted + more)
  }
}
