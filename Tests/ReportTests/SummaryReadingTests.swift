import Audit
import Foundation
import Policy
import TestSupport
import Testing
import Text
import Wire

@testable import Report
@testable import Summaries

/// Damaged or invented summaries: refused, or read and shown; never a trap.
@Suite struct SummaryReadingTests {
  private static let summaries: [Data] = ["malformed-postup", "notices/dhcp-routes", "classes/bypass"].compactMap {
    try? Data(contentsOf: EvidenceVerdictTests.captures.appending(path: "\($0).expected.json"))
  }

  /// In every format, and added to itself.
  private static func show(_ summary: Summary) throws {
    let twice = try summary.merged(with: summary)
    #expect(twice.frames == 2 * summary.frames)
    for document in [summary, twice] {
      #expect(!TextSummary.text(document).isEmpty)
      #expect(!MarkdownReport.text(document, version: "test").isEmpty)
      #expect(!CSVReport.text(document).isEmpty)
      #expect(!JUnitReport.text([("a", document)]).isEmpty)
      #expect(!HTMLReport.text(document, version: "test").isEmpty)
    }
  }

  @Test(arguments: summaries)
  func `every prefix is refused`(bytes: Data) throws {
    try Self.show(Summary.read(bytes))
    // What follows the last brace is a line feed.
    for length in stride(from: 0, to: bytes.count - 1, by: 7) {
      #expect(throws: Summary.ReadingError.self) { try Summary.read(bytes.prefix(length)) }
    }
  }

  @Test(arguments: summaries)
  func `changed bytes are refused, or shown`(bytes: Data) throws {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    var read = 0
    let interesting = Array("0123456789-eE.\"{}[],:truefalsn \\u\u{7F}<&|`".utf8)
    for _ in 0..<400 {
      var changed = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        let place = Int.random(in: changed.indices, using: &random)
        changed[place] = interesting.randomElement(using: &random)!
      }
      guard let summary = try? Summary.read(changed) else { continue }
      read += 1
      if read % 10 == 0 { try Self.show(summary) }
    }
    #expect(read > 0)
  }

  @Test func `a summary of a capture that claims any number of losses is read`() throws {
    var auditor = Auditor(TunnelPolicy())
    auditor.setDrops(.max, on: auditor.attach(InterfaceTally(name: "eth0", linkType: .ethernet, role: .nic)))
    let document = Summary(auditor.summary(ConclusionRules()))
    #expect(document.interfaces[0].drops == 1 << 40)
    #expect(try Summary.read(Data(JSON.pretty(document).utf8)) == document)
  }

  @Test func `leaks of a container without a name are not merged with those of nobody`() throws {
    var (nobody, nameless) = (try Summary.read(Self.summaries[0]), try Summary.read(Self.summaries[0]))
    for index in nobody.leaks.indices {
      nobody.leaks[index].origin = nil
      nameless.leaks[index].origin = .containers([])
    }
    let merged = try nobody.merged(with: nameless)
    #expect(try merged == nameless.merged(with: nobody))
    #expect(merged.leaks.count == 2 * nobody.leaks.count && !nobody.leaks.isEmpty)
  }

  @Test func `losses that captures claim add up without overflow`() throws {
    var summary = try Summary.read(Self.summaries[0])
    summary.interfaces[0].drops = .max
    summary.interfaces[0].missedMessages = .max - 1
    summary.interfaces[0].bytes.ingress = .max
    summary.capture = .init(received: .max, droppedByKernel: .max)
    let twice = try summary.merged(with: summary)
    let interface = try #require(twice.interfaces.first { $0.name == summary.interfaces[0].name })
    #expect(interface.drops == .max && interface.missedMessages == .max)
    #expect(interface.bytes.ingress == .max)
    #expect(twice.capture == summary.capture)
  }

  @Test func `counts that would overflow are refused`() throws {
    let text = try #require(String(data: Self.summaries[0], encoding: .utf8))
    let entry = try #require(text.firstMatch(of: /"bytes" : ([0-9]+),/))
    for number in ["9223372036854775807", "18446744073709551616", "1e300", "2251799813685248", "-1"] {
      let changed = text.replacing(entry.output.0, with: "\"bytes\" : \(number),")
      #expect(throws: Summary.ReadingError.self) { try Summary.read(Data(changed.utf8)) }
    }
  }
}
