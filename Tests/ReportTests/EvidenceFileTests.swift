import Foundation
import Policy
import Report
import Savefile
import TestNeeds
import TestSupport
import Testing
import Wire

@Suite struct EvidenceFileTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test func `its name is its time, with a number if that is taken`() throws {
    let names = try (1...3).map { _ in try EvidenceFile(in: directory.path).outcome.path }
    let stem = "\(directory.path)/leakaudit-20251124T231001Z"
    #expect(names == ["\(stem).pcapng", "\(stem)-2.pcapng", "\(stem)-3.pcapng"])
    let attributes = try FileManager.default.attributesOfItem(atPath: names[0])
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func `a missing directory is an error in one line`() {
    #expect {
      _ = try EvidenceFile(in: "\(directory.path)/absent\u{1B}[2J")
    } throws: { error in
      "\(error)" == "\(directory.path)/absent\\u{1b}[2J: evidence cannot be written there: No such file or directory; "
        + "name a directory that exists and that you may write to"
    }
  }

  @Test func `an audit without leaks leaves an empty savefile`() throws {
    var file = try EvidenceFile(in: directory.path)
    file.finish(at: EvidenceFile.sampleTime)
    let replay = EvidenceReplay(file.outcome.path)
    #expect(replay.error == nil)
    #expect(replay.records.isEmpty)
    #expect(file.outcome.isComplete)
    #expect(file.outcome.lines == ["\(file.outcome.path): 0 frames, 52 B"])
  }

  @Test func `frames of any number of interfaces are read back as they were`() throws {
    var file = try EvidenceFile(in: directory.path)
    var records = (0..<200).map { EvidenceRecord.sample($0, on: ["eth0", "br-stack", "wlan0"][$0 % 3]) }
    for index in stride(from: 0, to: 200, by: 7) { records[index].linkType = .raw }
    for index in stride(from: 0, to: 200, by: 11) { records[index].snapLength = 4096 }
    for record in records { file.write(record) }
    let counts = CaptureCounts(received: 200, interfaceDrops: 2, systemDrops: 3, delivered: 195)
    file.finish(
      [.init(interfaceName: "wlan0", counts: counts), .init(interfaceName: "none", counts: counts)],
      at: EvidenceFile.sampleTime)
    let replay = EvidenceReplay(file.outcome.path)
    #expect(replay.error == nil)
    #expect(replay.records.count == 200)
    #expect(zip(replay.records, records).allSatisfy { $0.isSame(as: $1) })
    // Three names, each with two link types and two snap lengths.
    #expect(replay.interfaces.count == 12)
    #expect(replay.interfaces.filter { $0.name == "wlan0" }.map(\.drops).sorted() == [0, 0, 0, 5])
    #expect(replay.interfaces.filter { $0.name != "wlan0" }.allSatisfy { $0.drops == 0 })
    #expect(file.outcome.framesWritten == 200)
    #expect(file.outcome.bytes == size(file.outcome.path))
    #expect(file.outcome.isComplete)
  }

  @Test(arguments: [0, 1, 5])
  func `no more frames than the bound are written, and the oldest are kept`(limit: Int) throws {
    var file = try EvidenceFile(in: directory.path, bounds: EvidenceBounds(frames: limit))
    for number in 0..<12 { file.write(.sample(number)) }
    file.finish(at: EvidenceFile.sampleTime)
    let replay = EvidenceReplay(file.outcome.path)
    #expect(replay.error == nil)
    #expect(replay.records.count == limit)
    #expect(replay.records.enumerated().allSatisfy { $1.isSame(as: .sample($0)) })
    #expect(file.outcome.refused == 12 - limit)
    #expect(file.outcome.bound == .frames(limit))
    #expect(!file.outcome.isComplete)
    #expect(
      file.outcome.lines.last
        == "\(file.outcome.path): the bound of \(limit) frame\(limit == 1 ? "" : "s") was reached; "
        + "\(12 - limit) later frames not kept")
  }

  @Test func `frames of mild leaks leave room for those of worse ones`() throws {
    var file = try EvidenceFile(in: directory.path, bounds: EvidenceBounds(frames: 50))
    func write(_ count: Int, _ severity: Severity) {
      for number in 0..<count {
        var record = EvidenceRecord.sample(number)
        record.severity = severity
        file.write(record)
      }
    }
    write(500, .info)
    #expect(file.outcome.framesWritten == 10)
    write(3, .low)
    #expect(file.outcome.framesWritten == 13)
    write(100, .high)
    #expect(file.outcome.framesWritten == 40)
    write(1, .medium)
    write(12, .critical)
    file.finish(at: EvidenceFile.sampleTime)
    #expect(EvidenceReplay(file.outcome.path).records.count == 50)
    #expect(
      file.outcome.lines.last
        == "\(file.outcome.path): the bound of 50 frames was reached; 566 later frames not kept "
        + "(2 critical, 73 high, 1 medium, 490 info)")
  }

  @Test func `the bytes of mild frames leave room too`() throws {
    var file = try EvidenceFile(in: directory.path, bounds: EvidenceBounds(bytes: 20_000))
    for number in 0..<100 {
      var record = EvidenceRecord.sample(number, length: 1000)
      record.severity = .info
      file.write(record)
    }
    #expect(file.outcome.bytes <= 4000 && file.outcome.framesWritten == 3)
    #expect(file.outcome.lines[1].contains("the share of info and below in the bound of"))
    for number in 0..<12 { file.write(.sample(number, length: 1000)) }
    #expect(file.outcome.framesWritten == 15)
    #expect(file.outcome.refusals[.critical] == 0)
  }

  @Test func `as many frames as the bound allows are not too many`() throws {
    var file = try EvidenceFile(in: directory.path, bounds: EvidenceBounds(frames: 3))
    for number in 0..<3 { file.write(.sample(number)) }
    #expect(file.outcome.bound == nil)
    #expect(file.outcome.isComplete)
  }

  @Test func `the file never grows beyond its bound, statistics included`() throws {
    var generator = SeededGenerator()
    for _ in 0..<40 {
      let limit = Int.random(in: 200...9000, using: &generator)
      var file = try EvidenceFile(in: directory.path, bounds: EvidenceBounds(bytes: limit))
      let records = (0..<40).map { EvidenceRecord.sample($0, on: "eth\(generator.next() % 4)") }
      for record in records { file.write(record) }
      let counts = CaptureCounts(received: 1, interfaceDrops: 0, systemDrops: 0, delivered: 1)
      file.finish((0..<4).map { .init(interfaceName: "eth\($0)", counts: counts) }, at: EvidenceFile.sampleTime)
      let (outcome, replay) = (file.outcome, EvidenceReplay(file.outcome.path))
      #expect(size(outcome.path) <= limit, "seed \(generator.seed)")
      #expect(outcome.bytes == size(outcome.path), "seed \(generator.seed)")
      #expect(replay.error == nil, "seed \(generator.seed)")
      #expect(outcome.bound == .bytes(limit), "seed \(generator.seed)")
      #expect(replay.records.count == outcome.framesWritten, "seed \(generator.seed)")
      #expect(zip(replay.records, records).allSatisfy { $0.isSame(as: $1) }, "seed \(generator.seed)")
      #expect(outcome.framesWritten + outcome.refused == 40, "seed \(generator.seed)")
      // What described interfaces have room for is there.
      #expect(replay.interfaces.allSatisfy { $0.received == 1 }, "seed \(generator.seed)")
    }
  }

  @Test func `after the first refused frame no smaller one is kept`() throws {
    var file = try EvidenceFile(in: directory.path, bounds: EvidenceBounds(bytes: 1000))
    for (number, length) in [100, 2000, 60].enumerated() { file.write(.sample(number, length: length)) }
    #expect(EvidenceReplay(file.outcome.path).records.count == 1)
    #expect(file.outcome.refused == 2)
  }

  @Test(.needs(.tshark)) func `hostile text in a comment stays text on one line`() throws {
    var file = try EvidenceFile(in: directory.path)
    let hostile = [
      "leak dns: a\u{1B}]0;owned\u{7}.example", "line\nleak none\r\nforged", "\u{202E}txt.exe", "zero\0hidden",
      "\"; rm -rf / #<script>&amp;%n", String(repeating: "🔓", count: 5000),
    ]
    for (number, comment) in hostile.enumerated() { file.write(.sample(number, comment: comment)) }
    let run = try ProgramRun("tshark", ["-n", "-r", file.outcome.path, "-T", "fields", "-e", "frame.comment"])
    #expect(run.status == 0)
    #expect(
      run.lines == [
        "leak dns: a\\u{1b}]0;owned\\u{7}.example", "line\\u{a}leak none\\u{d}\\u{a}forged", "\\u{202e}txt.exe",
        "zero\\u{0}hidden", "\"; rm -rf / #<script>&amp;%n", String(repeating: "🔓", count: 1023) + "…",
      ])
  }

  @Test(.needs(.tshark)) func `capinfos counts what the outcome says`() throws {
    var file = try EvidenceFile(in: directory.path)
    for number in 0..<25 { file.write(.sample(number, on: "eth\(number % 2)", comment: "leak")) }
    file.finish([.init(interfaceName: "eth0", counts: CaptureCounts(received: 13))], at: EvidenceFile.sampleTime)
    let run = try ProgramRun("capinfos", ["-M", "-T", "-r", "-c", "-s", file.outcome.path])
    #expect(run.status == 0)
    #expect(run.lines == ["\(file.outcome.path)\t25\t\(file.outcome.bytes)"])
  }

  private func size(_ path: String) -> Int {
    (try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int) ?? -1
  }
}
