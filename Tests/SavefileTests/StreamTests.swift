import Foundation
import Savefile
import TestSupport
import Testing

/// Streams that block, in their own threads: never on the tests' pool.
@Suite(.serialized, .timeLimit(.minutes(10))) struct StreamTests {
  @Test(arguments: [1, 7, 100])
  func `reads a FIFO in pieces of any size`(pieces: Int) async throws {
    let directory = try TemporaryDirectory()
    let path = try makeFIFO(directory)
    let bytes = Samples.pcapng.bytes
    let replay = Task.detached { SavefileTests.replay(path) }
    try await Task.sleep(for: .milliseconds(20))
    let writer = try #require(FileHandle(forWritingAtPath: path))
    for start in stride(from: 0, to: bytes.count, by: pieces) {
      try writer.write(contentsOf: bytes[start..<min(start + pieces, bytes.count)])
    }
    try writer.close()
    #expect(await replay.value == Replay(bytes))
  }

  @Test func `a stop ends a pipe without a writer`() async throws {
    let directory = try TemporaryDirectory()
    let path = try makeFIFO(directory)
    let stop = StopFlag()
    let replay = Task.detached { Replay(try! ByteStream(path: path, stop: stop)) }
    try await Task.sleep(for: .milliseconds(150))
    stop.request()
    #expect(await replay.value.error?.kind == .noCapture(.empty))
  }

  @Test func `a stop between records ends a pipe cleanly, and one inside a record is a cut`() async throws {
    for (extra, error) in [([], nil), ([1, 2, 3], .cut(needed: 16, available: 3))]
      as [([UInt8], SavefileError.Kind?)]
    {
      let directory = try TemporaryDirectory()
      let path = try makeFIFO(directory)
      let stop = StopFlag()
      let task = Task.detached { Replay(try! ByteStream(path: path, stop: stop)) }
      let writer = try #require(FileHandle(forUpdatingAtPath: path))
      try writer.write(contentsOf: Samples.pcap.bytes + extra)
      try await Task.sleep(for: .milliseconds(150))
      stop.request()
      let replay = await task.value
      #expect(replay.frames.count == Samples.pcap.frameEnds.count)
      #expect(replay.error?.kind == error)
      #expect(replay.wasStopped)
      try writer.close()
    }
  }

  @Test(arguments: [Samples.pcap.bytes, Samples.pcapng.bytes])
  func `follows a file that is still being written, partial records included`(bytes: [UInt8]) async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("growing", [])
    let stop = StopFlag()
    let task = Task.detached { Replay(try! ByteStream(path: path, follow: true, stop: stop)) }
    let writer = try #require(FileHandle(forWritingAtPath: path))
    for start in stride(from: 0, to: bytes.count, by: 90) {
      try writer.write(contentsOf: bytes[start..<min(start + 90, bytes.count)])
      try await Task.sleep(for: .milliseconds(20))
    }
    try await Task.sleep(for: .milliseconds(150))
    stop.request()
    var expected = Replay(bytes)
    expected.wasStopped = true
    #expect(await task.value == expected)
  }

  @Test func `a stop inside a record while following is a cut`() async throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("growing", Array(Samples.pcap.bytes.dropLast()))
    let stop = StopFlag()
    let task = Task.detached { Replay(try! ByteStream(path: path, follow: true, stop: stop)) }
    try await Task.sleep(for: .milliseconds(150))
    stop.request()
    let replay = await task.value
    #expect(replay.error?.kind == .cut(needed: 19, available: 18))
    #expect(replay.frames.count == Samples.pcap.frameEnds.count - 1)
  }

  @Test func `a stop in the middle of a file ends it without calling it cut`() throws {
    let stop = StopFlag()
    let stream = ByteStream(bytes: Samples.pcap.bytes, readLimit: 110, stop: stop)
    var reader = try SavefileReader(stream, skipUnsupported: false, windowCapacity: 128)
    let first = try reader.advance()
    #expect(first)
    stop.request()
    var more = 0
    while try reader.advance() { more += 1 }
    let wasStopped = reader.wasStopped
    #expect(wasStopped)
    #expect(more < Samples.pcap.frameEnds.count - 1)
  }

  @Test func `standard input is named and read like a file`() throws {
    let stream = try ByteStream(path: "-")
    let name = stream.name
    #expect(name == "standard input")
  }

  private func makeFIFO(_ directory: TemporaryDirectory) throws -> String {
    let path = directory.path("fifo")
    _ = try run("mkfifo", [path])
    return path
  }
}
