import Foundation
import Policy
import TestSupport
import Testing
import Wire

/// `--redact`, as a user runs it over every committed capture.
@Suite struct RedactedOutputTests {
  /// The public addresses in a text.
  private static func publicAddresses(_ text: String) -> Set<String> {
    let words = text.split { !($0.isHexDigit || $0 == "." || $0 == ":") }
    return Set(
      words.map { String($0.drop { $0 == ":" }.reversed().drop { ".:".contains($0) }.reversed()) }.filter { word in
        IPAddress(word).map { AddressScope($0) == .public } ?? false
      })
  }

  @Test(arguments: CapturedCase.scenarios + CapturedCase.notices + CapturedCase.classes)
  func `redacted output shows no address or name of the plain output`(_ capture: CapturedCase) throws {
    let plain = try Command.run(capture.arguments + ["--format", "ndjson", "--per-frame"])
    var secrets = Self.publicAddresses(plain.output)
    for line in plain.outputLines {
      let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
      if let name = object["name"] as? String { secrets.insert(name) }
      let leak = object["leak"] as? [String: Any]
      for question in leak?["questions"] as? [String] ?? [] {
        secrets.insert(String(question.prefix(upTo: question.lastIndex(of: " ") ?? question.endIndex)))
      }
      for detail in leak?["details"] as? [[String: String]] ?? [] { secrets.insert(detail["text"] ?? "") }
    }
    // Half of all addresses identifies no one: 128.0.0.0/1 is its own pseudonym.
    secrets.subtract(["", "128.0.0.0"])
    for arguments in [["--format", "text"], ["--format", "ndjson", "--per-frame"], ["--format", "html"]] {
      let redacted = try Command.run(capture.arguments + arguments + ["--redact"])
      #expect(redacted.status == plain.status)
      #expect(secrets.isDisjoint(with: Self.publicAddresses(redacted.output)))
      for secret in secrets where secret.count > 3 && IPAddress(secret) == nil {
        #expect(!redacted.output.contains(secret), "\(arguments) tells \(secret)")
      }
    }
  }

  @Test func `per-frame verdicts stay the same, with the summary's names`() throws {
    let capture = try #require(CapturedCase.scenarios.first { $0.name == "captures/malformed-postup" })
    let options = ["--per-frame", "--redact", "--redact-key", "a key of the tests"]
    let (plain, redacted) = (
      try Command.run(capture.arguments + ["--per-frame"]), try Command.run(capture.arguments + options)
    )
    func frames(_ result: Command.Result) throws -> [[String: Any]] {
      try result.outputLines.filter { $0.hasPrefix("{\"frame\"") }.map {
        try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
      }
    }
    let pairs = zip(try frames(plain), try frames(redacted))
    var names: Set<String> = []
    for (before, after) in pairs {
      #expect(before["verdict"] as? String == after["verdict"] as? String)
      #expect((before["name"] == nil) == (after["name"] == nil))
      if let name = after["name"] as? String { names.insert(name) }
    }
    #expect(!names.isEmpty)
    let summary = try #require(redacted.outputLines.last)
    for name in names { #expect(summary.contains("\"\(name) ")) }
  }
}
