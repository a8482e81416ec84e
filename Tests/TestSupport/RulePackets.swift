public import Foundation

/// The packets that show what the shipped rules name.
public enum RulePackets {
  public static let repository = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

  /// Every packet of the pcap files in captures/rules, which hold Ethernet frames, from its IP header on.
  public static func all() throws -> [[UInt8]] {
    let folder = repository.appending(path: "captures/rules")
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".pcap") }
    return try names.sorted().flatMap { packets([UInt8](try Data(contentsOf: folder.appending(path: $0)))) }
  }

  private static func packets(_ file: [UInt8]) -> [[UInt8]] {
    var packets: [[UInt8]] = []
    var offset = 24
    while offset + 16 <= file.count {
      let captured = (0..<4).reduce(0) { $0 | Int(file[offset + 8 + $1]) << (8 * $1) }
      let frame = file[(offset + 16)..<min(file.count, offset + 16 + captured)]
      packets.append(Array(frame.dropFirst(14)))
      offset += 16 + captured
    }
    return packets
  }
}
