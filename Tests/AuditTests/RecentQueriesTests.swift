import TestNeeds
import TestSupport
import Testing
import Wire

@testable import Audit

/// A remembered query says what reading it again would say.
@Suite struct RecentQueriesTests {
  /// One of few queries, often with another identifier, sometimes with a changed byte, cut, or with padding.
  private static func query(_ random: inout SeededGenerator) -> [UInt8] {
    let name =
      "\(["a", "tracker", "am.i", "x"].randomElement(using: &random)!).\(Int.random(in: 0..<12, using: &random)).example"
    var query = dnsQuery(
      name, type: [1, 28].randomElement(using: &random)!, id: .random(in: 0...UInt16.max, using: &random))
    switch Int.random(in: 0..<8, using: &random) {
    case 0:
      query[11] = 1
      query += [
        0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 11, 0, 8, 0, 7, 0, 1, 24, 0, 198, 51, UInt8.random(in: 0..<4, using: &random),
      ]
    case 1: query[Int.random(in: 2..<query.count, using: &random)] = .random(in: 0...255, using: &random)
    case 2: query.removeLast(Int.random(in: 0...query.count, using: &random))
    case 3: query += filler(Int.random(in: 1...160, using: &random), UInt8.random(in: 0..<3, using: &random))
    default: break
    }
    return query
  }

  @Test(arguments: 0..<256 as Range<UInt64>)
  func `what a resolver asks in turn stays known, whatever the seed`(seed: UInt64) {
    var recent = RecentQueries(seed: seed)
    let queries = ["a.example", "b.example"].flatMap { name in [1, 28].map { dnsQuery(name, type: $0, id: 7) } }
    for query in queries { _ = recent.read(query.rawSpan) }
    for query in queries {
      let isKnown = recent.knows(query.rawSpan)
      #expect(isKnown)
    }
  }

  @Test(arguments: 0..<rounds(20, few: 4))
  func `queries read with and without memory say the same`(run: Int) {
    var random = SeededGenerator()
    var recent = RecentQueries()
    for _ in 0..<2000 {
      let query = Self.query(&random)
      var plain = ClearText()
      plain.add(query: query.rawSpan)
      let remembered = recent.read(query.rawSpan)
      #expect(remembered.questions == plain.questions, "\(query), seed \(random.seed)")
      #expect(remembered.details == plain.details, "\(query), seed \(random.seed)")
      #expect(remembered.lostQuestions == plain.lostQuestions, "\(query), seed \(random.seed)")
    }
  }
}
