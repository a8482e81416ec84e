import Foundation
import TestNeeds
import TestSupport
import Testing
import Wire

/// Files that are cut or contradict themselves: one line says which file and where, the frames before
/// are counted, and no such audit is clean (CONTRACT 6).
@Suite struct DamagedInputTests {
  struct Damage: CustomTestStringConvertible, Sendable {
    var name: String
    var bytes: [UInt8]
    /// What the line must name besides the file.
    var words: String
    var frames: Int
    var testDescription: String { name }
  }

  /// Five frames without a leak: anything but clean comes from the damage.
  static let frames = Array(StandardMix.ethernetIPv4.prefix(5))
  private static let format = PcapFile(linkType: .ethernet)
  static let pcap = format.bytes(frames)
  /// Where a sixth record would begin.
  private static var end: String { "byte \(pcap.count)" }

  static let damages: [Damage] = [
    Damage(name: "record header cut", bytes: pcap + filler(8, 1), words: end, frames: 5),
    Damage(
      name: "record cut", bytes: pcap.dropLast(1), words: "byte \(pcap.count - frames[4].bytes.count - 16)", frames: 4),
    Damage(name: "record beyond the file", bytes: pcap + record(length: 1000), words: end, frames: 5),
    Damage(name: "record of 4 GiB", bytes: pcap + record(length: .max), words: end, frames: 5),
    pcapng("block length zero") { $0.word(UInt32(6)) + $0.word(UInt32(0)) + filler(24, 0) },
    pcapng("block length below the minimum") { $0.word(UInt32(6)) + $0.word(UInt32(16)) + filler(24, 0) },
    pcapng("packet block of 4 GiB") { $0.word(UInt32(6)) + $0.word(UInt32.max - 3) + filler(24, 0) },
    pcapng("unknown block of 4 GiB") { $0.word(UInt32(0x4242)) + $0.word(UInt32.max - 3) + filler(24, 0) },
    pcapng("block whose two lengths differ") { $0.word(UInt32(4)) + $0.word(UInt32(12)) + $0.word(UInt32(16)) },
    pcapng("option beyond its block") { packet($0, options: $0.word(UInt16(1)) + $0.word(UInt16(0xFFFF))) },
    pcapng("packet of an interface that is not described") { packet($0, interface: 7) },
    pcapng("captured length beyond its block") { packet($0, captured: 4096) },
    pcapng("section with another magic") {
      $0.word(UInt32(0x0A0D_0D0A)) + $0.word(UInt32(28)) + filler(16, 0x55) + $0.word(UInt32(28))
    },
  ]

  private static func record(length: UInt32) -> [UInt8] {
    littleEndian(UInt32(1_700_000_000)) + littleEndian(UInt32(0)) + littleEndian(length) + littleEndian(length)
      + filler(10)
  }

  private static func pcapng(_ name: String, _ damage: (PcapngFile) -> [UInt8]) -> Damage {
    var file = PcapngFile()
    file.section()
    file.interface(.ethernet, name: "eth0")
    for frame in frames { file.enhanced(frame) }
    let end = file.bytes.count
    file.damage(damage(file))
    return Damage(name: name, bytes: file.bytes, words: "byte \(end)", frames: 5)
  }

  /// An enhanced packet block of one byte.
  private static func packet(
    _ file: PcapngFile, interface: UInt32 = 0, captured: UInt32 = 1, options: [UInt8] = []
  ) -> [UInt8] {
    let body =
      file.word(interface) + filler(8, 0) + file.word(captured) + file.word(captured) + [1, 0, 0, 0] + options
    let length = file.word(UInt32(12 + body.count))
    return file.word(UInt32(6)) + length + body + length
  }

  @Test(arguments: damages)
  func `counts the frames before the damage and names the place`(_ damage: Damage) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("damaged", damage.bytes)
    let arguments = ["--wg-config", "captures/formats/wg0.conf", "--format", "json"]
    for input in [path, "-"] {
      let result = try Command.run(["replay", input] + arguments, input: URL(filePath: path))
      let summary = try result.summary()
      summary.expectToAddUp()
      #expect(result.status == 3)
      #expect(summary.conclusion == "incomplete")
      #expect(summary.frames == damage.frames)
      #expect(summary.incomplete.count == 1)
      #expect(result.errorLines.count == 1)
      #expect(result.errors.contains(input == "-" ? "standard input: " : "\(path): "))
      #expect(result.errors.contains(damage.words), "\(result.errors)")
    }
  }

  @Test(.needs(.gzip), arguments: [FormatCapture.Compression.gzip, .zstd, .xz, .lz4])
  func `counts the frames of a cut compressed stream`(_ compression: FormatCapture.Compression) throws {
    let directory = try TemporaryDirectory()
    // Payloads that do not compress, so that half of the stream holds about half of the frames.
    var random = SeededGenerator(seed: 1)
    let frames = (0..<6000).map { index in
      let payload = (0..<64).map { _ in UInt8.random(in: 0...255, using: &random) }
      let packet = udpPacket("172.18.0.2:40000", "172.18.0.9:514", payload)
      return SampleFrame(ethernet(packet), .ethernet, time: StandardMix.time(index))
    }
    let plain = try directory.file("plain", Self.format.bytes(frames))
    // LZ4 delivers whole blocks, so they must be small.
    let options = compression == .lz4 ? "-qcB4" : "-qc"
    let whole = try Command.shell("\(compression.rawValue) \(options) \(plain) > \(plain).whole")
    #expect(whole.status == 0)
    let bytes = try [UInt8](Data(contentsOf: URL(filePath: plain + ".whole")))
    let path = try directory.file("cut", Array(bytes[..<(bytes.count / 2)]))
    let result = try Command.run(["replay", path, "--endpoint", "203.0.113.178:51820", "--format", "json"])
    let summary = try result.summary()
    summary.expectToAddUp()
    #expect(result.status == 3)
    #expect(result.errorLines.count == 1)
    #expect(result.errors.contains("\(path): is cut: its \(compression.rawValue) stream"))
    // zstd keeps up to 128 KiB in a block, and returns nothing until the block is complete.
    #expect(summary.frames < 6000)
    if compression == .gzip { #expect(summary.frames > 500) }
  }

  @Test func `an unterminated option list ends with its block`() throws {
    let directory = try TemporaryDirectory()
    var file = PcapngFile()
    file.section()
    file.interface(.ethernet, name: "eth0")
    // An end-of-options is customary, not required; empty comments fill the block to its end.
    let comments = (0..<1000).flatMap { _ in file.word(UInt16(1)) + file.word(UInt16(0)) }
    file.damage(Self.packet(file, options: comments))
    let path = try directory.file("comments.pcapng", file.bytes)
    let result = try Command.run(["replay", path, "--endpoint", "203.0.113.178:51820", "--format", "json"])
    #expect(try result.summary().frames == 1)
    #expect(result.errors.isEmpty)
  }

  @Test func `two damaged files make two messages and one audit`() throws {
    let directory = try TemporaryDirectory()
    let paths = try ["a", "b"].map { try directory.file($0, Self.pcap.dropLast(1)) }
    let result = try Command.run(
      ["replay", "--wg-config", "captures/formats/wg0.conf", "--format", "json"] + paths)
    let summary = try result.summary()
    #expect(result.status == 3)
    #expect(result.errorLines.count == 2)
    #expect(summary.incomplete.count == 2)
    #expect(summary.frames == 8)
  }
}
