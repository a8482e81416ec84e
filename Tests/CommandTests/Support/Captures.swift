import Foundation
import Testing

/// One audit of committed captures and where its expected output lies.
struct CapturedCase: CustomTestStringConvertible {
  /// Relative to the repository, without `.expected.txt`.
  var name: String
  var captures: [String]
  var configuration: String
  /// A compose file that names the configuration, if there is one.
  var compose: String?
  var policy: String?

  var testDescription: String { name }
  var arguments: [String] {
    ["replay"] + captures + sources
  }
  /// The options that state the policy.
  var sources: [String] {
    (compose.map { ["--compose", $0] } ?? ["--wg-config", configuration]) + (policy.map { ["--policy", $0] } ?? [])
  }
}

extension CapturedCase {
  private static let endings = ["pcap", "pcapng", "gz", "zst"]

  /// Every capture in captures/ and below, and each bridge with its NIC.
  static let all: [Self] = scenarios + classes + quiet + notices + formats + rules + shapes

  static let scenarios = views(in: "captures")
  static let classes = views(in: "captures/classes")
  static let quiet = views(in: "captures/quiet")
  static let shapes = views(in: "captures/shapes")

  static let notices = captures(in: "captures/notices").map {
    Self(
      name: stem($0), captures: [$0], configuration: "captures/notices/wg0.conf",
      policy: "captures/notices/policy.yaml")
  }

  private static func views(in directory: String) -> [Self] {
    captures(in: directory).flatMap { path -> [Self] in
      let view = stem(path)
      let scenario = view.replacing(/\.(bridge|nic)$/, with: "")
      let single = Self(
        name: view, captures: [path], configuration: "\(scenario).wg0.conf", compose: file("\(scenario).compose.yaml"),
        policy: file("\(scenario).policy.yaml"))
      guard view.hasSuffix(".bridge") else { return [single] }
      var pair = single
      pair.name = scenario
      pair.captures.append("\(scenario).nic.pcap")
      return [single, pair]
    }
  }

  private static func file(_ path: String) -> String? {
    FileManager.default.fileExists(atPath: Command.repository.appending(path: path).path) ? path : nil
  }

  static let formats = captures(in: "captures/formats").map {
    Self(name: stem($0), captures: [$0], configuration: "captures/formats/wg0.conf")
  }

  static let rules = captures(in: "captures/rules").map {
    Self(name: stem($0), captures: [$0], configuration: "captures/rules/wg0.conf")
  }

  private static func captures(in directory: String) -> [String] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: Command.repository.appending(path: directory).path)
    return (names ?? []).sorted().filter { name in endings.contains { name.hasSuffix(".\($0)") } }
      .map { "\(directory)/\($0)" }
  }

  private static func stem(_ path: String) -> String { path.replacing(/\.pcap(ng)?(\.gz|\.zst)?$/, with: "") }
}
