import TestSupport
import Testing

@testable import Audit

@Suite struct InterfaceIndicesTests {
  @Test func `a lookup says what a plain dictionary says`() {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    var indices = InterfaceIndices()
    var plain: [UInt32: Int] = [:]
    for round in 0..<20_000 {
      // Some share low bits, some are anywhere, and a few are used most.
      let index =
        switch random.next() % 4 {
        case 0: UInt32.random(in: 0..<8, using: &random) << 16 | 5
        case 1: UInt32.random(in: .min ... .max, using: &random)
        case 2: UInt32.max - UInt32.random(in: 0..<4, using: &random)
        default: UInt32.random(in: 0..<8, using: &random)
        }
      if plain[index] == nil, plain.count < 500, random.next() % 2 == 0 {
        plain[index] = round
        indices.set(round, for: index)
      }
      #expect(indices.number(of: index) == plain[index])
    }
    #expect(indices.count == plain.count)
    #expect(indices.first == plain.values.min())
    indices.others = 7
    #expect(indices.number(of: 3_000_000_000) == plain[3_000_000_000] ?? 7)
    #expect(indices.number(of: 4000) == plain[4000] ?? 7)
  }
}
