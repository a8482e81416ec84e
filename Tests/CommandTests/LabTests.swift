import Foundation
import Testing

/// The real stack in network namespaces: real WireGuard, iptables and NAT (Tests/Lab).
///
/// Limitations: Docker's resolver is a forwarder in the same place, and the scenarios leak within a second of
/// the tunnel's end, so long silences are not among them.
@Suite(.serialized) struct LabTests {
  /// Foundation starts programs with the blocked signals of the thread that asks, and a worker thread blocks
  /// nearly all: the lab's programs could then only be killed.
  private static let unblockSignals =
    "import os, signal, sys; signal.pthread_sigmask(signal.SIG_SETMASK, []); os.execv(sys.argv[1], sys.argv[1:])"

  /// Runs one of the lab's scripts. Nil where the machine cannot hold the lab, which fails in CI.
  private func lab(_ script: String, _ arguments: [String]) throws -> Command.Result? {
    let program = Command.repository.appending(path: "Tests/Lab/\(script)").path
    let result = try RunningCommand(
      URL(filePath: "/usr/bin/env"), ["python3", "-c", Self.unblockSignals, program] + arguments
    ).wait()
    if result.status == 77 {
      #expect(!Command.isContinuousIntegration, "\(result.errors)")
      print("skipped: \(result.errors)")
      return nil
    }
    #expect(result.status == 0, "\(result.errors)")
    return result
  }

  @Test(arguments: ScenarioTests.scenarios)
  func `finds in a fresh recording what was leaked`(_ scenario: ScenarioTests.Scenario) throws {
    let directory = try TemporaryDirectory()
    guard try lab("record", [directory.url.path, scenario.name]) != nil else { return }
    let configuration = directory.path("\(scenario.name).wg0.conf")
    for view in ["bridge", "nic"] {
      let capture = directory.path("\(scenario.name).\(view).pcap")
      let result = try Command.run(["replay", capture, "--wg-config", configuration, "--format", "json"])
      let summary = try result.summary()
      summary.expectToAddUp()
      #expect(result.status == scenario.status, "\(scenario.name) on the \(view): \(result.output)")
      #expect(summary.leaks("dns") == scenario.dns)
      #expect(summary.leaks("icmp") == scenario.icmp)
      #expect(summary.leak == scenario.dns + scenario.icmp)
      #expect((summary.tunnel > 0) == scenario.hasTunnel)
    }
  }

  @Test func `tells a leak within a second while tcpdump still runs`() throws {
    guard let result = try lab("live", [Command.binary.path]) else { return }
    #expect(result.output.contains("\"conclusion\":\"leaks\""))
  }
}
