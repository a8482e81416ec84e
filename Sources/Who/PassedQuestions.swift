/// Containers' questions that Docker's engine passed on from the machine's namespace, where no firewall of theirs sees
/// them. Of each part the latest are known.
package struct PassedQuestions: Sendable {
  package static var limit: Int { 256 }
  /// The engine passes a question on at once; whoever asked may ask again after some seconds.
  private static var passing: UInt64 { 2_000_000_000 }
  /// How long a local resolver may take to ask for the engine.
  private static var asking: UInt64 { 5_000_000_000 }

  private var asked: [QuestionEvent] = []
  private var passedOn: [QuestionEvent] = []

  package init() {}

  package mutating func note(_ event: QuestionEvent) {
    switch event.part {
    case .asked: Self.keep(event, in: &asked)
    case .passedOn: Self.keep(event, in: &passedOn)
    }
  }

  /// ASCII case makes no difference (RFC 4343). Each question of the machine's is compared with all of these, so the case is
  /// gone before.
  private static func keep(_ event: QuestionEvent, in list: inout [QuestionEvent]) {
    if list.count >= limit { list.removeFirst() }
    var event = event
    event.name = event.name.lowercased()
    list.append(event)
  }

  /// The containers for which the engine asks for a name at this moment of the monotonic clock: by their ids, nil for one
  /// that is not known. Empty if the engine did not, or for nobody.
  package func askers(of name: String, at moment: UInt64) -> [String?] {
    var askers: [String?] = []
    if passedOn.isEmpty { return askers }
    let name = name.lowercased()
    // A container may ask for the same thousands of times: each one is looked for once.
    for question in asked where question.name == name && !askers.contains(question.container) {
      let isPassedOn = passedOn.contains { passed in
        follows(passed.moment, question, within: Self.passing) && follows(moment, passed, within: Self.asking)
          && passed.name == name
      }
      if isPassedOn { askers.append(question.container) }
    }
    return askers
  }

  private func follows(_ moment: UInt64, _ event: QuestionEvent, within window: UInt64) -> Bool {
    moment >= event.moment && moment - event.moment <= window
  }
}
