import Foundation
import TestSupport
import Testing
import Wire

/// Input that cannot be audited at all: one line, the contract's status, and no summary that could be
/// mistaken for one of a clean audit.
@Suite struct RefusedInputTests {
  private static let policy = ["--wg-config", "captures/formats/wg0.conf"]

  private func expectRefusal(
    _ arguments: [String], _ status: Int32, _ words: String, _ location: SourceLocation = #_sourceLocation
  ) throws {
    let result = try Command.run(arguments, location: location)
    #expect(result.status == status, sourceLocation: location)
    #expect(result.output.isEmpty, sourceLocation: location)
    #expect(result.errorLines.count == 1, "\(result.errors)", sourceLocation: location)
    #expect(result.errors.contains(words), "\(result.errors)", sourceLocation: location)
  }

  @Test(arguments: [
    ("empty", [UInt8](), "is empty"),
    ("text", Array("frame 1: everything is fine\n".utf8), "begins with text"),
    ("unknown", [0x7F, 0x45, 0x4C, 0x46, 0, 0, 0, 0], "7f 45 4c 46"),
    ("cut file header", Array(DamagedInputTests.pcap.prefix(10)), "needs 24 bytes, but only 10 are there"),
    ("bzip2", Array("BZh91AY&SY".utf8), "compressed with bzip2"),
    ("cut xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0, 0], "its xz stream breaks off"),
  ])
  func `refuses a file that is not a capture`(name: String, bytes: [UInt8], words: String) throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file(name, bytes)
    try expectRefusal(["replay", path] + Self.policy, 65, words)
    // Also beside a valid capture: half of the files is not the requested audit.
    try expectRefusal(["replay", "captures/formats/ethernet-plain.pcap", path] + Self.policy, 65, "\(path): ")
  }

  @Test func `refuses a directory`() throws {
    try expectRefusal(["replay", "captures"] + Self.policy, 65, "captures: is not a capture: it is a directory")
  }

  @Test func `reports a file that does not exist`() throws {
    try expectRefusal(["replay", "no-such.pcap"] + Self.policy, 66, "no-such.pcap: ")
    try expectRefusal(["replay", "no-such.pcap"], 66, "no-such.pcap: ")
    try expectRefusal(["replay", "captures/healthy.nic.pcap", "--wg-config", "no-such.conf"], 66, "no-such.conf: ")
    try expectRefusal(["replay", "captures/healthy.nic.pcap", "--policy", "no-such.yaml"], 66, "no-such.yaml: ")
    try expectRefusal(["replay", "captures/healthy.nic.pcap", "--rules", "no-such"], 66, "no-such: ")
    try expectRefusal(["policy", "--policy", "no-such.yaml"], 66, "no-such.yaml: ")
  }

  @Test func `reports a file that may not be read`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("secret.pcap", DamagedInputTests.pcap)
    try FileManager.default.setAttributes([.posixPermissions: 0], ofItemAtPath: path)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: directory.url.path)
    // Root reads everything, so it drops its capabilities.
    let become = getuid() == 0 ? "setpriv --bounding-set=-all --inh-caps=-all --reuid=65534 --clear-groups" : ""
    let result = try Command.shell("\(become) \"$leakaudit\" replay \(path) --endpoint 203.0.113.178:51820")
    #expect(result.status == 77)
    #expect(result.errors.contains("\(path): cannot be opened: Permission denied"))
    #expect(result.errorLines.count == 1)
  }

  /// Link type 105 is IEEE 802.11, which has no place in an audit of a host's egress.
  private static let unsupported = LinkType(rawValue: 105)

  @Test func `refuses a link type that it cannot decode`() throws {
    let directory = try TemporaryDirectory()
    let path = try directory.file("wlan.pcap", PcapFile(linkType: Self.unsupported).bytes(DamagedInputTests.frames))
    try expectRefusal(["replay", path] + Self.policy, 65, "\(path): has an interface")
    let skipped = try Command.run(["replay", path, "--skip-unsupported", "--format", "json"] + Self.policy)
    let summary = try skipped.summary()
    #expect(skipped.status == 3)
    #expect(summary.conclusion == "incomplete")
    #expect(summary.incomplete.contains { $0.contains("IEEE802_11") && $0.contains("5 frames") })
  }

  @Test func `refuses it on a later interface too, with the counts so far`() throws {
    let directory = try TemporaryDirectory()
    var file = PcapngFile()
    file.section()
    file.interface(.ethernet, name: "eth0")
    for frame in DamagedInputTests.frames { file.enhanced(frame) }
    file.interface(Self.unsupported, name: "wlan0")
    for frame in DamagedInputTests.frames {
      var frame = frame
      frame.interface = 1
      file.enhanced(frame)
    }
    let path = try directory.file("two.pcapng", file.bytes)
    let result = try Command.run(["replay", path, "--format", "json"] + Self.policy)
    #expect(result.status == 65)
    #expect(result.errorLines.count == 1)
    #expect(result.errors.contains("\(path): has an interface (wlan0"))
    let summary = try result.summary()
    #expect(summary.conclusion == "incomplete")
    #expect(summary.frames == 5)

    let skipped = try Command.run(["replay", path, "--skip-unsupported", "--format", "json"] + Self.policy)
    let audited = try skipped.summary()
    #expect(skipped.status == 3)
    #expect(audited.frames == 5)
    #expect(audited.incomplete.contains { $0.contains("wlan0") && $0.contains("5 frames") })
  }
}
