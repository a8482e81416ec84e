import Foundation
import TestNeeds
import TestSupport
import Testing
import Wire

/// What a pcapng file says of itself, through the whole program.
@Suite(.serialized) struct PcapngClaimsTests {
  private static let endpoint = "203.0.113.178:51820"

  /// A healthy tunnel: without the claim it is clean.
  private static func file(_ options: [PcapngFile.Option], statistics: [PcapngFile.Option] = []) -> [UInt8] {
    var file = PcapngFile()
    file.section()
    file.interface(.ethernet, name: "eth0", options)
    for frame in StandardMix.ethernetIPv4.prefix(5) { file.enhanced(frame) }
    if !statistics.isEmpty { file.statistics(interface: 0, statistics) }
    return file.bytes
  }

  private static func replay(_ bytes: [UInt8]) throws -> Command.Result {
    let directory = try TemporaryDirectory()
    return try Command.run([
      "replay", directory.file("claim.pcapng", bytes), "--endpoint", Self.endpoint, "--format", "json",
    ])
  }

  private static func count(_ code: UInt16, _ value: UInt64) -> PcapngFile.Option {
    PcapngFile.Option(code: code, value: littleEndian(value))
  }

  @Test func `a capture that left nothing out is clean`() throws {
    let all = [Self.count(4, 5), Self.count(6, 5), Self.count(8, 5)]
    let result = try Self.replay(Self.file([.init(code: 11, value: [0])], statistics: all))
    #expect(result.status == 0, "\(result.output)")
  }

  static let claims: [(options: [PcapngFile.Option], statistics: [PcapngFile.Option], words: String)] = [
    ([.init(code: 11, value: [0] + Array("udp port 51820".utf8))], [], "the filter 'udp port 51820'"),
    (
      [.init(code: 11, value: [1] + [UInt8](repeating: 0x15, count: 16))], [], "a filter program of 2 instructions"
    ),
    ([.init(code: 11, value: [9])], [], "a filter of unknown form"),
    ([], [count(4, 12), count(6, 5)], "a filter excluded 7 frames"),
    ([], [count(8, 25)], "the file lacks 20 frames that were captured"),
    ([], [count(5, 3)], "3 frames"),
  ]

  @Test(arguments: claims)
  func `a capture that states omitted frames is incomplete and says why`(
    options: [PcapngFile.Option], statistics: [PcapngFile.Option], words: String
  ) throws {
    let result = try Self.replay(Self.file(options, statistics: statistics))
    #expect(result.status == 3, "\(result.output)")
    let summary = try result.summary()
    #expect(summary.frames == 5)
    #expect(summary.incomplete.count == 1)
    #expect(summary.incomplete.first?.contains(words) == true, "\(summary.incomplete)")
  }

  /// Other programs write their own filter.
  @Test(.needs(.root, .dumpcap)) func `reads the filter that dumpcap writes`() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("dumpcap.pcapng")
    let recorded = try Command.shell("timeout 20 dumpcap -q -i lo -f 'udp port 51820' -a duration:1 -w '\(path)' 2>&1")
    try #require(FileManager.default.fileExists(atPath: path), "\(recorded.output)")
    let result = try Command.run(["replay", path, "--endpoint", Self.endpoint, "--format", "json"])
    #expect(result.status == 3)
    #expect(try result.summary().incomplete.contains { $0.contains("'udp port 51820'") })
  }

  // MARK: Many interfaces

  enum Naming {
    case same, distinct
    /// No name: each frame gives an index of the kernel, the same behind each interface.
    case index
  }

  private static func interfaces(_ count: Int, _ naming: Naming) -> [UInt8] {
    var file = PcapngFile()
    file.section()
    let plain = StandardMix.ethernetIPv4[0]
    let cooked = SampleFrame(
      cooked2(
        Array(plain.bytes.dropFirst(14)), packetType: 0, hardwareType: 1, from: MACAddress(0x02_42_AC_12_00_02),
        index: 4095), .linuxCooked2)
    for number in 0..<count {
      var frame = plain
      switch naming {
      case .same: file.interface(.ethernet, name: "eth0")
      case .distinct: file.interface(.ethernet, name: "eth\(number)")
      case .index:
        file.interface(.linuxCooked2)
        frame = cooked
      }
      frame.interface = number
      file.enhanced(frame)
    }
    return file.bytes
  }

  private static let measure = """
    import os, resource, subprocess, sys
    status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    print(status, usage.ru_utime + usage.ru_stime, usage.ru_maxrss)
    """

  /// CPU seconds, and at most this many MiB.
  private static func cost(_ count: Int, _ naming: Naming) throws -> (seconds: Double, memory: Double) {
    let directory = try TemporaryDirectory()
    let path = try directory.file("many.pcapng", interfaces(count, naming))
    let result = try RunningCommand(
      URL(filePath: "/usr/bin/env"),
      [
        "python3", "-c", measure, Command.binary.path, "replay", path, "--endpoint", Self.endpoint, "--format",
        "csv",
      ]
    ).wait(limit: .seconds(120))
    let parts = result.output.split { $0.isWhitespace }.compactMap { Double($0) }
    try #require(parts.count == 3, "\(result.errors)")
    return (parts[1], parts[2] / 1024)
  }

  @Test(.needs(.python), arguments: [Naming.same, .distinct])
  func `time grows with the number of interfaces, and memory stays small`(naming: Naming) throws {
    let few = try Self.cost(3000, naming)
    let many = try Self.cost(12_000, naming)
    #expect(many.seconds < max(few.seconds, 0.2) * 9, "\(few) and \(many)")
    #expect(many.memory < few.memory + 64, "\(few) and \(many)")
  }

  @Test(.needs(.python)) func `interfaces that each stand for several take little memory, too`() throws {
    let few = try Self.cost(300, .index)
    let many = try Self.cost(3000, .index)
    #expect(many.memory < few.memory + 40, "\(few) and \(many)")
  }
}
