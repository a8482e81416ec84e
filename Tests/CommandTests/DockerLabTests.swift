import Foundation
import TestNeeds
import TestSupport
import Testing

/// The real stack in real containers: Docker's engine, its bridge, its NAT and its resolver, inside the lab.
///
/// The engine starts once for all scenarios. The first run on a machine builds the containers' image from the
/// machine's package mirror, and may take minutes.
@Suite(.serialized, .needs(.root, .lab, .docker, .minutes)) struct DockerLabTests {
  @Test func `finds the leaks in recordings of containers`() throws {
    let directory = try TemporaryDirectory()
    try Lab.run("record", ["--docker", directory.url.path], limit: .seconds(900))
    for scenario in ScenarioTests.scenarios {
      try scenario.expectFound(in: directory)
    }
  }

  @Test func `with docker-compose, only the bypassing container leaks`() throws {
    let directory = try TemporaryDirectory()
    let capture = directory.path("compose.pcap")
    try Lab.run("compose", [capture], limit: .seconds(900))
    let summary = try Command.run(["replay", capture, "--endpoint", "203.0.113.178:51820", "--format", "json"])
      .summary()
    summary.expectToAddUp()
    #expect(summary.conclusion == "leaks")
    #expect(summary.tunnel > 0)
    #expect(summary.leaks.allSatisfy { $0.destination == "198.51.100.80" && $0.port == 80 })
    // Once per start of the stack, and there were two.
    let pages = summary.leaks.filter { $0.reason == "http" && $0.severity == "critical" }
    #expect(pages.reduce(0) { $0 + $1.frames } == 2)
    #expect(summary.tunnelStates.first?.sent["initiation"] == 2)
  }
}
