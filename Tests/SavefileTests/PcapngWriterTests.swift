import Foundation
import Savefile
import TestSupport
import Testing
import Wire

/// Blocks byte by byte, as draft-ietf-opsawg-pcapng lays them out.
@Suite struct PcapngWriterTests {
  @Test func `a section header has no known length, and says who wrote it (section 4.1)`() {
    let block = PcapngWriter.sectionHeader(application: "leakaudit 0.1.0", operatingSystem: "Linux")
    var expected: [UInt8] = [0x0A, 0x0D, 0x0D, 0x0A, 64, 0, 0, 0, 0x4D, 0x3C, 0x2B, 0x1A, 1, 0, 0, 0]
    expected += [UInt8](repeating: 0xFF, count: 8)
    expected += [3, 0, 5, 0] + Array("Linux".utf8) + [0, 0, 0]
    expected += [4, 0, 15, 0] + Array("leakaudit 0.1.0".utf8) + [0]
    expected += [0, 0, 0, 0, 64, 0, 0, 0]
    #expect(block == expected)
  }

  @Test func `an interface has its name, its description and nanoseconds (section 4.2)`() {
    let block = PcapngWriter.interfaceDescription(
      name: "eth0", description: "NIC", linkType: .linuxCooked2, snapLength: 262_144)
    var expected: [UInt8] = [1, 0, 0, 0, 48, 0, 0, 0, 0x14, 0x01, 0, 0, 0, 0, 4, 0]
    expected += [2, 0, 4, 0] + Array("eth0".utf8)
    expected += [3, 0, 3, 0] + Array("NIC".utf8) + [0]
    expected += [9, 0, 1, 0, 9, 0, 0, 0]
    expected += [0, 0, 0, 0, 48, 0, 0, 0]
    #expect(block == expected)
  }

  @Test func `a packet has its time in two halves, both lengths, a comment and its direction (section 4.3)`() {
    let block = PcapngWriter.enhancedPacket(
      [0xAA, 0xBB, 0xCC, 0xDD, 0xEE], originalLength: 1500, timestamp: Timestamp(nanoseconds: 0x0102_0304_0506_0708),
      interface: 3, direction: .outgoing, comment: "dns!!")
    var expected: [UInt8] = [6, 0, 0, 0, 64, 0, 0, 0, 3, 0, 0, 0, 4, 3, 2, 1, 8, 7, 6, 5, 5, 0, 0, 0, 0xDC, 5, 0, 0]
    expected += [0xAA, 0xBB, 0xCC, 0xDD, 0xEE, 0, 0, 0]
    expected += [1, 0, 5, 0] + Array("dns!!".utf8) + [0, 0, 0]
    expected += [2, 0, 4, 0, 2, 0, 0, 0]
    expected += [0, 0, 0, 0, 64, 0, 0, 0]
    #expect(block == expected)
  }

