import Foundation
import TestSupport
import Testing
import Wire

/// The page, opened in a browser.
@Suite(.serialized) struct PageTests {
  private static func page(
    _ arguments: [String], _ directory: TemporaryDirectory, _ names: [String] = []
  ) throws -> Bool {
    let result = try Command.run(arguments + ["--format", "html"])
    #expect([0, 1, 3].contains(result.status))
    let path = try directory.file("report.html", Array(result.output.utf8))
    return try Lab.run("page", [path, directory.url.path] + names) != nil
  }

  @Test(
    arguments: [
      "captures/malformed-postup", "captures/healthy.nic", "captures/docker-resolver",
      "captures/notices/arp-for-public",
    ])
  func `renders without an error, fits a phone, and is used by keyboard alone`(name: String) throws {
    let capture = try #require(CapturedCase.all.first { $0.name == name })
    let directory = try TemporaryDirectory()
    guard try Self.page(capture.arguments, directory) else { return }
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

  @Test func `hostile names stay text`() throws {
    let directory = try TemporaryDirectory()
    let hostile = try FormatTests.hostile(directory)
    _ = try Self.page(hostile, directory, FormatTests.questions(directory))
  }

  @Test func `of many interfaces every leak is drawn`() throws {
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
    #expect(result.output.contains("4 more interfaces"))
    let drawn = result.output.matches(of: /path-leak" d="M250 [^>]*><title>([0-9]+) frame/).compactMap { Int($0.1) }
    #expect(drawn.count == 6)
    #expect(drawn.reduce(0, +) == 45)
  }

  @Test func `a long audit is zoomed into, and its leak is seen beside thousands of frames`() throws {
    let directory = try TemporaryDirectory()
    let long = try FormatTests.long(directory)
    let json = try Command.run(long + ["--format", "json"]).summary()
    #expect(json.leak == 1 && json.frames > 1000)
    guard try Self.page(long, directory) else { return }
  }

  @Test func `the browser's test can fail`() throws {
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
      guard try Lab.run("page", [path], status: 1) != nil else { return }
    }
  }
}
