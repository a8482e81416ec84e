import Foundation
import TestSupport
import Testing
import Wire

/// "Did I leak then?", asked of saved summaries.
@Suite struct MomentTests {
  /// Summaries in a folder: packets at seconds of one hour, tunnel or leak by their destination.
  private struct Archive {
    let directory: TemporaryDirectory
    let folder: URL

    init() throws {
      directory = try TemporaryDirectory()
      folder = directory.url.appending(path: "year")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    static let start = 1_795_000_000 / 3600 * 3600

    func add(_ name: String, leaks: [Double] = [], local: [Double] = []) throws {
      var file = PcapngFile()
      file.section()
      file.interface(.raw, name: "eth0")
      let packets =
        leaks.map { ($0, udpPacket("172.18.0.2:4000", "198.51.100.1:443")) }
        + local.map { ($0, udpPacket("172.18.0.2:4000", "172.18.0.9:443")) }
      for (second, packet) in packets.sorted(by: { $0.0 < $1.0 }) {
        file.enhanced(
          SampleFrame(
            packet, time: Timestamp(nanoseconds: Int64(Self.start) * 1_000_000_000 + Int64(second * 1e9))))
      }
      let path = try directory.file("\(name).pcapng", file.bytes)
      let result = try Command.run(
        ["replay", path, "--endpoint", "203.0.113.178:51820", "--local", "172.18.0.0/16", "--format", "json"])
      try result.output.write(to: folder.appending(path: "\(name).json"), atomically: true, encoding: .utf8)
    }

    func ask(second: Int, _ options: [String] = []) throws -> Command.Result {
      let time = Date(timeIntervalSince1970: Double(Self.start + second)).ISO8601Format()
      return try Command.run(["report", folder.path, "--at", time] + options)
    }
  }

  @Test func `--at finds the second with a leak`() throws {
    let archive = try Archive()
    try archive.add("one", leaks: [5.25], local: [0.5, 3.5, 9.5])
    try archive.add("two", leaks: [100.5], local: [90, 99.5, 110])
    for (second, status, word) in [
      (3, 0, "CLEAN"), (5, 1, "LEAKS"), (4, 0, "CLEAN"), (100, 1, "LEAKS"), (101, 0, "CLEAN"), (50, 3, "INCOMPLETE"),
      (-1, 3, "INCOMPLETE"), (111, 3, "INCOMPLETE"),
    ] as [(Int, Int32, String)] {
      let result = try archive.ask(second: second)
      #expect(result.status == status, "\(second)")
      #expect(result.output.hasPrefix(word), "\(second): \(result.output)")
    }
    let nobody = try archive.ask(second: 50).output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(nobody.contains("none of the summaries"))
    #expect(nobody.contains("the audit before ended at"))
    #expect(nobody.contains("the next began at"))
    let named = try archive.ask(second: 5).output
    #expect(named.contains("198.51.100.1") && named.contains("one.json") && !named.contains("two.json"))
  }

  /// What does not fail the audit is shown, and does not make the moment a leak.
  @Test func `leaks that are not judged are shown as such`() throws {
    let directory = try TemporaryDirectory()
    let capture = try #require(CapturedCase.all.first { $0.name == "captures/notices/dns-of-the-host" })
    let summary = try Command.run(capture.arguments + ["--format", "json", "--fail-on", "critical"])
    let path = try directory.file("summary.json", Array(summary.output.utf8))
    let object = try JSONSerialization.jsonObject(with: Data(summary.output.utf8)) as? [String: Any]
    let first = try #require(object?["first"] as? String)
    let result = try Command.run(["report", path, "--at", String(first.prefix(19)) + "Z", "--for", "1h"])
    #expect(result.output.contains("dns"))
    #expect(!result.output.hasPrefix("LEAKS"))
    #expect(result.status != 1)
  }

