import Foundation
import TestNeeds
import TestSupport
import Testing
import Wire

/// Reports in formats that other programs read, judged by those programs.
@Suite struct FormatTests {
  @Test(.needs(.jsonschema)) func `every summary follows the published schema`() throws {
    // Another test checks that the files beside the captures are what the program prints.
    let documents = CapturedCase.all.map { Command.repository.appending(path: "\($0.name).expected.json").path }
    let schema = "Sources/Summaries/Schemas/leakaudit.summary-1.schema.json"
    #expect(documents.count > 200)
    try Lab.run("schema", [schema] + documents)
    // The check must be able to fail.
    let directory = try TemporaryDirectory()
    let text = try String(contentsOfFile: documents[0], encoding: .utf8)
    let broken = try directory.file(
      "broken.json", Array(text.replacing("\"conclusion\"", with: "\"conclusions\"").utf8))
    try Lab.run("schema", [schema, broken], status: 1)
  }

  /// Names that end a cell, a span, a line, an element; markup, links and mentions.
  static let hostileNames = [
    "a|b", "``", "`x`|", "<script>alert(1)</script>", "[x](http://evil.example)", "@everyone", "a\"b", "]]>", "&amp;",
    "=cmd()", "+1", "-1", "@SUM(1)", "x;y", "\u{202E}abc", "*b*", "![i](j)", "<!--", "' or '", "\\",
    "https://evil.example",
  ]

  /// A capture that asks for each of the names.
  static func hostile(_ directory: TemporaryDirectory) throws -> [String] {
    var file = PcapngFile()
    file.section()
    file.interface(.raw, name: "eth0")
    let packets = hostileNames.enumerated().map { number, name in
      let label = [UInt8(name.utf8.count)] + Array(name.utf8)
      return udpPacket(
        "172.18.0.2:4000", "198.51.100.\(number):53", dnsMessage(dnsQuestion(label + dnsName("example"))))
    }
    for frame in StandardMix.frames(.raw, packets) { file.enhanced(frame) }
    let path = try directory.file("hostile.pcapng", file.bytes)
    return ["replay", path, "--endpoint", "203.0.113.178:51820"]
  }

  /// The questions as in JSON, which another test compares with tshark.
  static func questions(_ directory: TemporaryDirectory) throws -> [String] {
    let questions = try Command.run(hostile(directory) + ["--format", "json"]).summary().leaks.flatMap(\.questions)
    #expect(questions.count == hostileNames.count)
    return questions
  }

