import Foundation
import TestNeeds
import TestSupport
import Testing
import Wire

/// The page, opened in a browser.
@Suite(.serialized) struct PageTests {
  private static func page(
    _ arguments: [String], _ directory: TemporaryDirectory, _ names: [String] = []
  ) throws {
    let result = try Command.run(arguments + ["--format", "html"])
    #expect([0, 1, 3].contains(result.status))
    let path = try directory.file("report.html", Array(result.output.utf8))
    try Lab.run("page", [path, directory.url.path] + names)
  }

  @Test(
    .needs(.chromium, .axe, .minutes),
    arguments: [
      "captures/malformed-postup", "captures/healthy.nic", "captures/docker-resolver",
      "captures/notices/arp-for-public",
    ])
  func `renders without an error, fits a phone, and works by keyboard alone`(name: String) throws {
    let capture = try #require(CapturedCase.all.first { $0.name == name })
    let directory = try TemporaryDirectory()
    try Self.page(capture.arguments, directory)
    for file in ["phone.png", "desktop.png", "print.pdf"] {
      #expect(try Data(contentsOf: directory.url.appending(path: file)).count > 10_000)
    }
  }

  @Test func `the report that README shows is what the program makes`() throws {
    let captures = ["bridge", "nic"].map { "captures/malformed-postup.\($0).pcap" }
    let roles = ["bridge", "nic"].flatMap { ["--role", "malformed-postup.\($0).pcap=\($0)"] }
    let result = try Command.run(
      ["replay"] + captures + roles + ["--compose", "Examples/report/compose.yaml", "--format", "html"])
    #expect(result.status == 1)
    try ExpectedFile.compare(result.output, with: "Examples/report/report.html")
  }

  @Test(.needs(.chromium, .axe, .minutes)) func `hostile names stay text`() throws {
    let directory = try TemporaryDirectory()
    let hostile = try FormatTests.hostile(directory)
    try Self.page(hostile, directory, FormatTests.questions(directory))
  }

  @Test func `every leak of many interfaces is drawn`() throws {
    let directory = try TemporaryDirectory()
    var file = PcapngFile()
    file.section()
    for number in 0..<9 { file.interface(.raw, name: "if\(number)") }
    for number in 0..<9 {
      for count in 0...number {
        let packet = udpPacket("172.18.0.\(number + 2):4000", "198.51.100.\(count + 1):443")
        file.enhanced(SampleFrame(packet, interface: number))
      }
    }
    let path = try directory.file("many.pcapng", file.bytes)
    let result = try Command.run(["replay", path, "--endpoint", "203.0.113.178:51820", "--format", "html"])
    #expect(result.output.contains("4 others"))
    let drawn = result.output.matches(of: /path-leak stage-1" [^>]*><title>([0-9]+) frame/).compactMap { Int($0.1) }
    #expect(drawn.reduce(0, +) == 45)
  }

  @Test(arguments: ["dns-of-the-container", "docker-dns-via-host", "dns-of-the-host"])
  func `the packets' way shows what the headline counts, and where it ended`(name: String) throws {
    let capture = try #require(CapturedCase.all.first { $0.name == "captures/notices/\(name)" })
    let html = try Command.run(capture.arguments + ["--format", "html"]).output
    let headline = try #require(html.firstMatch(of: /LEAKS[^:]*: ([0-9]+) packet/)).1
    // Every stage but the last has all of them, and one that ends at the bar has no last.
    for stage in 0...1 {
      let drawn = html.matches(of: try Regex("path-leak stage-\(stage)\" [^>]*><title>([0-9]+) packet"))
        .compactMap { $0.output[1].substring.flatMap { Int($0) } }
      #expect(drawn.reduce(0, +) == Int(headline))
    }
    #expect(html.contains("box-end"))
    #expect(html.contains("Not judged: the host's own traffic") == (name != "dns-of-the-container"))
    #expect(html.contains("path-apart stage") == (name != "dns-of-the-container"))
  }

  /// Three hundred rows were thirty screens; they stay in one table, which sorts them all.
  @Test func `a long table shows its first rows, and a check box without script shows all`() throws {
    let directory = try TemporaryDirectory()
    func page(_ rows: Int) throws -> String {
      var file = PcapngFile()
      file.section()
      file.interface(.raw, name: "eth0")
      for number in 0..<rows {
        file.enhanced(SampleFrame(udpPacket("172.18.0.2:4000", "198.51.\(100 + number / 250).\(number % 250 + 1):443")))
      }
      let path = try directory.file("rows-\(rows).pcapng", file.bytes)
      return try Command.run(["replay", path, "--endpoint", "203.0.113.178:51820", "--format", "html"]).output
    }
    let long = try page(300)
    #expect(long.contains("<label for=\"all-leaks\"> Show all 300 rows"))
    #expect(long.ranges(of: "<td data-label=\"severity\"").count == 300)
    #expect(long.ranges(of: "<table class=\"sortable").count == 1)
    #expect(try !page(50).contains("id=\"all-leaks\""))
  }

  @Test func `without a leak and without a tunnel the page is not green`() throws {
    let capture = try #require(CapturedCase.all.first { $0.name == "captures/healthy.nic" })
    let files = try TemporaryDirectory()
    var file = PcapngFile()
    file.section()
    file.interface(.raw, name: "eth0")
    file.enhanced(SampleFrame(udpPacket("172.18.0.2:4000", "192.168.1.9:5000")))
    let path = try files.file("local.pcapng", file.bytes)
    let html = try Command.run(["replay", path, "--endpoint", "203.0.113.178:51820", "--format", "html"]).output
    #expect(html.contains("<body class=\"unproven\">"))
    #expect(html.contains("<h1>No leak seen, no VPN either</h1>"))
    #expect(try Command.run(capture.arguments + ["--format", "html"]).output.contains("<body class=\"clean\">"))
  }

  @Test(.needs(.chromium, .axe, .minutes))
  func `zooming into a long audit shows its leak beside thousands of frames`() throws {
    let directory = try TemporaryDirectory()
    let long = try FormatTests.long(directory)
    let json = try Command.run(long + ["--format", "json"]).summary()
    #expect(json.leak == 1 && json.frames > 1000)
    try Self.page(long, directory)
  }

  @Test(.needs(.chromium, .axe, .minutes)) func `the browser's test can fail`() throws {
    let directory = try TemporaryDirectory()
    let capture = try #require(CapturedCase.all.first { $0.name == "captures/malformed-postup" })
    let text = try Command.run(capture.arguments + ["--format", "html"]).output
    for (words, replacement) in [
      ("</main>", "</main><img src=\"http://198.51.100.1/x.png\" alt=\"\">"),
      ("\"use strict\";", "\"use strict\"; boom();"),
      ("?.addEventListener(\"click\"", "?.addEventListener(\"dblclick\""),
    ] {
      #expect(text.contains(words))
      // The script runs, whatever it is now.
      let broken = text.replacing(words, with: replacement)
        .replacing(/script-src '[^']*'/, with: "script-src 'unsafe-inline'")
      let path = try directory.file("broken.html", Array(broken.utf8))
      try Lab.run("page", [path], status: 1)
    }
  }
}
