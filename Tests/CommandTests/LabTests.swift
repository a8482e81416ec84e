import Foundation
import TestNeeds
import TestSupport
import Testing

/// The real stack in network namespaces: real WireGuard, iptables and NAT (Tests/Lab).
///
/// Limitations: Docker's resolver is a forwarder in the same place (the real one is in `DockerLabTests`), and
/// the scenarios leak within a second of the tunnel's end, so long silences are not among them.
@Suite(.serialized, .needs(.root, .lab, .minutes)) struct LabTests {
  @Test(arguments: ScenarioTests.scenarios)
  func `finds the leaks in a fresh recording`(_ scenario: ScenarioTests.Scenario) throws {
    let directory = try TemporaryDirectory()
    try Lab.run("record", [directory.url.path, scenario.name])
    try scenario.expectFound(in: directory)
  }

  @Test func `reports a leak within a second while tcpdump still runs`() throws {
    let result = try Lab.run("live", [Command.binary.path])
    #expect(result.output.contains("\"conclusion\":\"leaks\""))
  }
}
