import Foundation
import TestNeeds
import TestSupport
import Testing

/// Failures beside the audit, in the lab: the alert still goes out, and the summary stays honest.
@Suite(.serialized, .needs(.root, .lab, .tshark, .minutes)) struct WatchFaultTests {
  private static func watch(_ name: String) throws -> Watched {
    let directory = try TemporaryDirectory()
    let arguments = [Command.binary.path, directory.url.path, name]
    try Lab.run("watch", arguments, limit: .seconds(60))
    return try Watched(name, in: directory)
  }

  private static func lines(_ path: String, after beginning: String = "") throws -> [Watched.Alert] {
    let whole = try String(contentsOfFile: path, encoding: .utf8)
    #expect(whole.isEmpty || whole.hasSuffix("\n"))
    #expect(whole.hasPrefix(beginning))
    let text = whole.dropFirst(beginning.count)
    return try text.split(separator: "\n").filter { $0.contains(#""schema":"leakaudit.alert/1""#) }
      .map { try JSONDecoder().decode(Watched.Alert.self, from: Data($0.utf8)) }
  }

  @Test func `SIGKILL loses at most what was being written`() throws {
    let watched = try Self.watch("killed")
    #expect(watched.status == 128 + 9)
    let alerts = try Self.lines(watched.directory.path("killed.alerts.ndjson"))
    #expect(alerts.map(\.reason).starts(with: ["dns", "icmp"]))
    let evidence = try #require(try watched.evidence())
    let replay = try Command.run([
      "replay", evidence, "--wg-config", watched.directory.path("killed.wg0.conf"), "--format", "json", "--role",
      "br-stack=bridge", "--role", "eth0=nic",
    ])
    #expect(replay.status == 1)
    #expect(try replay.summary().leaks("dns") == 2)
  }

  @Test func `a webhook that never answers delays nothing, and undelivered alerts are reported`() throws {
    let watched = try Self.watch("silent-webhook")
    #expect(watched.status == 1)
    let alerts = try watched.alerts()
    #expect(Set(alerts.map(\.alert.reason)) == ["dns", "icmp"])
    #expect(alerts.filter { $0.alert.kind == "leak" }.allSatisfy { $0.read - $0.alert.packetTime < 1 })
    let path = watched.directory.path("silent-webhook.alerts.ndjson")
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    let file = try Self.lines(path, after: "half a line\n")
    #expect(file.map(\.reason) == alerts.map(\.alert.reason))
    // Whoever got the leak's alert also learns that the watch ended, and its result.
    let last = try #require(String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").last)
    let end = try JSONDecoder().decode(Watched.Notice.self, from: Data(last.utf8))
    #expect((end.kind, end.severity) == ("ended", "low"))
    #expect(end.text.hasPrefix("The watch ended. LEAKS: "))
    #expect(try watched.notices().allSatisfy { $0.kind != "ended" }, "the summary is there")
    let summary = try watched.summary()
    let notice = try #require(summary.notices.first { $0.kind == "undelivered-alerts" })
    #expect(notice.text.contains("webhook http://127.0.0.1") && notice.text.contains("not delivered"))
    #expect(!notice.text.contains("secret"))
  }

  @Test func `redacted output shows no address and no name, and its evidence gives the same verdicts`() throws {
    let watched = try Self.watch("redacted")
    #expect(watched.status == 1)
    let evidence = try #require(try watched.evidence())
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: evidence)))
    let outputs =
      watched.lines.map(\.text) + [
        try String(contentsOfFile: watched.directory.path("redacted.alerts.ndjson"), encoding: .utf8),
        String(decoding: bytes, as: UTF8.self),
      ]
    for output in outputs {
      #expect(!output.contains("198.51.100.") && !output.contains("203.0.113.") && !output.contains("mullvad"))
    }
    #expect(bytes.ranges(of: [198, 51, 100]).isEmpty && bytes.ranges(of: [203, 0, 113]).isEmpty)
    // The file states how to audit it again.
    let comment = try #require(String(decoding: bytes, as: UTF8.self).firstMatch(of: /audit it again with ([ -~]*)/))
    let replay = try Command.run(
      ["replay", evidence] + comment.1.split(separator: " ").map(String.init)
        + ["--role", "br-stack=bridge", "--role", "eth0=nic", "--format", "json"])
    #expect(replay.status == 1, "\(replay.errors)")
    let (before, after) = (try watched.summary(), try replay.summary())
    #expect(after.leaks("dns") == before.leaks("dns") && after.leaks("icmp") == before.leaks("icmp"))
    #expect(after.leak == before.leak)
  }

  @Test func `a full disk costs evidence and the file's alerts, and nothing else`() throws {
    let watched = try Self.watch("disk-full")
    #expect(watched.status == 1)
    #expect(Set(try watched.alerts().map(\.alert.reason)) == ["dns", "icmp"])
    let summary = try watched.summary()
    summary.expectToAddUp()
    #expect(summary.leaks("dns") == 2)
    #expect(summary.leaks("icmp") == 2 * (2 + 6))
    #expect(summary.notices.contains { $0.kind == "evidence" && $0.text.contains("could not be written") })
    #expect(summary.notices.contains { $0.kind == "undelivered-alerts" && $0.text.contains("alert file") })
  }
}
