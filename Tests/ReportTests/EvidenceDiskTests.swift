import Foundation
import Report
import Savefile
import TestNeeds
import TestSupport
import Testing
import Wire

/// Evidence when the disk is full, and when the process ends at the worst moment.
@Suite(.timeLimit(.minutes(10))) struct EvidenceDiskTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  @Test(.needs(.root))
  func `on a full disk the file stays readable, losses are counted, and writing resumes`() throws {
    let disk = try SmallDisk(directory, kilobytes: 64)
    let ballast = "\(disk.path)/ballast"
    try Data(count: 30_000).write(to: URL(filePath: ballast))

    var file = try EvidenceFile(in: disk.path, retryInterval: 5_000_000)
    let path = file.outcome.path
    var written: [Int] = []
    var number = 0
    func write(_ count: Int) {
      for _ in 0..<count {
        let before = file.outcome.framesWritten
        file.write(.sample(number, length: 1000))
        if file.outcome.framesWritten > before { written.append(number) }
        number += 1
      }
    }
    write(100)
    let whenFull = file.outcome
    #expect(whenFull.lost > 50)
    #expect(whenFull.framesWritten + whenFull.lost == 100)
    #expect(whenFull.firstError == "No space left on device")
    #expect(whenFull.bound == nil)
    #expect(
      whenFull.lines.last == "\(path): \(whenFull.lost) frames could not be written: No space left on device")
    expect(path, holds: written)

    try FileManager.default.removeItem(atPath: ballast)
    write(20)
    file.finish(at: EvidenceFile.sampleTime)
    #expect(file.outcome.framesWritten > whenFull.framesWritten + 10)
    #expect(file.outcome.framesWritten + file.outcome.lost == 120)
    expect(path, holds: written)
  }

  @Test(.needs(.root)) func `without any room no file is left`() throws {
    let disk = try SmallDisk(directory, kilobytes: 16)
    let ballast = try ProgramRun("dd", ["if=/dev/zero", "of=\(disk.path)/ballast", "bs=1k"])
    #expect(ballast.status != 0)
    #expect { _ = try EvidenceFile(in: disk.path) } throws: { "\($0)".contains("No space left on device") }
    #expect(try FileManager.default.contentsOfDirectory(atPath: disk.path) == ["ballast"])
  }

  @Test(.needs(.root)) func `after an error the next attempt waits, but not for a clock that was set back`() throws {
    let disk = try SmallDisk(directory, kilobytes: 32)
    var file = try EvidenceFile(in: disk.path, retryInterval: 1_000_000_000)
    // Too large for the disk; then small ones, which would fit.
    file.write(.sample(0, length: 60_000))
    file.write(.sample(999, length: 100))
    #expect(file.outcome.lost == 2)
    file.write(.sample(1000, length: 100))
    #expect(file.outcome.framesWritten == 1)
    file.write(.sample(2000, length: 60_000))
    file.write(.sample(1999, length: 100))
    #expect(file.outcome.framesWritten == 2)
    #expect(file.outcome.lost == 3)
    expect(file.outcome.path, holds: [1000, 1999])
  }

  /// Each child writes as fast as it can and is killed at a random moment.
  @Test func `a killed process loses at most the frame that it was writing`() async throws {
    var framesRead = 0
    for _ in 0..<5 {
      let home = try TemporaryDirectory()
      await #expect(processExitsWith: .signal(SIGKILL)) { [path = home.path as String] in
        var file = try EvidenceFile(in: path)
        let delay = UInt32.random(in: 1...30_000)
        Thread.detachNewThread {
          usleep(delay)
          kill(getpid(), SIGKILL)
        }
        for number in 0... { file.write(.sample(number)) }
      }
      let name = try #require(home.names.first)
      let replay = EvidenceReplay("\(home.path)/\(name)")
      #expect(replay.error == nil || replay.isCut)
      #expect(replay.records.enumerated().allSatisfy { $1.isSame(as: .sample($0)) })
      framesRead += replay.records.count
    }
    #expect(framesRead > 0)
  }

  @Test(.needs(.tshark)) func `a file cut anywhere in its last block is read up to there`() throws {
    var file = try EvidenceFile(in: directory.path)
    for number in 0..<3 { file.write(.sample(number, comment: "leak \(number)")) }
    let start = file.outcome.bytes
    file.write(.sample(3, comment: "the last"))
    let bytes = Array(try Data(contentsOf: URL(filePath: file.outcome.path)))
    #expect(bytes.count == file.outcome.bytes)
    for length in start...bytes.count {
      let replay = EvidenceReplay(bytes: Array(bytes[..<length]))
      #expect(replay.records.count == (length == bytes.count ? 4 : 3), "cut at \(length)")
      #expect(replay.error == nil ? length == start || length == bytes.count : replay.isCut, "cut at \(length)")
    }
    for length in [
      start, start + 1, start + 8, start + 30, (start + bytes.count) / 2, bytes.count - 4, bytes.count - 1,
    ] {
      let path = "\(directory.path)/cut-\(length)"
      try Data(bytes[..<length]).write(to: URL(filePath: path))
      let run = try ProgramRun("tshark", ["-n", "-r", path, "-T", "fields", "-e", "frame.comment"])
      #expect(run.lines == ["leak 0", "leak 1", "leak 2"], "cut at \(length)")
    }
  }

  private func expect(_ path: String, holds numbers: [Int], location: SourceLocation = #_sourceLocation) {
    let replay = EvidenceReplay(path)
    #expect(replay.error == nil, sourceLocation: location)
    #expect(
      replay.records.map(\.timestamp) == numbers.map { EvidenceRecord.sample($0).timestamp }, sourceLocation: location)
    let isWhole = zip(replay.records, numbers).allSatisfy {
      $0.isSame(as: .sample($1, length: $0.bytes.count))
    }
    #expect(isWhole, sourceLocation: location)
  }
}

/// A file system of fixed size, in memory, mounted in a directory and removed with this value.
private final class SmallDisk {
  let path: String

  /// Needs root.
  init(_ directory: TemporaryDirectory, kilobytes: Int) throws {
    path = "\(directory.path)/disk"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let mount = try ProgramRun("mount", ["-t", "tmpfs", "-o", "size=\(kilobytes)k", "leakaudit-test", path])
    try #require(mount.status == 0, "a tmpfs cannot be mounted on \(path)")
  }

  deinit { _ = try? ProgramRun("umount", ["-l", path]) }
}
