import Foundation
import TestNeeds
import Testing

/// Where a leak began, as Wireshark numbers frames.
@Suite struct FirstFrameTests {
  /// Seconds with microseconds, by frame, of a file.
  private static func times(_ path: String) throws -> [Int: String] {
    let line = "tshark -n -r '\(path)' -T fields -e frame.number -e frame.time_epoch"
    return try Dictionary(
      uniqueKeysWithValues: Command.shell(line).outputLines.map { line in
        let fields = line.split(separator: "\t")
        return (
          try #require(Int(fields[0])), String(fields[1].prefix { $0 != "." }) + fields[1].drop { $0 != "." }.prefix(7)
        )
      })
  }

  @Test(.needs(.tshark), arguments: CapturedCase.scenarios + CapturedCase.classes + CapturedCase.notices)
  func `each leak's first frame has tshark's number`(_ capture: CapturedCase) throws {
    let leaks = try Command.run(capture.arguments + ["--format", "json"]).summary().leaks
    let times = try Dictionary(
      uniqueKeysWithValues: capture.captures.map { (URL(filePath: $0).lastPathComponent, try Self.times($0)) })
    for leak in leaks {
      let frame = try #require(leak.firstFrame)
      // An interface of a pcapng is named behind its file.
      let file = try #require(times.first { leak.interface.hasPrefix($0.key) || times.count == 1 })
      let time = try #require(file.value[frame])
      let seconds = try #require(ISO8601DateFormatter().date(from: leak.first.prefix(19) + "Z")).timeIntervalSince1970
      #expect(time == "\(Int(seconds))\(leak.first.dropFirst(19).dropLast())", "\(leak.reason) \(frame)")
    }
  }
}
