import Foundation
import Testing

/// The real stack in network namespaces: real WireGuard, iptables and NAT (Tests/Lab).
///
/// Limitations: Docker's resolver is a forwarder in the same place (the real one is in `DockerLabTests`), and
/// the scenarios leak within a second of the tunnel's end, so long silences are not among them.
@Suite(.serialized) struct LabTests {
  @Test(arguments: ScenarioTests.scenarios)
  func `finds in a fresh recording what was leaked`(_ scenario: ScenarioTests.Scenario) throws {
    let directory = try TemporaryDirectory()
    guard try Lab.run("record", [directory.url.path, scenario.name]) != nil else { return }
    try scenario.expectFound(in: directory)
  }

  @Test func `tells a leak within a second while tcpdump still runs`() throws {
    guard let result = try Lab.run("live", [Command.binary.path]) else { return }
    #expect(result.output.contains("\"conclusion\":\"leaks\""))
  }

  @Test func `finds one leak in ten thousand packets of load`() throws {
    let directory = try TemporaryDirectory()
    let capture = directory.path("load.pcap")
    guard let load = try Lab.run("record-load", [capture, "20001", "20000"]) else { return }
    #expect(load.output.hasPrefix("packets=20001 leaks=2 "))
    let summary = try Command.run(["replay", capture, "--endpoint", "203.0.113.178:51820", "--format", "json"])
      .summary()
    summary.expectToAddUp()
    #expect(summary.frames == 20001)
    #expect(summary.leak == 2)
    #expect(summary.leaks("dns") == 2)
    #expect(summary.tunnel == 19999)
  }
}
