import Foundation
import Testing

/// The entries of a format add up to the number that it begins with.
@Suite struct TotalsTests {
  private static let cases = CapturedCase.scenarios + CapturedCase.classes

  /// Rows of a CSV, by column.
  private static func rows(_ csv: String) -> [[String: String]] {
    let lines = csv.split(whereSeparator: \.isNewline).map { line in
      // Quoted cells may hold commas; none of the added columns is quoted.
      String(line).replacing(/"[^"]*"/, with: "").split(separator: ",", omittingEmptySubsequences: false).map(
        String.init)
    }
    guard let header = lines.first else { return [] }
    return lines.dropFirst().map { Dictionary(zip(header, $0)) { first, _ in first } }
  }

  private static func sum<Output>(_ text: String, _ pattern: Regex<Output>, _ number: (Output) -> Substring) -> Int {
    text.matches(of: pattern).reduce(0) { $0 + (Int(number($1.output).filter { $0 != "," }) ?? 0) }
  }

  @Test(arguments: cases) func `leak counts add up in every format`(_ capture: CapturedCase) throws {
    func output(_ format: String) throws -> String { try Command.run(capture.arguments + ["--format", format]).output }
    let summary = try Command.run(capture.arguments + ["--format", "json"]).summary()
    #expect(summary.leaks.reduce(0) { $0 + $1.frames } == summary.leak)

    let csv = Self.rows(try output("csv"))
    let failing = csv.filter { $0["fails"] == "yes" }
    func packets(_ rows: [[String: String]]) -> Int {
      rows.reduce(0) { $0 + (Int($1[summary.leakPackets == nil ? "frames" : "packets"] ?? "") ?? 0) }
    }
    #expect(failing.reduce(0) { $0 + (Int($1["frames"] ?? "") ?? 0) } == summary.failingLeaks)
    if let all = summary.leakPackets { #expect(packets(csv) == all) }
    guard summary.conclusion == "leaks" else { return #expect(failing.isEmpty) }
    let told = packets(failing)

    let text = try output("text").split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(Self.sum(text, /LEAKS: ([0-9,]+) (?:packet|frame)s? from/) { $0.1 } == told, "the first sentence")
    #expect(Self.sum(text, /LEAKS: ([0-9,]+) (?:packet|frame)s? left/) { $0.1 } == told, "the last sentence")
    #expect(
      Self.sum(try output("junit"), /\n([0-9,]+) (?:packet|frame)s?, [0-9.]+ k?M?B, first/) { $0.1 } == told, "JUnit")
    let markdown = try output("markdown").split(separator: "\n").filter { line in
      line.wholeMatch(of: /\| (?:info|low|medium|high|critical) \|.*/) != nil
    }
    #expect(
      markdown.count == 50
        || markdown.reduce(0) { $0 + Self.sum(String($1), /\| ([0-9,]+) \|$/) { $0.1 } } == told, "Markdown")

    let page = try output("html")
    let judged = page.split(separator: "<section id=\"leaks\">").last?.split(separator: "</section>").first ?? ""
    let rows = Self.sum(String(judged), /data-label="(?:packets|frames)" class="number" data-value="([0-9]+)"/) { $0.1 }
    #expect(Self.sum(String(judged), /rows?, ([0-9,]+) (?:packet|frame)s?\./) { $0.1 } == rows, "the page's table")

    let metrics = try output("prometheus")
    #expect(Self.sum(metrics, /\nleakaudit_leak_frames_total\{[^\n]*\} ([0-9]+)/) { $0.1 } == summary.leak)
    #expect(Self.sum(metrics, /\nleakaudit_failing_leak_frames_total ([0-9]+)/) { $0.1 } == summary.failingLeaks)
    if let all = summary.leakPackets {
      #expect(Self.sum(metrics, /\nleakaudit_leak_packets_total\{[^\n]*\} ([0-9]+)/) { $0.1 } == all)
    }
  }
}
