import ShellScript
import TestSupport
import Testing

@testable import StackCheck

/// What the algebra says about whole rule sets, against single packets.
struct RulesetWalkTests {
  @Test func `random rules let out the same as packet by packet`() throws {
    var rules = RandomRules(random: SeededGenerator())
    print("seed \(rules.random.seed)")
    var counts: [Set<PacketOracle.Fate>: Int] = [:]
    for _ in 0..<300 {
      let script = rules.script()
      let ruleset = RulesetTests.ruleset(script)
      for family in IPFamily.allCases {
        let context = try HeaderContext(
          family, interfaces: RandomRules.interfaces, marks: RandomRules.marks, changes: ruleset.markChanges(family))
        // What a rule changed leaves as another packet than it was.
        guard !ruleset.changes(family) else { continue }
        let oracle = PacketOracle(ruleset: ruleset, context: context)
        for isForwarded in [false, true] {
          let way = isForwarded ? Ruleset.forwardedWay : Ruleset.ownWay
          var walk = RulesetWalk(ruleset, context)
          let groups = try walk.passing(HeaderRegion(context.everything), way)
          let sure = try groups.map { try walk.sure($0, within: HeaderRegion(context.everything)) }
          for _ in 0..<12 {
            guard let packet = rules.packet(context, in: nil, isForwarded: isForwarded) else { continue }
            let fates = oracle.fates(of: packet, way)
            counts[fates, default: 0] += 1
            #expect(
              groups.contains { $0.possible.contains(packet) } == fates.contains(.passes), "\(packet) under\n\(script)"
            )
            #expect(sure.contains { $0.contains(packet) } == (fates == [.passes]), "\(packet) under\n\(script)")
          }
        }
      }
    }
    print("fates \(counts)")
    // Rules that refuse nothing, or everything, would test nothing. Some fates are rare: about one packet in a hundred.
    #expect(counts.count == 3 && counts.values.allSatisfy { $0 > 5 }, "\(counts)")
  }
}

extension Ruleset {
  fileprivate func changes(_ family: IPFamily) -> Bool {
    chains.contains { name, chain in
      name.family == family
        && chain.rules.contains { rule in
          if case .change = rule.action { true } else { false }
        }
    }
  }
}
