import Foundation
import TestNeeds
import TestSupport
import Testing
import Wire

/// The page, judged by axe-core: light and dark, at desktop and phone width, with everything unfolded.
@Suite(.serialized, .needs(.chromium, .axe, .minutes)) struct AccessibilityTests {
  private static let tunnel = ["--endpoint", "203.0.113.178:51820"]

  private typealias Page = (name: String, body: String, arguments: [String])

  /// A page of each conclusion, and one with more of everything.
  private static func pages(_ directory: TemporaryDirectory) throws -> [Page] {
    func capture(_ name: String) throws -> [String] {
      try #require(CapturedCase.all.first { $0.name == name }).arguments
    }
    let whole = try Data(contentsOf: Command.repository.appending(path: "captures/healthy.bridge.pcap"))
    let cut = try directory.file("cut.pcap", Array(whole.dropLast(10)))
    var (local, many) = (PcapngFile(), PcapngFile())
    local.section()
    local.interface(.raw, name: "eth0")
    local.enhanced(SampleFrame(udpPacket("172.18.0.2:4000", "192.168.1.9:5000")))
    many.section()
    many.interface(.raw, name: "eth0")
    for number in 0..<120 {
      many.enhanced(SampleFrame(udpPacket("172.18.0.2:4000", "198.51.100.\(number + 1):443")))
    }
    return [
      ("leaks", "leaks", try capture("captures/malformed-postup")),
      ("notices", "leaks", try capture("captures/notices/docker-dns-via-host")),
      ("clean", "clean", try capture("captures/healthy.nic")),
      ("incomplete", "incomplete", ["replay", cut, "--wg-config", "captures/healthy.wg0.conf"]),
      ("unproven", "unproven", try ["replay", directory.file("local.pcapng", local.bytes)] + tunnel),
      ("many", "leaks", try ["replay", directory.file("many.pcapng", many.bytes)] + tunnel),
    ]
  }

  @Test func `axe finds no fault in the page of any conclusion`() throws {
    let directory = try TemporaryDirectory()
    let files = try Self.pages(directory).map { name, body, arguments in
      let html = try Command.run(arguments + ["--format", "html"]).output
      #expect(html.contains("<body class=\"\(body)\">"), "\(name)")
      return try directory.file("\(name).html", Array(html.utf8))
    }
    try Lab.run("axe", files, limit: .seconds(240))
  }

  /// A test that cannot fail proves nothing: only the dark page's colours are changed.
  @Test(arguments: [
    ("svg-img-alt", "role=\"img\" aria-label=", "role=\"img\" data-label=", 4),
    ("html-has-lang", "<html lang=\"en\">", "<html>", 4),
    ("color-contrast", "--page: #0f1419; --ink: #e6edf3", "--page: #0f1419; --ink: #2a3038", 2),
  ])
  func `axe finds a planted fault`(rule: String, words: String, replacement: String, times: Int) throws {
    let directory = try TemporaryDirectory()
    let (_, _, arguments) = try Self.pages(directory)[0]
    let html = try Command.run(arguments + ["--format", "html"]).output
    #expect(html.contains(words))
    let broken = html.replacing(words, with: replacement).replacing(
      /style-src '[^']*'/, with: "style-src 'unsafe-inline'")
    let path = try directory.file("broken.html", Array(broken.utf8))
    let found = try Lab.run("axe", [path], status: 1)
    // As often as the page was checked this way.
    #expect(found.errorLines.count { $0.contains(": \(rule): ") } == times, "\(found.errors)")
  }
}