  @Test func `a packet without comment and direction has no options at all (section 3.5)`() {
    let block = PcapngWriter.enhancedPacket(
      [1, 2, 3, 4], originalLength: 4, timestamp: Timestamp(nanoseconds: 1), interface: 0, direction: .unknown,
      comment: "")
    #expect(
      block == [6, 0, 0, 0, 36, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 0, 1, 2, 3, 4]
        + [36, 0, 0, 0])
  }

  @Test func `statistics have the counts that are known (section 4.6)`() {
    let block = PcapngWriter.interfaceStatistics(
      CaptureCounts(received: 258, systemDrops: 7), timestamp: Timestamp(nanoseconds: 1 << 32), interface: 1)
    var expected: [UInt8] = [5, 0, 0, 0, 52, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]
    expected += [4, 0, 8, 0, 2, 1, 0, 0, 0, 0, 0, 0]
    expected += [7, 0, 8, 0, 7, 0, 0, 0, 0, 0, 0, 0]
    expected += [0, 0, 0, 0, 52, 0, 0, 0]
    #expect(block == expected)
    let all = CaptureCounts(received: 1, interfaceDrops: 2, systemDrops: 3, delivered: 4)
    #expect(
      PcapngWriter.interfaceStatistics(all, timestamp: Timestamp(nanoseconds: 0), interface: 0).count
        == PcapngWriter.greatestStatisticsLength)
  }

  @Test(arguments: 0...8)
  func `frames and options of any length are padded with zeros to 32 bits`(count: Int) {
    let frame = [UInt8](repeating: 0xFF, count: count)
    let comment = String(repeating: "\u{7F}", count: count)
    let block = PcapngWriter.enhancedPacket(
      frame, originalLength: count, timestamp: Timestamp(nanoseconds: 1), interface: 0, direction: .incoming,
      comment: comment)
    let room = (count + 3) / 4 * 4
    let padding = [UInt8](repeating: 0, count: room - count)
    #expect(block.count % 4 == 0)
    #expect(Array(block[28..<28 + room]) == frame + padding)
    if count > 0 {
      let option = 28 + room
      #expect(Array(block[option..<option + 4 + room]) == [1, 0, UInt8(count), 0] + Array(comment.utf8) + padding)
    }
  }

  @Test(arguments: ["a", "é", "€", "🔓"])
  func `a text above the bound is cut between scalars, and says so`(scalar: String) throws {
    for filler in 0..<4 {
      let text = String(repeating: "x", count: filler) + String(repeating: scalar, count: 5000)
      let cut = try #require(comment(of: text))
      #expect(cut.utf8.count <= 4096)
      #expect(cut.utf8.count > 4096 - 4)
      #expect(cut.hasSuffix("…"))
      #expect(text.hasPrefix(cut.dropLast()))
    }
  }

  @Test func `a text that just fits is whole`() {
    let text = String(repeating: "x", count: 4096 - 3) + "€"
    #expect(comment(of: text) == text)
    let longer = String(repeating: "x", count: 4097)
    #expect(comment(of: longer) == String(repeating: "x", count: 4093) + "…")
  }

  @Test func `no zero byte ends a text before its end`() {
    #expect(comment(of: "shown\0hidden") == "shown\u{FFFD}hidden")
  }

  @Test func `values too large for a field are clamped, never wrapped`() throws {
    let long = sampleFrame(PcapngWriter.greatestCapturedLength + 9)
    let bytes =
      PcapngWriter.sectionHeader(application: "test")
      + PcapngWriter.interfaceDescription(name: "", linkType: .raw, snapLength: .max)
      + PcapngWriter.enhancedPacket(
        long, originalLength: -5, timestamp: Timestamp(nanoseconds: -1), interface: 0, direction: .unknown)
      + PcapngWriter.enhancedPacket(
        [1], originalLength: .max, timestamp: Timestamp(nanoseconds: .max), interface: 0, direction: .unknown)
    let replay = Replay(bytes)
    #expect(replay.error == nil)
    #expect(replay.interfaces.map(\.name) == [nil])
    #expect(replay.interfaces.map(\.snapLength) == [.max])
    try #require(replay.frames.count == 2)
    #expect(replay.frames[0].bytes == Array(long.prefix(262_144)))
    #expect(replay.frames[0].originalLength == long.count)
    #expect(replay.frames[0].nanoseconds == 0)
    #expect(replay.frames[1].originalLength == Int(UInt32.max))
    #expect(replay.frames[1].nanoseconds == .max)
  }

  @Test func `statistics are read back as drops`() {
    let counts = CaptureCounts(received: 100, interfaceDrops: 3, systemDrops: 4, delivered: 93)
    let bytes =
      PcapngWriter.sectionHeader(application: "test")
      + PcapngWriter.interfaceDescription(name: "eth0", linkType: .ethernet, snapLength: 96)
      + PcapngWriter.interfaceStatistics(counts, timestamp: Timestamp(nanoseconds: 5), interface: 0)
    let interface = Replay(bytes).interfaces.first
    #expect(interface?.drops == 7)
    #expect(interface?.received == 100)
    #expect(interface?.delivered == 93)
  }

  /// The comment as it appears in a packet without frame bytes.
  private func comment(of text: String) -> String? {
    let block = PcapngWriter.enhancedPacket(
      [], originalLength: 0, timestamp: Timestamp(nanoseconds: 1), interface: 0, direction: .unknown, comment: text)
    let length = Int(block[30]) | Int(block[31]) << 8
    return String(validating: block[32..<32 + length], as: UTF8.self)
  }
}
