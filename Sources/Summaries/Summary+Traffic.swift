package import Audit
import Text
import Wire

/// Traffic over time, converted from and to the audit's own type.
extension Summary {
  /// Frames of each class in steps of equal length from `start` on; the last steps may begin after the last frame.
  package struct Traffic: Codable, Equatable, Sendable {
    package var start: Start
    /// The length of a step.
    package var seconds: Int64
    package var tunnel, local, leak, allowed, ingress: [Int]
    /// The same frames in shorter steps, if the whole is short enough; absent otherwise and in older summaries.
    package var finer: Finer?

    package struct Finer: Codable, Equatable, Sendable {
      /// Steps in a second: a power of two.
      package var perSecond: Int64
      /// The first and the last step, and the steps between them that have frames.
      package var steps: [Step]

      package struct Step: Codable, Equatable, Sendable {
        /// Where the step begins, counted in steps from the traffic's start.
        package var at: Int
        /// Frames; absent if there are none.
        package var tunnel, local, leak, allowed, ingress: Int?
      }
    }

    /// A start in seconds since 1970, which can express more than a timestamp.
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
    let whole = traffic.inSeconds
    start = Start(seconds: whole.startUnits / Audit.Traffic.unitsPerSecond)
    seconds = whole.units / Audit.Traffic.unitsPerSecond
    func list(_ verdictClass: VerdictClass) -> [Int] { whole.steps.map { $0[verdictClass.rawValue] } }
    tunnel = list(.tunnel)
    local = list(.local)
    leak = list(.leak)
    allowed = list(.allowed)
    ingress = list(.ingress)
    finer = Finer(traffic, behind: whole.startUnits)
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

  /// The traffic in steps of whole seconds. Nil if the lists differ in length, or an audit would not make such steps.
  package var counted: Audit.Traffic? {
    let lists = VerdictClass.allCases.map { self[$0] }
    guard lists.allSatisfy({ $0.count == tunnel.count }), seconds > 0, seconds <= 1 << 40,
      abs(start.seconds) < 1 << 40
    else { return nil }
    var steps: [Audit.Traffic.Step] = []
    for index in tunnel.indices {
      var step = Audit.Traffic.Step(repeating: 0)
      for verdictClass in VerdictClass.allCases { step[verdictClass.rawValue] = lists[verdictClass.rawValue][index] }
      steps.append(step)
    }
    return Audit.Traffic(
      startUnits: start.seconds * Audit.Traffic.unitsPerSecond, units: seconds * Audit.Traffic.unitsPerSecond,
      steps: steps)
  }

  /// The traffic in the shortest known steps. Nil if they do not add up to the steps of whole seconds.
  package var finest: Audit.Traffic? {
    guard let counted else { return nil }
    guard let finer else { return counted }
    guard let traffic = finer.counted(behind: counted.startUnits), Self(traffic) == self else { return nil }
    return traffic
  }

  static func merge(_ one: Self?, _ other: Self?) -> Self? {
    guard let one, let other else { return one ?? other }
    guard let counted = one.finest, let more = other.finest else { return nil }
    return Self(counted + more)
  }
}

extension Summary.Traffic.Finer {
  fileprivate init?(_ traffic: Audit.Traffic, behind start: Int64) {
    guard traffic.units < Audit.Traffic.unitsPerSecond else { return nil }
    perSecond = Audit.Traffic.unitsPerSecond / traffic.units
    let first = Int((traffic.startUnits - start) / traffic.units)
    steps = traffic.steps.enumerated().compactMap { index, counts in
      let isEdge = index == 0 || index == traffic.steps.count - 1
      guard isEdge || VerdictClass.allCases.contains(where: { counts[$0.rawValue] > 0 }) else { return nil }
      func frames(_ verdictClass: VerdictClass) -> Int? {
        counts[verdictClass.rawValue] > 0 ? counts[verdictClass.rawValue] : nil
      }
      return Step(
        at: first + index, tunnel: frames(.tunnel), local: frames(.local), leak: frames(.leak),
        allowed: frames(.allowed), ingress: frames(.ingress))
    }
  }

  /// The traffic in these steps. Nil if an audit would not make such steps.
  fileprivate func counted(behind start: Int64) -> Audit.Traffic? {
    guard perSecond > 1, perSecond <= Audit.Traffic.unitsPerSecond, perSecond & (perSecond - 1) == 0,
      let first = steps.first?.at, let last = steps.last?.at, first >= 0, last >= first, last < 1 << 20,
      last - first < 1 << 10, zip(steps, steps.dropFirst()).allSatisfy({ $0.at < $1.at })
    else { return nil }
    let units = Audit.Traffic.unitsPerSecond / perSecond
    var list = Array(repeating: Audit.Traffic.Step(repeating: 0), count: last - first + 1)
    for step in steps {
      list[step.at - first][VerdictClass.tunnel.rawValue] = step.tunnel ?? 0
      list[step.at - first][VerdictClass.local.rawValue] = step.local ?? 0
      list[step.at - first][VerdictClass.leak.rawValue] = step.leak ?? 0
      list[step.at - first][VerdictClass.allowed.rawValue] = step.allowed ?? 0
      list[step.at - first][VerdictClass.ingress.rawValue] = step.ingress ?? 0
    }
    return Audit.Traffic(startUnits: start + Int64(first) * units, units: units, steps: list)
  }
}