  /// The bridge shows a packet in one second, the NIC in the next: neither second is clean.
  @Test func `a packet at a second's end is in both seconds`() throws {
    let directory = try TemporaryDirectory()
    var file = PcapngFile()
    file.section()
    file.interface(.raw, name: "br0")
    file.interface(.raw, name: "eth0")
    func time(_ second: Double) -> Timestamp {
      Timestamp(nanoseconds: Int64(Archive.start) * 1_000_000_000 + Int64(second * 1e9))
    }
    for (second, interface, source) in [
      (0.5, 0, "172.18.0.2"), (4.9999, 0, "172.18.0.2"), (5.0001, 1, "192.168.1.9"), (9.0, 0, "172.18.0.2"),
    ] {
      let isLeak = (4...6).contains(second)
      let packet = udpPacket("\(source):4000", isLeak ? "198.51.100.1:443" : "172.18.0.9:443")
      file.enhanced(SampleFrame(packet, time: time(second), interface: interface))
    }
    let path = try directory.file("pair.pcapng", file.bytes)
    let summary = try Command.run([
      "replay", path, "--endpoint", "203.0.113.178:51820", "--local", "172.18.0.0/16", "--role", "br0=bridge", "--role",
      "eth0=nic", "--format", "json",
    ])
    #expect(try summary.summary().leakPackets == 1)
    let saved = try directory.file("pair.json", Array(summary.output.utf8))
    for (second, status) in [(3, 0), (4, 1), (5, 1), (6, 0)] as [(Int, Int32)] {
      let at = Date(timeIntervalSince1970: Double(Archive.start + second)).ISO8601Format()
      let result = try Command.run(["report", saved, "--at", at])
      #expect(result.status == status, "\(second): \(result.output)")
    }
  }

  /// A leak's kind is known from its first to its last packet; between them the steps of the traffic decide.
  @Test func `a pause within a leak is not a leak`() throws {
    let archive = try Archive()
    try archive.add("one", leaks: [5, 50], local: [0, 20, 30, 60])
    #expect(try archive.ask(second: 20).status == 0)
    #expect(try archive.ask(second: 50).status == 1)
    #expect(try archive.ask(second: 10, ["--for", "30s"]).status == 0)
    #expect(try archive.ask(second: 10, ["--for", "1h"]).status == 1)
  }

  @Test func `unseen parts of a longer moment are named, and two audits together can cover it`() throws {
    let archive = try Archive()
    try archive.add("one", local: [0, 10])
    try archive.add("two", local: [10, 20])
    #expect(try archive.ask(second: 5, ["--for", "10s"]).status == 0)
    let longer = try archive.ask(second: 5, ["--for", "1m"])
    #expect(longer.status == 3)
    #expect(longer.output.contains("Not seen"))
  }

