import Foundation
import TestSupport
import Testing

/// Saved summaries, reported alone and together.
@Suite struct ReportCommandTests {
  private static func saved(_ capture: CapturedCase, in directory: TemporaryDirectory) throws -> String {
    try directory.file("saved.json", Array(Command.run(capture.arguments + ["--format", "json"]).output.utf8))
  }

  @Test(arguments: CapturedCase.scenarios + CapturedCase.notices + CapturedCase.classes)
  func `report prints a saved summary as the audit did`(_ capture: CapturedCase) throws {
    let directory = try TemporaryDirectory()
    let path = try Self.saved(capture, in: directory)
    for format in ["text", "json", "ndjson", "markdown", "csv", "ecs"] {
      let audit = try Command.run(capture.arguments + ["--format", format])
      let report = try Command.run(["report", path, "--format", format])
      // Only the audit has the captures and knows their hashes.
      let cited = audit.output.replacing(/## Captures\n\n(\|[^\n]*\n)+\n/, with: "")
      #expect(report.output == cited, "\(format)")
      #expect((cited != audit.output) == (format == "markdown"))
      #expect(report.status == audit.status)
      #expect(report.errors.isEmpty)
    }
  }

  @Test(arguments: CapturedCase.scenarios + CapturedCase.notices + CapturedCase.classes)
  func `report redacts a saved summary as the audit does`(_ capture: CapturedCase) throws {
    let directory = try TemporaryDirectory()
    let path = try Self.saved(capture, in: directory)
    for format in ["text", "json", "csv", "prometheus", "ecs"] {
      let options = ["--format", format, "--redact", "--redact-key", "a key of the tests"]
      let report = try Command.run(["report", path] + options)
      #expect(try report.output == Command.run(capture.arguments + options).output, "\(format)")
    }
  }

  @Test(arguments: ["text", "json", "ndjson", "html", "markdown", "junit", "csv", "prometheus", "ecs"])
  func `no format shows redacted text`(format: String) throws {
    let capture = try #require(CapturedCase.scenarios.first { $0.name == "captures/malformed-postup" })
    let plain = try Command.run(capture.arguments + ["--format", format]).output
    let redacted = try Command.run(capture.arguments + ["--format", format, "--redact"]).output
    for secret in ["mullvad", "198.51.100.53", "198.51.100.11"] {
      // Metrics name no destinations.
      #expect(plain.contains(secret) == (format != "prometheus"))
      #expect(!redacted.contains(secret))
    }
    #expect(redacted.contains("dns"))
  }

  // MARK: - Merging

  /// The records of a pcap file with microseconds, each with its header.
  private static func records(_ path: String) throws -> (header: Data, records: [Data]) {
    let bytes = try Data(contentsOf: Command.repository.appending(path: path))
    var records: [Data] = []
    var start = 24
    while start + 16 <= bytes.count {
      let length = (0..<4).reduce(0) { $0 | Int(bytes[start + 8 + $1]) << (8 * $1) }
      records.append(bytes[start..<start + 16 + length])
      start += 16 + length
    }
    return (bytes[..<24], records)
  }

  /// What does not depend on other parts; the state of the tunnel's session does.
  private static func countable(_ json: String) throws -> NSMutableDictionary {
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.utf8)) as? [String: Any])
    var kept = object.filter { key, _ in
      ![
        "audits", "tunnelStates", "leakWindows", "timeline", "incomplete", "remedies", "notices", "conclusion",
        "unshown",
      ]
      .contains(key)
    }
    // Where a frame is in its file depends on the file.
    kept["leaks"] = (object["leaks"] as? [[String: Any]])?.map { $0.filter { $0.key != "firstFrame" } }
    // So do the gaps of its counters, and the frames between which they were seen.
    kept["interfaces"] = (object["interfaces"] as? [[String: Any]])?.map { interface in
      interface.filter { !["missedMessages", "seen"].contains($0.key) }
    }
    return NSMutableDictionary(dictionary: kept)
  }

  @Test(arguments: CapturedCase.scenarios.filter { $0.captures.count == 1 } + CapturedCase.classes.prefix(4))
  func `any split, order and grouping gives the counts of one audit`(
    _ capture: CapturedCase
  ) throws {
    var random = SeededGenerator()
    print("seed \(random.seed)")
    let directory = try TemporaryDirectory()
    let (header, records) = try Self.records(capture.captures[0])
    // The interface has the file's name: it is the same in a folder for each part.
    let name = URL(filePath: capture.captures[0]).lastPathComponent
    // An audit learns its side from what it sees, which a part of the records may not show: it is stated.
    let verdicts = try Command.run(["replay", "--per-frame"] + capture.captures + capture.sources).outputLines
    let own = verdicts.firstIndex { $0.contains(#""verdict":"tunnel""#) || $0.contains(#""verdict":"leak""#) }
    let audited = own.map { number in
      let station = records[number].dropFirst(16 + 6).prefix(6)
      return ["--audited", station.map { String(format: "%02x", $0) }.joined(separator: ":")]
    }
    func audit(_ part: [Data], _ label: String) throws -> String {
      let folder = directory.url.appending(path: label)
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try part.reduce(header, +).write(to: folder.appending(path: name))
      let result = try Command.run(
        ["replay", folder.appending(path: name).path, "--format", "json"] + capture.sources + (audited ?? []))
      return try directory.file("\(label).json", Array(result.output.utf8))
    }
    let whole = try audit(records, "whole")
    // A report of one summary uses the audit's order; that of merged summaries is alphabetical.
    let empty = try audit([], "empty")
    let expected = try Self.countable(report([whole, empty], directory, &random))
    for round in 0..<3 {
      let parts = round == 0 ? 2 : Int.random(in: 2...5, using: &random)
      var split: [[Data]] = Array(repeating: [], count: parts)
      for record in records { split[Int.random(in: 0..<parts, using: &random)].append(record) }
      let files = try split.enumerated().map { try audit($0.element, "part-\(round)-\(parts)-\($0.offset)") } + [empty]
      let first = try report(files, directory, &random)
      let found = try Self.countable(first)
      // A part whose counters have gaps does not know how many packets it saw.
      if found["tunnelPackets"] == nil { found["tunnelPackets"] = expected["tunnelPackets"] }
      let differing = expected.allKeys.filter { key in
        (found[key] as? NSObject)?.isEqual(expected[key]) != true
      }
      #expect(differing.isEmpty && found.count == expected.count, "round \(round): \(differing)")
      for _ in 0..<2 { #expect(try report(files.shuffled(using: &random), directory, &random) == first) }
    }
  }

  /// A report of the files, some of them merged first.
  private func report(
    _ files: [String], _ directory: TemporaryDirectory, _ random: inout SeededGenerator
  ) throws -> String {
    var files = files
    while files.count > 2, Bool.random(using: &random) {
      let merged = try Command.run(["report", files.removeFirst(), files.removeFirst(), "--format", "json"])
      #expect([0, 1, 3].contains(merged.status), "\(merged.errors)")
      let path = try directory.file(
        "merged-\(UInt32.random(in: 0 ... .max, using: &random)).json", Array(merged.output.utf8))
      files.insert(path, at: Int.random(in: 0...files.count, using: &random))
    }
    return try Command.run(["report"] + files + ["--format", "json"]).output
  }

  @Test func `separately audited bridge and NIC make one report, with a JUnit suite each`() throws {
    let directory = try TemporaryDirectory()
    let bridge = try #require(CapturedCase.scenarios.first { $0.name == "captures/malformed-postup.bridge" })
    let nic = try #require(CapturedCase.scenarios.first { $0.name == "captures/malformed-postup.nic" })
    let files = try [bridge, nic].enumerated().map { number, capture in
      try directory.file(
        "scenario-\(number).json", Array(Command.run(capture.arguments + ["--format", "json"]).output.utf8))
    }
    let summary = try Command.run(["report"] + files + ["--format", "json"]).summary()
    summary.expectToAddUp()
    #expect(summary.interfaces.map(\.name) == ["malformed-postup.bridge.pcap", "malformed-postup.nic.pcap"])
    #expect(summary.leak == 6)
    let junit = try Command.run(["report"] + files + ["--format", "junit"])
    #expect(junit.status == 1)
    #expect(junit.output.contains("<testsuite name=\"scenario-0\" tests=\"2\" failures=\"1\""))
    #expect(junit.output.contains("<testsuite name=\"scenario-1\" tests=\"2\" failures=\"1\""))
  }

  // MARK: - Each file by itself

  @Test(arguments: [[], ["--fail-on", "medium"], ["--redact", "--redact-key", "a key of the tests"]])
  func `--each equals the report of the files' summaries`(options: [String]) throws {
    let directory = try TemporaryDirectory()
    // With a policy or inferred from the handshakes that all of them show: a file alone may show none.
    let options = options.isEmpty ? [] : options + ["--endpoint", "203.0.113.178:51820"]
    let captures = CapturedCase.scenarios.flatMap(\.captures).filter { $0.hasSuffix(".nic.pcap") }
    let each = try Command.run(["replay", "--each", "--format", "json"] + options + captures)
    #expect(each.status == 1)
    let files = try captures.map { capture in
      let known = options.isEmpty ? ["--endpoint", "203.0.113.178:51820"] : options
      let result = try Command.run(["replay", capture, "--format", "json"] + known)
      return try directory.file(
        URL(filePath: capture).lastPathComponent + ".json", Array(result.output.utf8))
    }
    let report = try Command.run(["report", "--format", "json"] + files)
    if options.isEmpty {
      // The same, except for the Endpoint's origin.
      #expect(try each.summary().leak == report.summary().leak)
      #expect(try each.summary().tunnel == report.summary().tunnel)
      #expect(each.output.contains("\"isInferred\" : true"))
    } else {
      #expect(each.output == report.output)
    }
    let junit = try Command.run(["replay", "--each", "--format", "junit"] + options + captures)
    #expect(junit.output.matches(of: /<testsuite name="[a-z0-9-]+\.nic"/).count == captures.count)
  }

  @Test func `with --each, a bad file counts as it does alone`() throws {
    let directory = try TemporaryDirectory()
    let good = "captures/healthy.nic.pcap"
    let bytes = Array(try Data(contentsOf: Command.repository.appending(path: good)))
    let cut = try directory.file("cut.pcap", Array(bytes.prefix(bytes.count - 5)))
    let options = ["--endpoint", "203.0.113.178:51820"]
    let incomplete = try Command.run(["replay", "--each", good, cut, good] + options)
    #expect(incomplete.status == 3)
    #expect(incomplete.output.hasPrefix("INCOMPLETE"))
    #expect(incomplete.errorLines.count == 1 && incomplete.errors.contains("cut.pcap"))
    let none = try directory.file("none.pcap", Array("no capture at all".utf8))
    for (file, status) in [(none, 65), (directory.path("absent"), 66)] {
      // Its content is not known; the others are still reported.
      let refused = try Command.run(["replay", "--each", file, good, "--format", "json"] + options)
      #expect(refused.status == Int32(status) && refused.errorLines.count == 1, "\(refused.errors)")
      let alone = try Command.run(["replay", "--each", good, "--format", "json"] + options).summary()
      #expect(try refused.summary().frames == alone.frames)
      #expect(try refused.summary().conclusion == "incomplete")
      let junit = try Command.run(["replay", "--each", good, file, "--format", "junit"] + options)
      #expect(junit.status == Int32(status) && junit.output.contains("tests=\"3\" failures=\"0\" errors=\"1\""))
      let only = try Command.run(["replay", "--each", file] + options)
      #expect(only.status == Int32(status) && only.output.isEmpty && only.errorLines.count == 1)
    }
    let pipe = try Command.shell(
      "cat \(good) | \"$leakaudit\" replay --each /dev/stdin \(options.joined(separator: " "))")
    #expect(pipe.status == 64 && pipe.errorLines.count == 1, "\(pipe.errors)")
    for wrong in [["--each", "-"], ["--each", "--follow", good], ["--each", "--per-frame", good]] {
      #expect(try Command.run(["replay"] + wrong).status == 64)
    }
    #expect(try Command.run(["replay", "--each", "--expect-leak", good] + options).status == 1)
    #expect(
      try Command.run(["replay", "--each", "--expect-leak", good, "captures/malformed-postup.nic.pcap"] + options)
        .status == 0)
  }

  @Test func `a complete audit does not make up for an incomplete one`() throws {
    let directory = try TemporaryDirectory()
    let capture = "captures/healthy.nic.pcap"
    let (header, _) = try Self.records(capture)
    let folder = directory.url.appending(path: "blind")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    // An interface of the same name that delivered nothing.
    let blind = folder.appending(path: "healthy.nic.pcap")
    try header.write(to: blind)
    let options = ["--wg-config", "captures/healthy.wg0.conf"]
    let each = try Command.run(["replay", "--each", capture, blind.path] + options)
    #expect(each.status == 3)
    #expect(each.output.hasPrefix("INCOMPLETE") && each.output.contains("delivered no frame"))
    #expect(try Command.run(["replay", "--each", capture, capture] + options).status == 0)
    let junit = try Command.run(["replay", "--each", capture, blind.path, "--format", "junit"] + options)
    #expect(junit.status == 3 && junit.output.contains("errors=\"1\""))
  }

  // MARK: - What is refused

  @Test func `invalid and edited summaries are refused`() throws {
    let directory = try TemporaryDirectory()
    let capture = try #require(CapturedCase.scenarios.first { $0.name == "captures/malformed-postup.nic" })
    let path = try Self.saved(capture, in: directory)
    let text = try String(contentsOfFile: path, encoding: .utf8)
    let leak = try #require(text.firstMatch(of: /"leak" : 3,/)).output
    for (changed, words) in [
      ("", "there is no summary in it"), ("{}", "there is no summary in it"), ("[1, 2]", "there is no summary in it"),
      (String(text.prefix(text.count / 2)), "there is no summary in it"),
      (text.replacing("leakaudit.summary/1", with: "leakaudit.summary/2"), "this version reads leakaudit.summary/1"),
      (text.replacing("\"failOn\"", with: "\"failon\""), "'failOn' is missing"),
      (text.replacing(leak, with: "\"leak\" : 2,"), "do not add up"),
      (text.replacing(leak, with: "\"leak\" : -3,"), "negative or larger than any count"),
      (text.replacing(leak, with: "\"leak\" : 9223372036854775807,"), "negative or larger than any count"),
      (text.replacing("\"conclusion\" : \"leaks\"", with: "\"conclusion\" : \"clean\""), "does not follow"),
      (text.replacing("\"interface\" : \"malformed-postup.nic.pcap\"", with: "\"interface\" : \"\""), "do not add up"),
      (text.replacing("\"failingLeaks\" : 3", with: "\"failingLeaks\" : 0"), "do not add up"),
    ] {
      let file = try directory.file("changed.json", Array(changed.utf8))
      let result = try Command.run(["report", file])
      #expect(result.status == 65, "\(words)")
      #expect(result.errorLines.count == 1 && result.errors.contains(words), "\(result.errors)")
      #expect(result.output.isEmpty)
    }
    let changed = directory.path("changed.json")
    for files in [[path, changed], [changed, path]] {
      let mixed = try Command.run(["report"] + files)
      #expect(mixed.status == 65 && mixed.errorLines.count == 1)
      #expect(mixed.output.hasPrefix("LEAKS") && mixed.output.contains("changed.json"))
    }
    let missing = try Command.run(["report", directory.path("none.json")])
    #expect(missing.status == 66)
    #expect(missing.errorLines.count == 1)
    let strict = try directory.file(
      "strict.json", Array(Command.run(capture.arguments + ["--format", "json", "--fail-on", "high"]).output.utf8))
    let different = try Command.run(["report", path, strict])
    #expect(different.status == 64)
    #expect(different.errors.contains("--fail-on low") && different.errors.contains("--fail-on high"))
  }

  @Test func `report reads summaries from standard input and from NDJSON`() throws {
    let directory = try TemporaryDirectory()
    let capture = try #require(CapturedCase.scenarios.first { $0.name == "captures/healthy.nic" })
    let lines = try Command.run(capture.arguments + ["--per-frame"])
    let path = try directory.file("lines.ndjson", Array(lines.output.utf8))
    let expected = try Command.run(capture.arguments).output
    #expect(try Command.run(["report", path]).output == expected)
    #expect(try Command.run(["report", "-"], input: URL(filePath: path)).output == expected)
    let piped = try Command.shell("cat '\(path)' | \"$leakaudit\" report -")
    #expect(piped.output == expected)
    let joined = try Command.shell("cat '\(path)' '\(path)' | \"$leakaudit\" report -")
    #expect(joined.status == 65 && joined.errors.contains("a second summary"))
    let twice = try Command.run(["report", path, path, "--format", "json"]).summary()
    #expect(try twice.frames == 2 * lines.summary().frames)
  }
}
