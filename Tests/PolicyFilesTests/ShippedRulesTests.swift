import PacketFilter
import Policy
import PolicyFiles
import TestSupport
import Testing

@Suite struct ShippedRulesTests {
  /// Compiled once: the tests with arguments make a suite for each.
  private static let loaded = Result { try loadShippedRules() }

  let rules: [LabelRule]

  init() throws { rules = try Self.loaded.get() }

  @Test func `every label has a rule, and every rule says what it must`() {
    #expect(Set(rules.map(\.label)) == Set(LeakReason.labels))
    for rule in rules {
      #expect(!rule.why.isEmpty, "\(rule.id) has no reason")
      #expect(!rule.reference.isEmpty, "\(rule.id) has no reference")
      #expect(rule.title.utf8.count <= 100, "\(rule.id) has a title that is no line")
    }
  }

  @Test func `every rule has a match and a near miss in both families`() {
    for rule in rules {
      for isIPv6 in [false, true] {
        for isMatch in [true, false] {
          let found = RuleExample.all.contains {
            $0.rule == rule.id && $0.isIPv6 == isIPv6 && $0.isMatch == isMatch
          }
          let kind = "\(isIPv6 ? "IPv6" : "IPv4") \(isMatch ? "match" : "near miss")"
          #expect(found, "add an \(kind) for \(rule.id) to RuleExample")
        }
      }
    }
  }

  @Test(arguments: RuleExample.all)
  func `a rule matches what it must and nothing close to it`(example: RuleExample) throws {
    let rule = try #require(rules.first { $0.id == example.rule }, "no shipped rule is named \(example.rule)")
    #expect(rule.matches(example.packet.rawSpan, originalLength: example.packet.count) == example.isMatch)
  }

  @Test(arguments: RuleExample.all.filter(\.isMatch))
  func `the pack, asked in order, names the packet by the rule that is meant`(example: RuleExample) {
    let first = rules.first { $0.matches(example.packet.rawSpan, originalLength: example.packet.count) }
    #expect(first?.id == example.rule)
  }

  @Test(arguments: RuleExample.all)
  func `a packet cut anywhere is no trap`(example: RuleExample) {
    for count in 0..<example.packet.count where count < 64 || count.isMultiple(of: 97) {
      let cut = Array(example.packet.prefix(count))
      for rule in rules { _ = rule.matches(cut.rawSpan, originalLength: example.packet.count) }
    }
  }
}
