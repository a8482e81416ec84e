import Foundation
import HostileAudit
import TestNeeds
import TestSupport
import Testing

struct HostileTrafficTests {
  /// The same conversations as the fuzz target's, from a seed instead of a corpus.
  @Test func everyConversationIsAuditedAlikeOnTheFastPathAndInFull() {
    var random = SeededGenerator()
    for number in 0..<rounds(300, few: 60) {
      let length = Int.random(in: 8...500, using: &random)
      let bytes = (0..<length).map { _ in UInt8.random(in: .min ... .max, using: &random) }
      let problems = problems(ofConversation: bytes)
      #expect(problems.isEmpty, "seed \(random.seed), conversation \(number): \(problems.joined(separator: "\n"))")
      if !problems.isEmpty { return }
    }
  }

  /// The fuzz target's seeds, including its earlier findings.
  @Test func everySeedIsAuditedAlikeOnTheFastPathAndInFull() throws {
    let folder = RulePackets.repository.appending(path: "Tests/Fuzz/Seeds/ProtocolFuzz")
    let seeds = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
    #expect(seeds.count >= 6)
    for seed in seeds {
      let problems = problems(ofConversation: [UInt8](try Data(contentsOf: seed)))
      #expect(problems.isEmpty, "\(seed.lastPathComponent): \(problems.joined(separator: "\n"))")
    }
  }
}
