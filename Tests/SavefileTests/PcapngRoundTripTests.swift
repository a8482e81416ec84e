import Foundation
import Savefile
import TestNeeds
import TestSupport
import Testing
import Wire

/// What is written is read back the same: by the project's own reader, by tshark and by capinfos.
@Suite struct PcapngRoundTripTests {
  @Test(arguments: Capture.all)
  func `every frame of a capture is read back as it was`(capture: Capture) throws {
    let original = Replay(try ByteStream(path: capture.path), skipUnsupported: true)
    try #require(!original.frames.isEmpty || original.error == nil)
    let copy = Replay(encode(original))
    #expect(copy.error == nil)
    #expect(copy.frames == original.frames)
    #expect(copy.interfaces.map(\.linkType) == original.interfaces.map(\.linkType))
    #expect(copy.interfaces.map(\.snapLength) == original.interfaces.map(\.snapLength))
  }

  /// One tshark for all captures: a section each.
  @Test(.needs(.tshark)) func `tshark reads every frame of every capture the same`() throws {
    let replays = try Capture.all.map { Replay(try ByteStream(path: $0.path), skipUnsupported: true) }
    let directory = try TemporaryDirectory()
    let path = try directory.file("captures.pcapng", replays.flatMap(encode))
    let lines = try tshark(path, "frame.time_epoch", "frame.len", "frame.cap_len", "frame.packet_flags_direction")
    let expected = replays.flatMap(\.frames).map { frame in
      let fraction = String(frame.nanoseconds % 1_000_000_000)
      let seconds = frame.nanoseconds / 1_000_000_000
      let time = "\(seconds)." + String(repeating: "0", count: 9 - fraction.count) + fraction
      let direction = ["", "0x00000001", "0x00000002"][Int(frame.direction.rawValue)]
      return "\(time)\t\(frame.originalLength)\t\(frame.bytes.count)\t\(direction)"
    }
    #expect(lines == expected)
    #expect(lines.count > 500)
  }

  @Test func `random frames on random interfaces come back the same`() throws {
    var generator = SeededGenerator()
    for _ in 0..<200 {
      var bytes = PcapngWriter.sectionHeader(application: "leakaudit test")
      var types: [LinkType] = []
      var frames: [OwnedFrame] = []
      for _ in 0..<Int.random(in: 0...40, using: &generator) {
        if types.isEmpty || Int.random(in: 0..<5, using: &generator) == 0 {
          types.append([.ethernet, .raw, .linuxCooked, .linuxCooked2, .null].randomElement(using: &generator)!)
          let name = String(repeating: "é", count: Int.random(in: 0...5, using: &generator))
          bytes += PcapngWriter.interfaceDescription(name: name, linkType: types.last!, snapLength: 0)
        }
        var frame = OwnedFrame(SampleFrame(sampleFrame(Int.random(in: 0...300, using: &generator))).captured)
        frame.interface = Int.random(in: 0..<types.count, using: &generator)
        frame.linkType = types[frame.interface]
        frame.originalLength += Int.random(in: 0...2000, using: &generator)
        frame.nanoseconds = .random(in: 0 ... .max, using: &generator)
        frame.direction = [.unknown, .incoming, .outgoing].randomElement(using: &generator)!
        frame.number = frames.count + 1
        let comment = String(repeating: "c", count: Int.random(in: 0...20, using: &generator))
        bytes += encode(frame, comment: comment)
        frames.append(frame)
      }
      let replay = Replay(bytes, windowCapacity: Int.random(in: 16...4096, using: &generator))
      #expect(replay.error == nil, "seed \(generator.seed)")
      #expect(replay.frames == frames, "seed \(generator.seed)")
      #expect(replay.interfaces.map(\.linkType) == types, "seed \(generator.seed)")
    }
  }

  @Test(.needs(.tshark)) func `tshark shows comments, directions and interfaces`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("commented.pcapng", commented)
    let lines = try tshark(path, "frame.interface_name", "frame.packet_flags_direction", "frame.comment")
    #expect(
      lines == [
        "br-stack\t0x00000001\tleak dns (high): example.org A, \"quoted\"; rm -rf /",
        "eth0\t0x00000002\tüber 🔓 <b>html</b>",
        "br-stack\t\t",
      ])
  }

  @Test(.needs(.tshark))
  func `capinfos counts packets and interfaces and names the writer`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("commented.pcapng", commented)
    let report = String(decoding: try run("capinfos", ["-M", path]), as: UTF8.self)
    let lines = Set(report.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) })
    for line in [
      "Number of packets:   3", "Number of interfaces in file: 2", "File timestamp precision:  nanoseconds (9)",
      "Capture application: leakaudit 0.1.0", "Capture oper-sys:    Linux", "Data size:           183 bytes",
    ] {
      #expect(lines.contains(line), "\(report)")
    }
  }

  /// Two interfaces, the second described between the frames, and statistics at the end.
  private var commented: [UInt8] {
    func packet(_ count: Int, _ interface: UInt32, _ direction: RecordDirection, _ comment: String?) -> [UInt8] {
      PcapngWriter.enhancedPacket(
        sampleFrame(count), originalLength: count, timestamp: Timestamp(nanoseconds: 1_700_000_000_123_456_789),
        interface: interface, direction: direction, comment: comment)
    }
    return PcapngWriter.sectionHeader(application: "leakaudit 0.1.0", operatingSystem: "Linux")
      + PcapngWriter.interfaceDescription(name: "br-stack", linkType: .ethernet, snapLength: 262_144)
      + packet(61, 0, .incoming, "leak dns (high): example.org A, \"quoted\"; rm -rf /")
      + PcapngWriter.interfaceDescription(name: "eth0", description: "NIC", linkType: .raw, snapLength: 96)
      + packet(60, 1, .outgoing, "über 🔓 <b>html</b>")
      + packet(62, 0, .unknown, nil)
      + PcapngWriter.interfaceStatistics(
        CaptureCounts(received: 3, systemDrops: 0, delivered: 3), timestamp: Timestamp(nanoseconds: 1), interface: 1)
  }

  private func encode(_ replay: Replay) -> [UInt8] {
    PcapngWriter.sectionHeader(application: "leakaudit test")
      + replay.interfaces.flatMap {
        PcapngWriter.interfaceDescription(
          name: $0.name ?? "", linkType: $0.linkType, snapLength: Int($0.snapLength))
      } + replay.frames.flatMap { encode($0, comment: nil) }
  }

  private func encode(_ frame: OwnedFrame, comment: String?) -> [UInt8] {
    PcapngWriter.enhancedPacket(
      frame.bytes, originalLength: frame.originalLength, timestamp: Timestamp(nanoseconds: frame.nanoseconds),
      interface: UInt32(frame.interface), direction: frame.direction, comment: comment)
  }

  private func tshark(_ path: String, _ fields: String...) throws -> [String] {
    let output = try run("tshark", ["-n", "-r", path, "-T", "fields"] + fields.flatMap { ["-e", $0] })
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}

/// A committed capture.
struct Capture: CustomTestStringConvertible {
  let path: String

  var testDescription: String { path.split(separator: "/").last.map(String.init) ?? path }

  static let all: [Self] = {
    let directory = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "captures").path
    let names = FileManager.default.enumerator(atPath: directory)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.contains(".pcap") }.sorted().map { Self(path: "\(directory)/\($0)") }
  }()
}
