import Foundation
import Testing

/// The real stack in real containers: Docker's engine, its bridge, its NAT and its resolver, inside the lab.
///
/// The engine starts once for all scenarios. The first run on a machine builds the containers' image, from the
/// machine's package mirror, and may take minutes.
@Suite(.serialized) struct DockerLabTests {
  @Test func `finds in recordings of containers what was leaked`() throws {
    let directory = try TemporaryDirectory()
    guard try Lab.run("record", ["--docker", directory.url.path], limit: .seconds(900)) != nil else { return }
    for scenario in ScenarioTests.scenarios {
      try scenario.expectFound(in: directory)
    }
  }
}
