import Foundation
import TestNeeds
import TestSupport
import Testing
import Wire

/// `replay --evidence`: the leaking frames alone, as a capture of their own.
@Suite struct ReplayEvidenceTests {
  private static let captures = ["bridge", "nic"].map { "captures/malformed-postup.\($0).pcap" }
  private static let roles = ["bridge", "nic"].flatMap { ["--role", "malformed-postup.\($0).pcap=\($0)"] }
  private static let policy = ["--compose", "Examples/report/compose.yaml"]

  @Test func `the evidence holds the leaking frames, and its replay gives the same verdict`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.url.appending(path: "evidence.pcapng").path
    let first = try Command.run(
      ["replay", "--format", "json", "--evidence", path] + Self.captures + Self.roles + Self.policy)
    let again = try Command.run(["replay", path, "--format", "json"] + Self.roles + Self.policy)
    #expect([first.status, again.status] == [1, 1])
    let (whole, kept) = try (first.summary(), again.summary())
    #expect(kept.frames == whole.leak)
    #expect(kept.leak == whole.leak)
    #expect(kept.leakPackets == 3)
    // An existing file is someone's evidence.
    let third = try Command.run(["replay", "--evidence", path] + Self.captures)
    #expect(third.status == 77)
    #expect(third.errors.contains("never overwritten"))
  }

  @Test(.needs(.tshark)) func `tshark reads the evidence, with a comment on each frame`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.url.appending(path: "evidence.pcapng").path
    _ = try Command.run(["replay", "--evidence", path] + Self.captures + Self.roles + Self.policy)
    let tshark = try RunningCommand(
      URL(filePath: "/usr/bin/env"), ["tshark", "-r", path, "-T", "fields", "-e", "ip.dst", "-e", "frame.comment"]
    ).wait()
    #expect(tshark.outputLines.count == 6)
    #expect(tshark.outputLines.allSatisfy { $0.contains("leakaudit: leak ") })
    #expect(tshark.outputLines.count { $0.hasPrefix("198.51.100.53\t") } == 2)
  }

  @Test func `redacted evidence has no public address`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.url.appending(path: "evidence.pcapng").path
    let result = try Command.run(
      ["replay", "--evidence", path, "--redact"] + Self.captures + Self.roles + Self.policy)
    #expect(result.status == 1)
    #expect(!result.output.contains(directory.url.path))
    let bytes = try Data(contentsOf: URL(filePath: path))
    #expect(bytes.range(of: Data([198, 51, 100, 53])) == nil)
    #expect(bytes.range(of: Data("mullvad".utf8)) == nil)
    #expect(bytes.range(of: Data("redacted".utf8)) != nil)
  }

  @Test func `the page shows each leak's first frame, of the audit's own evidence and of a saved summary`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.url.appending(path: "evidence.pcapng").path
    let arguments = ["replay"] + Self.captures + Self.roles + Self.policy
    let audit = try Command.run(arguments + ["--evidence", path, "--format", "html"])
    let saved = try Command.run(arguments + ["--format", "json"])
    let summary = try directory.file("summary.json", Array(saved.output.utf8))
    func report(_ more: String...) throws -> Command.Result {
      try Command.run(["report", summary, "--format", "html", "--evidence"] + more)
    }
    let shown = "IPv4 172.18.0.2 -&gt; 198.51.100.53, udp"
    for page in [audit, try report(path), try report(Self.captures[0])] {
      #expect(page.status == 1)
      #expect(page.output.ranges(of: "<details class=\"frame\">").count == 2)
      #expect(page.output.contains(shown) && page.output.contains("vad.exam"))
      #expect(page.output.contains("ac 12 00 02 c6 33"))
    }
    let redacted = try report(path, "--redact").output
    #expect(redacted.ranges(of: "<details class=\"frame\">").count == 2)
    #expect(!redacted.contains("mullvad") && !redacted.contains(shown) && !redacted.contains("ac 12 00 02 c6 33"))
    // The frames of another audit are nobody's.
    #expect(try !report("captures/healthy.nic.pcap").output.contains("class=\"frame\""))
    #expect(try report("README.md").status == 65)
    #expect(try report(directory.url.appending(path: "none").path).status == 66)
    #expect(try Command.run(["report", summary, "--evidence", path]).status == 64)
  }

  @Test func `many leaks and hostile bytes leave the page bounded and its text text`() throws {
    let directory = try TemporaryDirectory()
    var file = PcapngFile()
    file.section()
    file.interface(.raw, name: "eth0")
    let hostile = Array("</pre><script>boom()</script>\u{202E}".utf8) + [UInt8](repeating: 0x3C, count: 1000)
    for number in 0..<8300 {
      file.enhanced(
        SampleFrame(
          udpPacket("172.18.0.2:4000", "198.\(51 + number / 62500).\(number / 250).\(number % 250 + 1):443", hostile),
          time: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(number) * 1_000_000)))
    }
    let capture = try directory.file("many.pcapng", file.bytes)
    let result = try Command.run([
      "replay", capture, "--endpoint", "203.0.113.178:51820", "--format", "html", "--evidence",
      directory.url.appending(path: "evidence.pcapng").path,
    ])
    #expect(result.status == 1)
    #expect(result.output.ranges(of: "<details class=\"frame\">").count == 200)
    #expect(result.output.utf8.count < 2_000_000)
    #expect(result.output.ranges(of: "<script>").count == 1)
    #expect(result.output.contains("more byte"))
  }

  /// A handshake later in the file proves where earlier packets went: they are no evidence of a leak.
  @Test(.needs(.tshark)) func `the evidence does not hold packets that turn out to be tunnel`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.url.appending(path: "evidence.pcapng").path
    let result = try Command.run(["replay", "captures/healthy.nic.pcap", "--evidence", path])
    #expect(result.status == 0)
    let tshark = try RunningCommand(URL(filePath: "/usr/bin/env"), ["tshark", "-r", path]).wait()
    #expect(tshark.outputLines.isEmpty)
  }

  @Test(arguments: [["--each"], ["--follow"]])
  func `options that read a file only once are refused with --evidence`(options: [String]) throws {
    let result = try Command.run(["replay", "--evidence", "/nonexistent/e.pcapng"] + options + Self.captures)
    #expect(result.status == 64)
  }
}

