import Foundation
import Savefile
import TestNeeds
import TestSupport
import Testing

/// The same files, read by Wireshark and by libpcap: the same number of frames, lengths and times.
@Suite struct OracleTests {
  struct Line: Equatable {
    var nanoseconds: Int64
    var original: Int
    var captured: Int
  }

  private func randomFile(_ isPcapng: Bool, bigEndian: Bool, _ generator: inout SeededGenerator) -> [UInt8] {
    savefile(bigEndian: bigEndian) { file in
      let resolution: UInt8 = [6, 9].randomElement(using: &generator)!
      if isPcapng {
        file.section()
        file.interface("eth0") { $0.option(9, [resolution]) }
      } else {
        file.pcapHeader(magic: resolution == 9 ? 0xA1B2_3C4D : 0xA1B2_C3D4)
      }
      for _ in 0..<300 {
        let captured = Int.random(in: 14...200, using: &generator)
        let original = UInt32(captured + Int.random(in: 0...1400, using: &generator))
        let unit: UInt32 = resolution == 9 ? 1_000_000_000 : 1_000_000
        let (seconds, fraction) = (UInt32.random(in: 0...2_000_000_000, using: &generator), generator.next())
        let frame = sampleFrame(captured, seed: Int(seconds & 0xFF))
        if isPcapng {
          let ticks = UInt64(seconds) * UInt64(unit) + fraction % UInt64(unit)
          file.enhancedPacket(frame, ticks: ticks, original: original)
        } else {
          file.pcapRecord(seconds: seconds, fraction: UInt32(fraction % UInt64(unit)), frame, original: original)
        }
      }
    }
  }

  @Test(.needs(.tshark), arguments: [false, true], [false, true])
  func `agrees with tshark`(isPcapng: Bool, bigEndian: Bool) throws {
    var generator = SeededGenerator()
    let bytes = randomFile(isPcapng, bigEndian: bigEndian, &generator)
    let directory = try TemporaryDirectory()
    let path = try directory.file("capture", bytes)
    let fields = ["frame.time_epoch", "frame.len", "frame.cap_len"].flatMap { ["-e", $0] }
    let output = try run("tshark", ["-n", "-r", path, "-T", "fields"] + fields)
    let theirs = String(decoding: output, as: UTF8.self).split(separator: "\n").map { line in
      let fields = line.split(separator: "\t")
      return Line(nanoseconds: nanoseconds(fields[0]), original: Int(fields[1])!, captured: Int(fields[2])!)
    }
    #expect(theirs == ours(bytes), "seed \(generator.seed)")
    #expect(theirs.count == 300)
  }

  @Test(.needs(.tcpdump), arguments: [false, true], [false, true])
  func `agrees with tcpdump`(isPcapng: Bool, bigEndian: Bool) throws {
    var generator = SeededGenerator()
    let bytes = randomFile(isPcapng, bigEndian: bigEndian, &generator)
    let directory = try TemporaryDirectory()
    let path = try directory.file("capture", bytes)
    let output = try run(
      "tcpdump", ["-r", path, "-tt", "-n", "-e", "--time-stamp-precision=nano"])
    let times = String(decoding: output, as: UTF8.self).split(separator: "\n")
      .filter { $0.first?.isNumber == true }
      .map { nanoseconds($0.prefix { $0 != " " }) }
    #expect(times == ours(bytes).map(\.nanoseconds), "seed \(generator.seed)")
  }

  private func ours(_ bytes: [UInt8]) -> [Line] {
    let replay = Replay(bytes)
    #expect(replay.error == nil)
    return replay.frames.map {
      Line(nanoseconds: $0.nanoseconds, original: $0.originalLength, captured: $0.bytes.count)
    }
  }

  private func nanoseconds(_ text: Substring) -> Int64 {
    let parts = text.split(separator: ".")
    let fraction = parts[1].padding(toLength: 9, withPad: "0", startingAt: 0)
    return Int64(parts[0])! * 1_000_000_000 + Int64(fraction)!
  }
}
