import Foundation
import TestSupport
import Testing

/// Saved summaries that will be posted: texts that only the audit could interpret are still redacted.
@Suite struct SavedRedactionTests {
  private static let options = ["--redact", "--redact-key", "a key of the tests"]

  private static func capture(_ name: String) throws -> Data {
    try Data(contentsOf: Command.repository.appending(path: "captures/\(name)"))
  }

  @Test(arguments: ["alice", "alice smith/at home"])
  func `a capture's folder is left out`(folder: String) throws {
    let directory = try TemporaryDirectory()
    let home = directory.url.appending(path: folder)
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    // Cut, so that a reason names the file.
    let path = home.appending(path: "cut.pcap").path
    try Self.capture("malformed-postup.bridge.pcap").dropLast(3).write(to: URL(filePath: path))
    let saved = try Command.run(["replay", path, "--format", "json"])
    #expect(saved.output.contains("alice") && saved.status == 1)
    let file = try directory.file("saved.json", Array(saved.output.utf8))
    for format in ["text", "json", "markdown", "html", "junit", "ecs"] {
      let report = try Command.run(["report", file, "--format", format] + Self.options).output
      #expect(!report.contains("alice") && report.contains("cut.pcap"), "\(format)")
    }
  }

  @Test func `names that one policy knows are redacted in all summaries`() throws {
    let directory = try TemporaryDirectory()
    let capture = "captures/formats/packets-verdicts.pcap"
    let knowing = try Command.run(
      ["replay", capture, "--wg-config", "captures/formats/wg0.conf", "--format", "json"])
    let other = try Command.run(
      ["replay", capture, "--endpoint", "203.0.113.178:51820", "--audited", "10.64.0.0/16", "--format", "json"])
    // The tunnel's own address, which a provider gives each customer.
    #expect(knowing.output.contains("10.64.114.74") && other.output.contains("10.64.114.74"))
    let files = [
      try directory.file("1.json", Array(knowing.output.utf8)), try directory.file("2.json", Array(other.output.utf8)),
    ]
    for files in [files, files.reversed()] {
      #expect(
        !(try Command.run(["report"] + files + ["--format", "json"] + Self.options).output.contains("10.64.114.74")))
    }
  }

  @Test func `a file named like an address is not shown`() throws {
    let directory = try TemporaryDirectory()
    let saved = try Command.run(["replay", "captures/healthy.nic.pcap", "--format", "json"]).output
    let file = try directory.file("203.0.113.9.json", Array(saved.utf8))
    let report = try Command.run(["report", file, "--format", "junit"] + Self.options).output
    #expect(report.contains("<testsuite ") && !report.contains("203.0.113.9"))
  }

  @Test func `the filter of a capture is not shown`() throws {
    let directory = try TemporaryDirectory()
    let names = ["names": ["net 203.0.113"], "directories": []]
    let saved = try Command.run(["replay", "captures/healthy.nic.pcap", "--format", "json"]).output
    var object = try #require(try JSONSerialization.jsonObject(with: Data(saved.utf8)) as? [String: Any])
    object["incomplete"] = ["eth0 was recorded through the filter 'net 203.0.113'"]
    object["conclusion"] = object["conclusion"] as? String == "leaks" ? "leaks" : "incomplete"
    object["unshown"] = names
    let file = try directory.file("saved.json", Array(JSONSerialization.data(withJSONObject: object)))
    #expect(try Command.run(["report", file]).output.contains("net 203.0.113"))
    let report = try Command.run(["report", file] + Self.options)
    #expect(report.output.contains("through the filter") && !report.output.contains("net 203.0.113"))
  }

  /// Readers of JSON differ in which of two equal keys they take.
  @Test(arguments: ["\"audits\" : 9223372036854775807,\"audits\" : 1,", "\"schema\" : \"leakaudit.summary/99\","])
  func `a duplicate key does not bypass the check of numbers`(keys: String) throws {
    let directory = try TemporaryDirectory()
    let saved = try Command.run(["replay", "captures/healthy.nic.pcap", "--format", "json"]).output
    let file = try directory.file("twice.json", Array(("{" + keys + saved.dropFirst()).utf8))
    let report = try Command.run(["report", file])
    #expect(report.status == 65 && report.errorLines.count == 1, "\(report.errors)")
  }

  @Test func `a time centuries before the others is shown`() throws {
    let directory = try TemporaryDirectory()
    var saved = try Command.run(["replay", "captures/malformed-postup.bridge.pcap", "--format", "json"]).output
    let first = try #require(saved.firstMatch(of: /"first" : "2026-[^"]*",\n *"firstFrame"/)).range
    saved.replaceSubrange(first, with: "\"first\" : \"1677-09-21T00:12:43.145224Z\",\n\"firstFrame\"")
    let file = try directory.file("old.json", Array(saved.utf8))
    #expect(try Command.run(["report", file, "--format", "html"]).status == 1)
  }
}
