import Foundation
import TestNeeds
import TestSupport
import Testing

/// What a drill refuses before it does anything.
struct DrillOptionTests {
  @Test(arguments: [
    (["--live"], "--live asks before it does anything: on no terminal, say --yes"),
    (["--live", "--yes", "--only", "cold-start"], "'cold-start' cannot be undone on a running stack"),
    (["--live", "--yes", "--only", "9"], "leave no scenario that can be undone on a running stack"),
    (["--yes"], "--yes and --undo are for --live"), (["--undo"], "--yes and --undo are for --live"),
    (["--only", "earthquake"], "'earthquake' is no scenario"),
  ])
  func `a drill that cannot be meant is refused`(_ options: [String], _ words: String) throws {
    let result = try Command.run(["drill"] + options)
    #expect(result.status == 64)
    #expect(result.errors.contains(words), "\(result.errors)")
  }

  @Test func `the list says what a running stack gets`() throws {
    let result = try Command.run(["drill", "--list"])
    let live = result.outputLines.filter { $0.contains("  live  ") }.compactMap {
      $0.split(separator: " ").dropFirst().first
    }
    #expect(
      live == [
        "control", "baseline", "wg-quick-down", "interface-deleted", "endpoint-silent", "gateway-restarted",
        "gateway-killed", "consumer-restarted",
      ])
  }

  @Test(.needs(.root)) func `nothing to undo is said, and no engine is asked`() throws {
    let directory = try TemporaryDirectory()
    let result = try Command.run(
      ["drill", "--live", "--undo", "--work-folder", directory.url.path],
      environment: ["DOCKER_HOST": "unix://\(directory.path("nobody"))"])
    #expect(result.status == 0 && result.errors.contains("nothing is left to be undone"), "\(result.errors)")
  }
}