  /// Three days of traffic on the premises, and one leak in it.
  static func long(_ directory: TemporaryDirectory) throws -> [String] {
    var file = PcapngFile()
    file.section()
    file.interface(.raw, name: "eth0")
    for number in 0..<2000 {
      let target = number == 1234 ? "198.51.100.1:443" : "192.168.1.9:5000"
      var frame = SampleFrame(udpPacket("172.18.0.2:4000", target))
      frame.time = Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(number) * 130_000_000_000)
      file.enhanced(frame)
    }
    return ["replay", try directory.file("long.pcapng", file.bytes), "--endpoint", "203.0.113.178:51820"]
  }

  @Test(.needs(.xmllint), arguments: CapturedCase.scenarios)
  func `JUnit results follow its schema and count failures`(_ capture: CapturedCase) throws {
    let directory = try TemporaryDirectory()
    let result = try Command.run(capture.arguments + ["--format", "junit"])
    let path = try directory.file("results.xml", Array(result.output.utf8))
    try validates(path)
    let failures = try Command.shell("xmllint --xpath 'count(//failure)' '\(path)'").output
    let summary = try Command.run(capture.arguments + ["--format", "json"]).summary()
    #expect(Int(failures.trimmingCharacters(in: .whitespacesAndNewlines)) == summary.leaks.count)
    #expect(result.status == (summary.leaks.isEmpty ? 0 : 1))
  }

  private func validates(_ path: String, location: SourceLocation = #_sourceLocation) throws {
    let result = try Command.shell("xmllint --noout --schema Tests/Schemas/junit-10.xsd '\(path)'")
    #expect(result.status == 0, "\(result.errors)", sourceLocation: location)
  }

  @Test(.needs(.xmllint, .python)) func `hostile names stay text in JUnit results`() throws {
    let directory = try TemporaryDirectory()
    let result = try Command.run(Self.hostile(directory) + ["--format", "junit"])
    #expect(result.status == 1)
    let path = try directory.file("results.xml", Array(result.output.utf8))
    try validates(path)
    let text = try Command.shell(
      "xmllint --xpath '//failure/text()' '\(path)' | python3 -c 'import html, sys; print(html.unescape(sys.stdin.read()))'"
    )
    for name in try Self.questions(directory) { #expect(text.output.contains(name), "\(name)") }
    let nothing = try directory.file("nothing.xml", Array("<testsuites><testsuite/></testsuites>".utf8))
    #expect(try Command.shell("xmllint --noout --schema Tests/Schemas/junit-10.xsd '\(nothing)'").status != 0)
  }

  @Test func `missed traffic is a separate error`() throws {
    let directory = try TemporaryDirectory()
    var file = PcapngFile()
    file.section()
    file.interface(.raw, name: "eth0")
    let path = try directory.file("nothing.pcapng", file.bytes)
    let result = try Command.run(["replay", path, "--endpoint", "203.0.113.178:51820", "--format", "junit"])
    #expect(result.status == 3)
    #expect(result.output.contains("errors=\"1\""))
    #expect(result.output.contains("<error type=\"incomplete\""))
  }

  @Test(.needs(.cmark)) func `hostile names stay text in Markdown`() throws {
    let directory = try TemporaryDirectory()
    let result = try Command.run(Self.hostile(directory) + ["--format", "markdown"])
    let path = try directory.file("report.md", Array(result.output.utf8))
    let html = try Command.shell("cmark-gfm --unsafe -e table -e autolink -e strikethrough '\(path)'")
    for tag in ["<script", "<a ", "<img", "<!--", "<em>", "<strong>"] { #expect(!html.output.contains(tag), "\(tag)") }
    // One row for each leak and one heading, each with the same number of cells.
    let table = try #require(html.output.split(separator: "<h2>Leaks</h2>").last?.prefix { $0 != "\u{0}" })
    let rows = table.split(separator: "<tr>").dropFirst().prefix(Self.hostileNames.count + 1)
      .map { $0.split(separator: "</tr>")[0] }
    #expect(rows.allSatisfy { $0.matches(of: /<t[dh]/).count == 8 }, "\(rows)")
    for name in try Self.questions(directory) {
      let shown = name.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
        .replacing("\"", with: "&quot;")
      #expect(html.output.contains("<code>\(shown)</code>"), "\(name)")
    }
  }

  // MARK: - Prometheus

  private func promtool(_ arguments: String) throws -> Command.Result { try Command.shell("promtool \(arguments)") }

  @Test(.needs(.promtool), arguments: CapturedCase.scenarios + CapturedCase.classes)
  func `promtool accepts the metrics, and they match the summary`(
    _ capture: CapturedCase
  ) throws {
    let directory = try TemporaryDirectory()
    let metrics = try Command.run(capture.arguments + ["--format", "prometheus"]).output
    let path = try directory.file("metrics.prom", Array(metrics.utf8))
    let result = try promtool("check metrics <'\(path)'")
    #expect(result.status == 0 && result.errors.isEmpty, "\(result.errors)")
    func sum(_ name: String, _ label: String) -> Int {
      metrics.split(separator: "\n").filter {
        $0.hasPrefix("leakaudit_\(name)") && (label.isEmpty || $0.contains(label))
      }
      .reduce(0) { $0 + (Int($1.split(separator: " ").last ?? "") ?? .min) }
    }
    let summary = try Command.run(capture.arguments + ["--format", "json"]).summary()
    #expect(sum("frames_total", "") == summary.frames)
    #expect(sum("frames_total", "class=\"tunnel\"") == summary.tunnel)
    #expect(sum("leak_frames_total", "") == summary.leak)
    #expect(sum("conclusion", "\"\(summary.conclusion)\"") == 1)
    #expect(sum("conclusion", "") == 1)
  }

  @Test(.needs(.promtool)) func `hostile names stay label values, and the kinds of leaks are bounded`() throws {
    let directory = try TemporaryDirectory()
    var file = PcapngFile()
    file.section()
    file.interface(.raw, name: "eth0\"} 1\nevil_total 7\n#\\")
    file.interface(.ipv4, name: "eth0\"} 1\nevil_total 7\n#\\")
    for frame in StandardMix.frames(.raw, StandardMix.ipv4) { file.enhanced(frame) }
    let path = try directory.file("hostile.pcapng", file.bytes)
    let metrics = try Command.run([
      "replay", path, "--endpoint", "203.0.113.178:51820", "--format", "prometheus",
    ]).output
    #expect(!metrics.split(separator: "\n").contains { $0.hasPrefix("evil_total") })
    let output = try directory.file("metrics.prom", Array(metrics.utf8))
    let result = try promtool("check metrics <'\(output)'")
    #expect(result.status == 0, "\(result.errors)")
    let broken = try directory.file("broken.prom", Array("leakaudit_frames 1\nleakaudit_frames 1\n".utf8))
    #expect(try promtool("check metrics <'\(broken)'").status != 0)
  }

  @Test(.needs(.promtool)) func `the Prometheus rules alert as their tests say`() throws {
    let check = try promtool("check rules Examples/prometheus/leakaudit.rules.yaml")
    #expect(check.status == 0, "\(check.output)\(check.errors)")
    let test = try promtool("test rules Examples/prometheus/leakaudit.test.yaml")
    #expect(test.status == 0, "\(test.output)\(test.errors)")
  }

  @Test(.needs(.python)) func `a spreadsheet reads the leaks and runs no formula`() throws {
    let directory = try TemporaryDirectory()
    let result = try Command.run(Self.hostile(directory) + ["--format", "csv"])
    let path = try directory.file("leaks.csv", Array(result.output.utf8))
    let rows = try Command.shell(
      """
      python3 -c 'import csv, json, sys
      print(json.dumps(list(csv.DictReader(open(sys.argv[1], newline=""), strict=True))))' '\(path)'
      """)
    let leaks = try JSONDecoder().decode([[String: String]].self, from: Data(rows.output.utf8))
    #expect(leaks.count == Self.hostileNames.count)
    #expect(leaks.allSatisfy { $0.count == 21 && $0["fails"] == "yes" && $0["reason"] == "dns" })
    #expect(leaks.allSatisfy { leak in leak.values.allSatisfy { !"=+-@".contains($0.first ?? "x") } })
    #expect(leaks.contains { $0["questions"] == "'=cmd().example A" })
    #expect(leaks.contains { $0["questions"] == "a\"b.example A" })
  }
}
