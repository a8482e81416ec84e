import PacketFilter
import Policy
import PolicyFiles
import TestSupport
import Testing

@Suite struct ShippedRulesTests {
  @Test func `every shipped rule compiles and says what it must`() throws {
    let rules = try loadShippedRules()
    #expect(Set(rules.map(\.label)) == Set(LeakReason.labels))
    for rule in rules {
      #expect(!rule.why.isEmpty, "\(rule.id) has no reason")
      #expect(!rule.reference.isEmpty, "\(rule.id) has no reference")
      #expect(rule.title.utf8.count <= 100, "\(rule.id) has a title that is no line")
    }
  }
}
