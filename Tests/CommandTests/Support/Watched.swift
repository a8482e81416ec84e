import Foundation
import TestSupport
import Testing

/// The output of a watch in the lab (Tests/Lab/watch).
struct Watched {
  struct Alert: Decodable {
    var schema, kind, reason, severity, interface, tunnelState, time: String
    var origin, fate, destination: String?
    var questions: [String]
    var sentBy: [Summary.Leak.Sender]?
    var frames: Int
  }
  struct Line {
    /// Seconds since 1970 at which the line was read from the watch.
    var read: Double
    var text: String
  }

  let name: String
  let directory: TemporaryDirectory
  let status: Int32
  let lines: [Line]

  init(_ name: String, in directory: TemporaryDirectory) throws {
    self.name = name
    self.directory = directory
    let text = try String(contentsOfFile: directory.path("\(name).status"), encoding: .utf8)
    status = try #require(Int32(text.trimmingCharacters(in: .whitespacesAndNewlines)))
    let output = try String(contentsOfFile: directory.path("\(name).watch.ndjson"), encoding: .utf8)
    lines = output.split(separator: "\n").compactMap { line in
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, let read = Double(parts[0]) else { return nil }
      return Line(read: read, text: String(parts[1]))
    }
  }

  var log: String { (try? String(contentsOfFile: directory.path("\(name).watch.log"), encoding: .utf8)) ?? "" }

  func summary() throws -> Summary {
    try JSONDecoder().decode(Summary.self, from: Data(try #require(lines.last, "\(log)").text.utf8))
  }

  func alerts() throws -> [(alert: Alert, read: Double)] {
    try lines.filter { $0.text.contains(#""schema":"leakaudit.alert/1""#) }
      .map { (try JSONDecoder().decode(Alert.self, from: Data($0.text.utf8)), $0.read) }
  }

  /// What /proc showed for the watch and its child processes, one after the other.
  func processes(_ moment: String = "") throws -> [[String: String]] {
    let text = try String(contentsOfFile: directory.path("\(name).processes\(moment)"), encoding: .utf8)
    return text.split(separator: "\n").reduce(into: []) { list, line in
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { return }
      if parts[0] == "Command" { list.append([:]) }
      guard !list.isEmpty else { return }
      list[list.count - 1][String(parts[0])] = parts[1].trimmingCharacters(in: .whitespaces)
    }
  }

  struct Notice: Decodable { var kind, severity, text: String }

  /// The notices reported while the watch ran.
  func notices() throws -> [Notice] {
    try lines.filter { $0.text.contains(#""schema":"leakaudit.notice/1""#) }
      .map { try JSONDecoder().decode(Notice.self, from: Data($0.text.utf8)) }
  }

  /// The evidence file, if there is one.
  func evidence() throws -> String? {
    let directory = directory.path("\(name).evidence")
    return try FileManager.default.contentsOfDirectory(atPath: directory).first.map { "\(directory)/\($0)" }
  }

  /// No frame is in the evidence both as a leak and as another leak's context.
  func expectEachFrameOnce() throws {
    let file = try #require(try evidence())
    let frames = try Command.shell(
      "tshark -n -r '\(file)' -T fields -e frame.time_epoch -e frame.interface_id -e frame.len 2>/dev/null"
    ).outputLines
    #expect(!frames.isEmpty && Set(frames).count == frames.count, "\(name)")
  }

  /// What a replay says of tcpdump's capture of one view, taken beside the watch.
  func replay(_ view: String, role: String) throws -> Summary {
    let capture = directory.path("\(name).\(view).pcap")
    // The watch knows its own control frames; to a replay they are like any other.
    let policy = try directory.file(
      "control.yaml",
      """
      allow:
        - id: control
          reason: the watch's own
          filter: src host 192.0.2.1 and dst host 192.0.2.2 and udp port 9
      """)
    return try Command.run([
      "replay", capture, "--wg-config", directory.path("\(name).wg0.conf"), "--policy", policy, "--format", "json",
      "--role",
      "\(name).\(view).pcap=\(role)",
    ]).summary()
  }
}

extension Watched.Alert {
  /// Seconds since 1970 of the packet, as the kernel stamped it.
  var packetTime: Double {
    let parts = time.split(separator: ".")
    let whole = (try? Date("\(parts[0])Z", strategy: .iso8601))?.timeIntervalSince1970 ?? 0
    return whole + (Double("0.\(parts[1].dropLast())") ?? 0)
  }
}
