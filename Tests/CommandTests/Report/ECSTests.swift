import Foundation
import TestNeeds
import TestSupport
import Testing
import Wire

/// Events with the field names of the Elastic Common Schema.
@Suite struct ECSTests {
  private static func events(_ arguments: [String]) throws -> [[String: Any]] {
    try Command.run(arguments + ["--format", "ecs"]).outputLines.map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
  }

  private static func value(_ event: [String: Any], _ name: String) -> Any? {
    name.split(separator: ".").reduce(event as Any?) { ($0 as? [String: Any])?[String($1)] }
  }

  private static func text(_ event: [String: Any], _ name: String) -> String? { value(event, name) as? String }
  private static func number(_ event: [String: Any], _ name: String) -> Int? { value(event, name) as? Int }

  @Test(.needs(.jsonschema)) func `every field is one of the schema's, with its type, or under leakaudit`() throws {
    let directory = try TemporaryDirectory()
    var files: [String] = []
    for capture in CapturedCase.scenarios + CapturedCase.classes + CapturedCase.notices {
      let lines = try Command.run(capture.arguments + ["--format", "ecs"]).outputLines
      for line in lines { files.append(try directory.file("\(files.count).json", Array(line.utf8))) }
    }
    let hostile = try Command.run(FormatTests.hostile(directory) + ["--format", "ecs"]).outputLines
    #expect(hostile.count == FormatTests.hostileNames.count + 1)
    for line in hostile { files.append(try directory.file("\(files.count).json", Array(line.utf8))) }
    #expect(files.count > 150)
    let schema = "Tests/Schemas/ecs-8.schema.json"
    try Lab.run("schema", [schema] + files)
    // The check must be able to fail, by a name and by a type.
    for (old, new) in [("\"outcome\":", "\"outcomes\":"), ("\"kind\":\"alert\"", "\"kind\":\"leak\"")] {
      let broken = try directory.file("broken.json", Array(String(hostile[0]).replacing(old, with: new).utf8))
      try Lab.run("schema", [schema, broken], status: 1)
    }
  }

  @Test(arguments: CapturedCase.scenarios + CapturedCase.classes)
  func `there is an event for each leak and one for the conclusion, and they add up`(_ capture: CapturedCase) throws {
    let summary = try Command.run(capture.arguments + ["--format", "json"]).summary()
    let events = try Self.events(capture.arguments)
    try #require(events.count == summary.leaks.count + 1)
    let leaks = events.dropLast()
    for (event, leak) in zip(leaks, summary.leaks) {
      #expect(Self.text(event, "event.kind") == "alert" && Self.text(event, "event.code") == leak.reason)
      #expect(Self.text(event, "leakaudit.severity") == leak.severity)
    }
    #expect(leaks.reduce(0) { $0 + (Self.number($1, "leakaudit.frames") ?? 0) } == summary.leak)
    let last = try #require(events.last)
    let outcomes = ["clean": "success", "leaks": "failure", "incomplete": "unknown"]
    #expect(Self.text(last, "event.kind") == "event")
    #expect(Self.text(last, "leakaudit.conclusion") == summary.conclusion)
    #expect(Self.text(last, "event.outcome") == outcomes[summary.conclusion])
  }

  @Test func `a DNS query is told field by field`() throws {
    let capture = try #require(CapturedCase.scenarios.first { $0.name == "captures/malformed-postup" })
    let events = try Self.events(capture.arguments)
    let event = try #require(events.first { Self.text($0, "event.code") == "dns" })
    for (name, text) in [
      ("@timestamp", "2026-11-23T23:59:54.674011Z"), ("source.ip", "172.18.0.2"), ("destination.ip", "198.51.100.53"),
      ("network.transport", "udp"), ("network.iana_number", "17"), ("network.type", "ipv4"),
      ("network.protocol", "dns"), ("dns.question.name", "am.i.mullvad.example"), ("dns.question.type", "A"),
      ("event.reason", "DNS query outside the tunnel"), ("rule.name", "DNS query outside the tunnel"),
    ] { #expect(Self.text(event, name) == text, "\(name)") }
    #expect(Self.number(event, "destination.port") == 53 && Self.number(event, "event.severity") == 4)
    #expect(Self.value(event, "event.category") as? [String] == ["network", "intrusion_detection"])
    #expect(Self.value(event, "related.ip") as? [String] == ["172.18.0.2", "198.51.100.53"])
    #expect(Self.value(event, "related.hosts") as? [String] == ["am.i.mullvad.example"])
  }

  @Test func `an audit without frames has its conclusion with a time`() throws {
    let directory = try TemporaryDirectory()
    var file = PcapngFile()
    file.section()
    file.interface(.raw, name: "eth0")
    let path = try directory.file("nothing.pcapng", file.bytes)
    let events = try Self.events(["replay", path, "--endpoint", "203.0.113.178:51820"])
    #expect(events.count == 1 && Self.text(events[0], "event.outcome") == "unknown")
    #expect(Self.text(events[0], "@timestamp")?.hasSuffix("Z") == true)
    #expect(Self.value(events[0], "leakaudit.incomplete") != nil)
  }
}
