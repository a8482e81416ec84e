import HostileAudit
import TestSupport
import Testing

struct HostileTrafficTests {
  /// The same conversations as the fuzz target's, from a seed instead of a corpus.
  @Test func everyConversationIsAuditedAlikeOnTheFastPathAndInFull() {
    var random = SeededGenerator()
    for number in 0..<300 {
      let length = Int.random(in: 8...500, using: &random)
      let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      let problems = problems(ofConversation: bytes)
      #expect(problems.isEmpty, "seed \(random.seed), conversation \(number): \(problems.joined(separator: "\n"))")
      if !problems.isEmpty { return }
    }
  }
}