/// `--role` for an interface that does not exist is a mistake, and the audit is not the intended one.
@Suite struct RoleNameTests {
  private static let capture = "captures/malformed-postup.bridge.pcap"

  @Test(arguments: ["malformed-postup.bridge.pcap", "captures/malformed-postup.bridge.pcap"])
  func `--role names a file by its path or its base name`(name: String) throws {
    let result = try Command.run(["replay", Self.capture, "--format", "json", "--role", "\(name)=bridge"])
    #expect(result.status == 1)
    #expect(try result.summary().interfaces.map(\.role) == ["bridge"])
  }

  @Test func `--role can also name a file with one named interface`() throws {
    let directory = try TemporaryDirectory()
    var file = PcapngFile()
    file.section()
    file.interface(.raw, name: "eth7")
    file.enhanced(SampleFrame(udpPacket("172.18.0.2:4000", "198.51.100.1:443")))
    let path = try directory.file("one.pcapng", file.bytes)
    for name in ["eth7", "one.pcapng", path] {
      let result = try Command.run(["replay", path, "--format", "json", "--role", "\(name)=nic"])
      #expect(try result.summary().interfaces.map(\.role) == ["nic"])
    }
  }

  @Test(arguments: [[], ["--each"]])
  func `a role that matches nothing is refused with the existing names`(options: [String]) throws {
    let result = try Command.run(["replay", Self.capture, "--role", "eht0=nic"] + options)
    #expect(result.status == 64)
    #expect(
      result.errors.contains(
        "--role 'eht0=nic': no interface has this name; there is malformed-postup.bridge.pcap"))
  }

  /// It exists, and was left out on purpose.
  @Test func `a skipped interface keeps its name`() throws {
    let directory = try TemporaryDirectory()
    var file = PcapngFile()
    file.section()
    file.interface(.raw, name: "eth7")
    file.interface(LinkType(rawValue: 195), name: "radio")
    file.enhanced(SampleFrame(udpPacket("172.18.0.2:4000", "198.51.100.1:443")))
    let path = try directory.file("two.pcapng", file.bytes)
    let result = try Command.run([
      "replay", path, "--skip-unsupported", "--role", "eth7=nic", "--role", "radio=bridge",
    ])
    #expect(!result.errors.contains("no interface has this name"), "\(result.errors)")
    #expect(result.status == 1)
  }

  /// The intended one may be the one that cannot be read.
  @Test func `an unreadable file hides nothing of the others`() throws {
    let directory = try TemporaryDirectory()
    let broken = try directory.file("nic.pcap", Array("no capture".utf8))
    let result = try Command.run([
      "replay", "--each", Self.capture, broken, "--role", "nic.pcap=nic", "--format", "json",
    ])
    #expect(result.status == 65)
    #expect(try result.summary().leak == 3)
  }

  /// What was found is not lost, and the result is never clean.
  @Test func `the summary is still printed, and is not clean`() throws {
    let result = try Command.run(
      ["replay", "captures/healthy.nic.pcap", "--format", "json", "--role", "eht0=nic"])
    #expect(result.status == 64)
    let summary = try result.summary()
    #expect(summary.conclusion == "incomplete")
    #expect(summary.tunnel > 0)
  }

  @Test func `the same holds for explain and for a watch that names its interfaces`() throws {
    let explained = try Command.run(["explain", Self.capture, "1", "--role", "eht0=nic"])
    #expect(explained.status == 64)
    let watched = try Command.run(["watch", "-i", "lo", "--role", "eht0=nic"])
    #expect(watched.status == 64)
    #expect(watched.errors.contains("audited are lo"))
  }
}

/// Each reason for an incomplete audit says once what to do.
@Suite struct RemedyTests {
  @Test func `remedies appear in every format for people`() throws {
    let directory = try TemporaryDirectory()
    let cut = try directory.file("cut.pcap", DamagedInputTests.pcap.dropLast(1))
    for format in ["text", "markdown", "junit", "html"] {
      let result = try Command.run(["replay", cut, "--format", format])
      #expect(result.output.ranges(of: "Do: get the whole file").count == 1, "\(format)")
    }
  }

  @Test func `two reasons with the same remedy show it once`() throws {
    let directory = try TemporaryDirectory()
    let cuts = try ["one.pcap", "two.pcap"].map { try directory.file($0, DamagedInputTests.pcap.dropLast(1)) }
    let result = try Command.run(["replay"] + cuts)
    #expect(result.output.ranges(of: "incomplete: ").count == 2)
    #expect(result.output.ranges(of: "Do: ").count == 1)
    // The same holds for merged summaries.
    let saved = try cuts.enumerated().map { number, path in
      let summary = try Command.run(["replay", path, "--format", "json"])
      return try directory.file("\(number).json", Array(summary.output.utf8))
    }
    let merged = try Command.run(["report"] + saved)
    #expect(merged.status == 3)
    #expect(merged.output.ranges(of: "Do: ").count == 1)
  }
}