  @Test func `the answer as JSON, a minute, an offset and local time`() throws {
    let archive = try Archive()
    try archive.add("one", leaks: [61.5], local: [0, 130])
    let json = try archive.ask(second: 61, ["--format", "json"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    #expect(object["schema"] as? String == "leakaudit.moment/1")
    #expect(object["conclusion"] as? String == "leaks")
    #expect((object["seen"] as? [[String: Any]])?.count == 1)
    let minute = Date(timeIntervalSince1970: Double(Archive.start + 60))
    let gmt = String(minute.ISO8601Format().dropLast(4))
    let there = minute.ISO8601Format(.init(timeZone: try #require(TimeZone(secondsFromGMT: 5400))))
    let zoned = String(there.prefix(16)) + "+01:30"
    for (time, zone) in [(gmt + "Z", "UTC"), (zoned, "UTC"), (gmt.replacing("T", with: " "), "UTC")] {
      let result = try Command.shell(
        "TZ=\(zone) \"$leakaudit\" report '\(archive.folder.path)' --at '\(time)'")
      #expect(result.status == 1, "\(time): \(result.output)\(result.errors)")
    }
    // The same local time is another moment elsewhere.
    let elsewhere = try Command.shell(
      "TZ=Asia/Tokyo \"$leakaudit\" report '\(archive.folder.path)' --at '\(gmt.replacing("T", with: " "))'")
    #expect(elsewhere.status == 3)
  }

  @Test(arguments: [
    ["--at", "yesterday"], ["--at", "2026-02-30T00:00:00Z"], ["--at", "2026-11-28T25:00:00Z"], ["--for", "10m"],
    ["--at", "2026-11-28T16:25:48Z", "--for", "0s"], ["--at", "2026-11-28T16:25:48Z", "--for", "10"],
    ["--at", "2026-11-28T16:25:48Z", "--format", "html"],
  ])
  func `an invalid time is refused with an example`(options: [String]) throws {
    let result = try Command.run(["report", "/nonexistent.json"] + options)
    #expect(result.status == 64)
  }

  @Test func `a file that is not a summary is reported, and the others still answer`() throws {
    let archive = try Archive()
    try archive.add("one", local: [0, 10])
    try "{}".write(to: archive.folder.appending(path: "two.json"), atomically: true, encoding: .utf8)
    let result = try archive.ask(second: 5)
    #expect(result.status == 65)
    #expect(result.output.hasPrefix("CLEAN"))
    #expect(result.errors.contains("two.json"))
  }

  @Test func `evidence says which leak it was, and names its frames`() throws {
    let directory = try TemporaryDirectory()
    func capture(_ name: String, _ packets: [(Double, String)]) throws -> String {
      var file = PcapngFile()
      file.section()
      file.interface(.raw, name: "eth0")
      for (second, destination) in packets {
        file.enhanced(
          SampleFrame(
            udpPacket("172.18.0.2:4000", destination),
            time: Timestamp(nanoseconds: Int64(Archive.start) * 1_000_000_000 + Int64(second * 1e9))))
      }
      return try directory.file(name, file.bytes)
    }
    let (one, other) = ("198.51.100.1:443", "198.51.100.2:443")
    let path = try capture(
      "all.pcapng", [(5, one), (6, other), (20.25, other), (20.5, "172.18.0.9:1"), (49, one), (50, other)])
    let evidence = directory.url.appending(path: "leaks.pcapng").path
    let summary = try Command.run([
      "replay", path, "--endpoint", "203.0.113.178:51820", "--local", "172.18.0.0/16", "--format", "json", "--evidence",
      evidence,
    ])
    let saved = try directory.file("all.json", Array(summary.output.utf8))
    func ask(_ second: Int, _ options: [String]) throws -> Command.Result {
      let at = Date(timeIntervalSince1970: Double(Archive.start + second)).ISO8601Format()
      return try Command.run(["report", saved, "--at", at] + options)
    }
    // Both leaks were seen before and after; the summary alone cannot tell which of them had this packet.
    let unsure = try ask(20, [])
    #expect(unsure.status == 1 && unsure.output.contains("one of 2 kinds of leak at least"))
    let sure = try ask(20, ["--evidence", evidence])
    #expect(sure.status == 1)
    #expect(sure.output.contains(": 1 kind of leak "), "\(sure.output)")
    let words = sure.output.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(words.contains("frame 3 of \(evidence) on eth0:") && words.contains("to 198.51.100.2 443"), "\(words)")
    // A folder stands for the files in it.
    let folder = directory.url.appending(path: "evidence")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    try FileManager.default.copyItem(atPath: evidence, toPath: folder.appending(path: "leaks.pcapng").path)
    #expect(try ask(20, ["--evidence", folder.path]).output.contains("frame 3 of"))
    let json = try ask(20, ["--evidence", evidence, "--format", "json"])
    let object = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let seen = try #require((object["seen"] as? [[String: Any]])?.first)
    #expect((seen["evidence"] as? [[String: Any]])?.map { $0["frame"] as? Int } == [3])
    #expect(object["otherEvidence"] as? Int == 0)
    let redacted = try ask(20, ["--evidence", evidence, "--redact"])
    #expect(redacted.status == 1 && redacted.output.contains("frame 3 of leaks.pcapng"))
    #expect(!redacted.output.contains("198.51.100") && !redacted.output.contains(directory.url.path))
    // A second without a packet stays one. A leak that the summaries do not have leaves it open.
    let capture30 = try capture("foreign.pcapng", [(30.5, "198.51.100.7:443")])
    let foreign = directory.url.appending(path: "other.pcapng").path
    _ = try Command.run([
      "replay", capture30, "--endpoint", "203.0.113.178:51820", "--format", "json", "--evidence", foreign,
    ])
    let strange = try ask(30, ["--evidence", foreign])
    #expect(strange.status == 3 && strange.output.contains("INCOMPLETE"), "\(strange.output)")
    #expect(strange.words.contains("1 leaking frame of that time is of no leak in these summaries"))
    // A capture is not evidence: nothing in it says which frames leaked.
    #expect(try ask(20, ["--evidence", path]).status == 65)
    #expect(try ask(30, ["--evidence", evidence]).status == 0)
    #expect(try ask(20, ["--evidence", saved]).status == 65)
    #expect(try ask(20, ["--evidence", "/nonexistent.pcapng"]).status == 66)
  }

  /// A watch keeps the frames before a leak, too: the tunnel's own packets go where a leak to the Endpoint goes.
  @Test func `a frame around a leak proves none`() throws {
    let directory = try TemporaryDirectory()
    func frame(_ second: Double, _ destination: String, _ payload: [UInt8]) -> SampleFrame {
      SampleFrame(
        udpPacket("172.18.0.2:4000", destination, payload),
        time: Timestamp(nanoseconds: Int64(Archive.start) * 1_000_000_000 + Int64(second * 1e9)))
    }
    let endpoint = "203.0.113.178:51820"
    func file(_ frames: [(SampleFrame, String?)]) -> [UInt8] {
      var file = PcapngFile()
      file.section()
      file.interface(.raw, name: "eth0")
      for (frame, comment) in frames {
        file.enhanced(frame, comment.map { [.init(code: 1, value: Array($0.utf8))] } ?? [])
      }
      return file.bytes
    }
    let (clear, other) = (Array("in clear".utf8), "198.51.100.2:443")
    let tunnel = frame(20.25, endpoint, wireGuardData(receiver: 7))
    let capture = try directory.file(
      "all.pcapng",
      file(
        [
          frame(5, endpoint, clear), frame(6, other, clear), tunnel, frame(20.5, other, clear),
          frame(49, endpoint, clear), frame(50, other, clear),
        ].map { ($0, nil) }))
    let summary = try Command.run(["replay", capture, "--endpoint", endpoint, "--format", "json"])
    #expect(try Set(summary.summary().leaks.map(\.reason)).contains("not-wireguard"))
    let saved = try directory.file("all.json", Array(summary.output.utf8))
    let at = Date(timeIntervalSince1970: Double(Archive.start + 20)).ISO8601Format()
    func answer(_ comment: String) throws -> Command.Result {
      let evidence = try directory.file("evidence.pcapng", file([(tunnel, comment)]))
      return try Command.run(["report", saved, "--at", at, "--evidence", evidence])
    }
    let around = try answer("leakaudit: context, cut to its first bytes")
    #expect(around.status == 1 && around.output.contains("one of 2 kinds of leak at least"), "\(around.output)")
    #expect(!around.output.contains("frame 1 of"))
    // The same frame, if the file called it a leak.
    #expect(try answer("leakaudit: leak not-wireguard (high): x").output.contains("frame 1 of"))
    // A reason that there is not.
    #expect(try !answer("leakaudit: leak nothing (high): x").output.contains("frame 1 of"))
  }
}
