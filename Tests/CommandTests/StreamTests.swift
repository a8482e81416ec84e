import Foundation
import TestSupport
import Testing
import Wire

/// Captures that are still being written, and outputs that are not read to the end.
@Suite(.serialized) struct StreamTests {
  private static let policy = ["--wg-config", "captures/formats/wg0.conf"]
  private static let file = PcapFile(linkType: .ethernet)
  private static let frames = StandardMix.ethernetIPv4

  private static func makeFIFO(_ directory: TemporaryDirectory) throws -> String {
    let path = directory.path("fifo")
    #expect(try Command.shell("mkfifo '\(path)'").status == 0)
    return path
  }

  @Test func `a FIFO's frames are reported while its writer is still there`() throws {
    let directory = try TemporaryDirectory()
    let fifo = try Self.makeFIFO(directory)
    let command = try RunningCommand(Command.binary, ["replay", fifo, "--per-frame"] + Self.policy)
    let writer = try #require(FileHandle(forWritingAtPath: fifo))
    try writer.write(contentsOf: Data(Self.file.header))
    for (index, frame) in Self.frames.enumerated() {
      let record = Self.file.record(frame)
      // In two pieces: a pipe does not keep records together.
      try writer.write(contentsOf: Data(record.prefix(20)))
      try writer.write(contentsOf: Data(record.dropFirst(20)))
      #expect(command.waits { $0.contains("{\"frame\":\(index + 1),") })
    }
    #expect(command.isRunning)
    #expect(!command.output.contains("summary"))
    try writer.close()
    let result = try command.wait()
    #expect(result.status == 1)
    #expect(try result.summary().frames == Self.frames.count)
    #expect(result.errors.isEmpty)
  }

  @Test(arguments: ["cat", "head -c 2000 | cat"])
  func `standard input is a capture like any other`(program: String) throws {
    let capture = "captures/formats/ethernet-plain.pcap"
    let pipe = program == "cat" ? "cat \(capture)" : "cat \(capture) | \(program)"
    let piped = try Command.shell(
      "\(pipe) | \"$leakaudit\" replay - --format json --wg-config captures/formats/wg0.conf")
    let direct = try Command.run(["replay", capture, "--format", "json"] + Self.policy)
    #expect(piped.status == 1)
    #expect(piped.output == direct.output.replacing("ethernet-plain.pcap", with: "stdin"))
  }

  @Test func `a growing file is followed until a signal`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("growing.pcap", Self.file.header)
    let command = try RunningCommand(Command.binary, ["replay", path, "--follow", "--per-frame"] + Self.policy)
    let writer = try #require(FileHandle(forWritingAtPath: path))
    try writer.seekToEnd()
    for (index, frame) in Self.frames.enumerated() {
      try writer.write(contentsOf: Data(Self.file.record(frame)))
      #expect(command.waits { $0.contains("{\"frame\":\(index + 1),") })
    }
    #expect(command.isRunning)
    command.interrupt()
    let result = try command.wait()
    let summary = try result.summary()
    summary.expectToAddUp()
    #expect(!result.endedBySignal)
    #expect(result.status == 1)
    #expect(summary.frames == Self.frames.count)
    #expect(summary.notices.contains { $0.kind == "ended-by-signal" })
  }

  @Test(arguments: [(5, 0 as Int32), (8, 1), (0, 3)])
  func `SIGINT on a stream ends with the whole summary`(count: Int, status: Int32) throws {
    let directory = try TemporaryDirectory()
    let fifo = try Self.makeFIFO(directory)
    let command = try RunningCommand(Command.binary, ["replay", fifo, "--per-frame"] + Self.policy)
    let writer = try #require(FileHandle(forWritingAtPath: fifo))
    try writer.write(contentsOf: Data(Self.file.header))
    for frame in Self.frames.prefix(count) { try writer.write(contentsOf: Data(Self.file.record(frame))) }
    if count > 0 {
      #expect(command.waits { $0.contains("{\"frame\":\(count),") })
    } else {
      Thread.sleep(forTimeInterval: 0.3)
    }
    command.interrupt()
    let result = try command.wait()
    try writer.close()
    #expect(!result.endedBySignal)
    #expect(result.status == status)
    let summary = try result.summary()
    summary.expectToAddUp()
    #expect(summary.frames == count)
    #expect(result.errors.isEmpty)
  }

  @Test func `a closed output is reported and never clean`() throws {
    let directory = try TemporaryDirectory()
    let clean = try directory.file("clean.pcap", DamagedInputTests.pcap)
    let many = (0..<3000).flatMap { _ in Self.frames.prefix(5).flatMap(Self.file.record) }
    let large = try directory.file("large.pcap", Self.file.header + many)
    let rest = "--wg-config captures/formats/wg0.conf"
    for line in [
      "\"$leakaudit\" replay \(clean) \(rest) >&-",
      "\"$leakaudit\" replay \(clean) \(rest) >/dev/full",
      "\"$leakaudit\" replay \(clean) \(rest) --per-frame >/dev/full",
      // More than a pipe holds, so that the program notices the closed end. The status bypasses the pipe.
      "exec 3>&1; { \"$leakaudit\" replay \(large) \(rest) --per-frame 3>&-; echo $? >&3; } | head -1 >/dev/null",
    ] {
      let result = try Command.shell(line)
      let status = line.hasPrefix("exec") ? Int32(result.output.filter(\.isNumber)) : result.status
      #expect(status == 74, "\(line)")
      #expect(result.errorLines.count == 1, "\(result.errors)")
      #expect(result.errors.contains("standard output: "), "\(result.errors)")
    }
    // A leak is still a leak.
    let leaking = try Command.shell("\"$leakaudit\" replay captures/formats/ethernet-plain.pcap \(rest) >/dev/full")
    #expect(leaking.status == 1)
  }

  @Test func `standard error may be closed too`() throws {
    let result = try Command.shell(
      "\"$leakaudit\" replay captures/formats/odd-cut-last-record.pcap --wg-config captures/formats/wg0.conf 2>&-")
    #expect(result.status == 1)
    #expect(result.output.hasPrefix("LEAKS"))
  }

  @Test func `no colour and no progress without a terminal`() throws {
    let result = try Command.run(["replay", "captures/healthy.nic.pcap", "captures/healthy.bridge.pcap"])
    #expect(result.errors.isEmpty)
    #expect(!result.output.contains("\u{1B}"))
  }
}
