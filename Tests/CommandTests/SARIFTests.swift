import Foundation
import TestSupport
import Testing

/// What code hosts show of a static audit.
@Suite struct SARIFTests {
  private struct Places: Decodable {
    struct Run: Decodable {
      var tool: Tool
      var results: [Result]
      var invocations: [Invocation]
    }
    struct Tool: Decodable { var driver: Driver }
    struct Driver: Decodable { var rules: [Rule] }
    struct Rule: Decodable {
      var id: String
      var helpUri: URL
      var properties: Properties
    }
    struct Properties: Decodable {
      var tags: [String]
      var score: String?
      private enum CodingKeys: String, CodingKey {
        case tags
        case score = "security-severity"
      }
    }
    struct Invocation: Decodable { var toolExecutionNotifications: [Notification] }
    struct Notification: Decodable { var locations: [Location] }
    struct Result: Decodable {
      var ruleId: String
      var locations: [Location]
    }
    struct Location: Decodable { var physicalLocation: Physical }
    struct Physical: Decodable {
      var artifactLocation: Artifact
      var region: Region?
    }
    struct Artifact: Decodable { var uri: String }
    struct Region: Decodable { var startLine, startColumn, endColumn: Int? }
    var runs: [Run]
  }

  /// As code hosts show it beside the lines.
  @Test func `SARIF names files from the repository's root, with columns and a score`() throws {
    let stack = try CheckTests.copy("Tests/Lab/findings/no-kill-switch/mended")
    let script = stack.url.appending(path: "sub folder/startup/more.sh")
    try FileManager.default.createDirectory(
      at: stack.url.appending(path: "sub folder"), withIntermediateDirectories: true)
    let move = "cd '\(stack.url.path)' && mkdir .git && mv compose.yaml config startup 'sub folder'"
    #expect(try Command.shell(move).status == 0)
    try Data("true\n  iptables -I OUTPUT -d 9.9.9.9 -j ACCEPT # é\u{1F30D}  \n".utf8).write(to: script)
    func run(_ line: String) throws -> Places.Run {
      let result = try Command.shell("cd '\(stack.url.path)' && \(line) --format sarif")
      return try JSONDecoder().decode(Places.self, from: Data(result.output.utf8)).runs[0]
    }
    for line in ["cd 'sub folder' && \"$leakaudit\" check", "\"$leakaudit\" check -f 'sub folder/compose.yaml'"] {
      let run = try run(line)
      let place = try #require(run.results.first { $0.ruleId == "rule-lets-out" }?.locations.first?.physicalLocation)
      #expect(place.artifactLocation.uri == "sub%20folder/startup/more.sh")
      #expect(place.region?.startLine == 2 && place.region?.startColumn == 3 && place.region?.endColumn == 47)
      let rules = run.tool.driver.rules
      #expect(rules.allSatisfy { $0.helpUri.scheme == "https" && $0.properties.tags == ["security"] })
      #expect(rules.first { $0.id == "rule-lets-out" }?.properties.score == "8.0")
      #expect(rules.first { $0.id == "no-kill-switch" }?.properties.score == nil)
    }
    // Outside any repository: relative to the current folder, or to the root for files outside it.
    _ = try Command.shell("rmdir '\(stack.url.path)/.git'")
    let inside = try run("cd 'sub folder' && \"$leakaudit\" check")
    #expect(inside.results.first?.locations.first?.physicalLocation.artifactLocation.uri == "startup/more.sh")
    let outside = try run("mkdir -p other && cd other && \"$leakaudit\" check -f '../sub folder/compose.yaml'")
    let uri = outside.results.first?.locations.first?.physicalLocation.artifactLocation.uri
    #expect(uri?.hasPrefix("file:///") == true, "\(uri ?? "")")
    #expect(uri?.hasSuffix("/sub%20folder/startup/more.sh") == true)
  }
}
