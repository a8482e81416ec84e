import Foundation
import Savefile
import TestNeeds
import Testing

@Suite(.needs(.gzip)) struct CompressionTests {
  /// Large enough to need several reads of the compressed file.
  private static let large: [UInt8] = savefile { file in
    file.pcapHeader()
    var state: UInt32 = 1
    for _ in 0..<6000 {
      file.pcapRecord(
        (0..<100).map { _ in
          state = state &* 1_664_525 &+ 1_013_904_223
          return UInt8(state >> 24)
        })
    }
  }
  private static let plain = Replay(large)

  @Test(arguments: ["gzip", "zstd", "xz", "lz4"])
  func `reads compressed files as if they were not`(program: String) throws {
    for bytes in [Samples.pcap.bytes, Samples.pcapng.bytes, Self.large] {
      let compressed = try compress(bytes, with: program)
      #expect(Replay(compressed) == Replay(bytes))
      #expect(Replay(compressed, readLimit: 7, windowCapacity: 32) == Replay(bytes))
    }
  }

  @Test(arguments: ["gzip", "zstd", "xz", "lz4"])
  func `reads several members as one stream`(program: String) throws {
    let bytes = Samples.pcapng.bytes
    let parts = try [bytes.prefix(33), [], bytes.dropFirst(33)].flatMap { try compress(Array($0), with: program) }
    #expect(Replay(parts) == Replay(bytes))
    #expect(Replay(parts, readLimit: 1) == Replay(bytes))
  }

  @Test func `accepts zero padding after gzip, and nothing else`() throws {
    let compressed = try compress(Samples.pcap.bytes, with: "gzip")
    #expect(Replay(compressed + [UInt8](repeating: 0, count: 512)) == Replay(Samples.pcap.bytes))
    for rest in [[1, 2, 3], [0, 0, 1]] as [[UInt8]] {
      let replay = Replay(compressed + rest)
      #expect(replay.frames.count == Samples.pcap.frameEnds.count)
      guard case .corruptCompression(.gzip, _) = replay.error?.kind else {
        Issue.record("\(String(describing: replay.error))")
        continue
      }
    }
  }

  @Test(arguments: [("gzip", Compression.gzip), ("zstd", .zstd), ("xz", .xz), ("lz4", .lz4)])
  func `returns the frames before a cut in the compressed stream`(program: String, compression: Compression) throws {
    let compressed = try compress(Self.large, with: program)
    let replay = Replay(Array(compressed.prefix(compressed.count / 2)))
    #expect(replay.error?.kind == .cutCompression(compression))
    #expect(replay.frames.count > 1000)
    #expect(Self.plain.frames.starts(with: replay.frames))
    // Even where only the stream's own end is missing.
    let late = Replay(Array(compressed.dropLast()))
    #expect(late.frames == Self.plain.frames)
    #expect(late.error?.kind == .cutCompression(compression))
  }

  @Test(arguments: [("gzip", Compression.gzip), ("zstd", .zstd), ("xz", .xz), ("lz4", .lz4)])
  func `returns the frames before damage in the compressed stream`(
    program: String, compression: Compression
  ) throws {
    var compressed = try compress(Self.large, with: program)
    // In the check value at the very end.
    compressed[compressed.count - (compression == .gzip ? 6 : 2)] ^= 1
    let replay = Replay(compressed)
    guard case .corruptCompression(compression, _) = replay.error?.kind else {
      Issue.record("\(String(describing: replay.error))")
      return
    }
    #expect(Self.plain.frames.starts(with: replay.frames))
    #expect(replay.frames.count > 1000)
  }

  @Test(arguments: ["gzip", "zstd", "xz", "lz4"])
  func `never traps on any cut or damaged byte of a compressed file`(program: String) throws {
    let compressed = try compress(Samples.pcapng.bytes, with: program)
    for index in compressed.indices {
      _ = Replay(Array(compressed.prefix(index)))
      var damaged = compressed
      damaged[index] ^= 0xFF
      _ = Replay(damaged)
    }
  }

  @Test func `reads zstd's skippable frames`() throws {
    let skippable: [UInt8] = [0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3]
    let compressed = try compress(Samples.pcap.bytes, with: "zstd")
    #expect(Replay(skippable + compressed + skippable) == Replay(Samples.pcap.bytes))
  }

  @Test func `refuses a zstd window above the library's limit`() throws {
    // A frame header (RFC 8878 3.1.1.1) that asks for a window of 2 GiB.
    let replay = Replay([0x28, 0xB5, 0x2F, 0xFD, 0x00, 21 << 3, 0x01, 0x00, 0x00])
    #expect(replay.error?.kind == .compressionWindowTooLarge(.zstd))
  }
}
