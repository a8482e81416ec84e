import TestNeeds
import TestSupport
import Testing
import Wire

@testable import Who

/// Questions that Docker's engine passes on, as the kernel's programs tell them.
@Suite struct PassedQuestionTests {
  private static let second: UInt64 = 1_000_000_000
  private static let id = EventBytes.id

  /// An event with these bytes behind the message's header.
  private static func bytes(_ part: UInt8, _ rest: [UInt8], group: String = id) -> [UInt8] {
    var bytes = EventBytes(process: (812, 0, 5_000_000_000), name: "", executable: "", arguments: "", group: group)
      .bytes
    bytes[39] = part
    for (index, byte) in rest.prefix(112).enumerated() { bytes[64 + index] = byte }
    return bytes
  }

  private static func question(_ name: String) -> [UInt8] { Array(dnsQuery(name).dropFirst(12)) }

  @Test func `a question is read with its container and its moment`() {
    let asked = QuestionEvent(Self.bytes(5, Self.question("tracker.example")))
    #expect(asked == QuestionEvent(.asked, "tracker.example", container: Self.id, moment: 5 * Self.second))
    let passed = QuestionEvent(Self.bytes(6, Self.question("tracker.example"), group: "docker.service"))
    #expect(passed == QuestionEvent(.passedOn, "tracker.example", moment: 5 * Self.second))
  }

  @Test func `other events, cut ones, and names that do not fit are none`() {
    let rest = Self.question("tracker.example")
    for part in [0, 4, 7, 255] as [UInt8] { #expect(QuestionEvent(Self.bytes(part, rest)) == nil) }
    #expect(QuestionEvent(Array(Self.bytes(5, rest).dropLast())) == nil)
    let long = Array(repeating: "abcdefghi", count: 12).joined(separator: ".")
    #expect(QuestionEvent(Self.bytes(5, Self.question(long))) == nil)
    // Nor are questions senders.
    for part in [5, 6] as [UInt8] { #expect(SenderEvent(Self.bytes(part, rest)) == nil) }
  }

  @Test func `random bytes never trap, and make names that are safe to show`() {
    var random = SeededGenerator()
    for _ in 0..<rounds(20_000, few: 2_000) {
      var rest = (0..<112).map { _ in UInt8.random(in: 0...255, using: &random) }
      if Bool.random(using: &random) { rest.replaceSubrange(0..<3, with: [1, 0x1B, 0]) }
      guard let event = QuestionEvent(Self.bytes(5, rest)) else { continue }
      #expect(event.name.utf8.allSatisfy { 0x20..<0x7F ~= $0 }, "seed \(random.seed)")
    }
  }

  private static func askers(_ events: [QuestionEvent], of name: String = "a.example", at moment: UInt64) -> [String?] {
    var questions = PassedQuestions()
    for event in events { questions.note(event) }
    return questions.askers(of: name, at: moment)
  }

  private static func asked(_ name: String, _ container: String?, at moment: UInt64) -> QuestionEvent {
    QuestionEvent(.asked, name, container: container, moment: moment)
  }

  private static func passed(_ name: String, at moment: UInt64) -> QuestionEvent {
    QuestionEvent(.passedOn, name, moment: moment)
  }

  @Test func `who asked is known only if the engine passed on the same name`() {
    let question = Self.asked("A.example", "one", at: 10)
    #expect(Self.askers([question, Self.passed("a.Example", at: 11)], at: 12) == ["one"])
    #expect(Self.askers([question], at: 12).isEmpty)
    #expect(Self.askers([Self.passed("a.example", at: 11)], at: 12).isEmpty)
    #expect(Self.askers([question, Self.passed("b.example", at: 11)], at: 12).isEmpty)
    #expect(Self.askers([question, Self.passed("a.example", at: 11)], of: "b.example", at: 12).isEmpty)
  }

  @Test func `the engine passes on what was asked before it, and not long before`() {
    let start = 100 * Self.second
    func known(asked: UInt64, passed: UInt64, at moment: UInt64) -> Bool {
      !Self.askers([Self.asked("a.example", nil, at: asked), Self.passed("a.example", at: passed)], at: moment).isEmpty
    }
    #expect(known(asked: start, passed: start + 2 * Self.second, at: start + 7 * Self.second))
    #expect(!known(asked: start, passed: start + 2 * Self.second + 1, at: start + 3 * Self.second))
    #expect(!known(asked: start, passed: start, at: start + 5 * Self.second + 1))
    #expect(!known(asked: start + 1, passed: start, at: start + 2))
    #expect(!known(asked: start, passed: start + 2, at: start + 1))
  }

  @Test func `several that asked for one name are all named, once`() {
    let events =
      ["one", "two", "one", nil].map { Self.asked("a.example", $0, at: 10) } + [Self.passed("a.example", at: 11)]
    #expect(Self.askers(events, at: 12) == ["one", "two", nil])
  }

  @Test func `in a flood the latest are known`() {
    var questions = PassedQuestions()
    questions.note(Self.asked("a.example", "one", at: 10))
    questions.note(Self.passed("a.example", at: 11))
    for _ in 1..<PassedQuestions.limit { questions.note(Self.asked("b.example", "two", at: 12)) }
    #expect(questions.askers(of: "a.example", at: 13) == ["one"])
    questions.note(Self.asked("b.example", "two", at: 12))
    #expect(questions.askers(of: "a.example", at: 13).isEmpty)
  }
}
