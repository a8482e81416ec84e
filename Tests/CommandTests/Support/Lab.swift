import Foundation
import TestNeeds
import TestSupport
import Testing

/// The scripts of Tests/Lab, and what their recordings must give.
enum Lab {
  /// Foundation starts programs with the blocked signals of the thread that asks, and a worker thread blocks
  /// nearly all: the lab's programs could then only be killed.
  private static let unblockSignals =
    "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); os.execv(sys.argv[1], sys.argv[1:])"

  /// Runs one of the lab's scripts, which must end with this status. The test states its needs; if the script lacks
  /// something else (status 77), the test is skipped.
  @discardableResult
  static func run(
    _ script: String, _ arguments: [String], limit: Duration = .seconds(60), status: Int32 = 0
  ) throws -> Command.Result {
    let program = Command.repository.appending(path: "Tests/Lab/\(script)").path
    let result = try RunningCommand(
      URL(filePath: "/usr/bin/env"), ["python3", "-c", unblockSignals, program] + arguments
    ).wait(limit: limit)
    if result.status == 77 { try Skips.cancel(lacking: "what \(script) misses", result.errors) }
    try #require(result.status == status, "\(result.output)\(result.errors)")
    return result
  }
}

extension ScenarioTests.Scenario {
  /// Audits what `record` wrote into the directory, each view by itself.
  func expectFound(in directory: TemporaryDirectory) throws {
    for view in ["bridge", "nic"] {
      let capture = directory.path("\(name).\(view).pcap")
      let result = try Command.run([
        "replay", capture, "--wg-config", directory.path("\(name).wg0.conf"), "--format", "json",
      ])
      let summary = try result.summary()
      summary.expectToAddUp()
      #expect(result.status == status, "\(name) on the \(view): \(result.output)")
      #expect(summary.leaks("dns") == dns)
      #expect(summary.leaks("icmp") == icmp)
      #expect(summary.leak == dns + icmp)
      #expect((summary.tunnel > 0) == hasTunnel)
    }
  }
}
