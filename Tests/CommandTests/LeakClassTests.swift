import Foundation
import Testing

/// The table of leak classes in captures/README.md is true: every capture that it names gives the words that it uses.
@Suite struct LeakClassTests {
  struct Row: CustomTestStringConvertible {
    var number: Int
    /// The text in backquotes: a reason, a rule, a notice, a severity, a family.
    var words: [String]
    var captures: [String]
    var testDescription: String { "\(number)" }

    static let all: [Row] = {
      let file = Command.repository.appending(path: "captures/README.md")
      let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
      return text.split(separator: "\n").compactMap { line in
        let cells = line.split(separator: "|", omittingEmptySubsequences: false)
          .map { $0.trimmingCharacters(in: .whitespaces) }
        guard cells.count == 8, let number = Int(cells[1]) else { return nil }
        return Row(
          number: number,
          words: cells[4].matches(of: /`([a-z0-9.-]+)`/).map { String($0.1) }
            // What check finds needs no capture; the tunnel's resolver on another port has its own capture.
            .filter { $0 != "check" && $0 != "tunnel-destination" },
          captures: cells[5].matches(of: /\(([^)]+\.pcap[^)]*)\)/).map { "captures/\($0.output.1)" })
      }
    }()
  }

  @Test func `the table has a row for every class`() {
    #expect(Row.all.map(\.number) == Array(1...37))
    #expect(Row.all.filter(\.captures.isEmpty).map(\.number) == [37])
  }

  @Test(arguments: Row.all.filter { !$0.captures.isEmpty })
  func `the captures show what the row says`(row: Row) throws {
    var output = ""
    for capture in row.captures {
      let known = try #require(CapturedCase.all.first { $0.captures == [capture] })
      let result = try Command.run(known.arguments + ["--format", "json"])
      #expect([0, 1, 3].contains(result.status), "\(result.errors)")
      output += result.output
    }
    for word in row.words {
      #expect(output.contains("\"\(word)\""), "\(word) is not in what is said of \(row.captures)")
    }
  }
}
