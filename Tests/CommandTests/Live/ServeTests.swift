import Foundation
import TestNeeds
import Testing

/// `watch --serve`, asked by curl, Prometheus and others in a network of the test's own (Tests/Lab/serve).
@Suite struct ServeTests {
  private func serve(_ subject: String) throws {
    let result = try Lab.run("serve", [Command.binary.path, subject], limit: .seconds(300))
    #expect(result.output == "\(subject): as it must be\n")
  }

  @Test(.needs(.root, .promtool, .iproute, .minutes))
  func `answers those who ask by its name for what there is, and nobody else`() throws { try serve("door") }

  @Test(.needs(.root, .promtool, .iproute, .minutes))
  func `does not serve others without a token, and whoever has it may ask`() throws { try serve("token") }

  @Test(.needs(.root, .promtool, .iproute, .minutes))
  func `tells a leak within a second of its packet, and again to whoever comes back`() throws {
    try serve("events")
  }

  @Test(.needs(.root, .promtool, .iproute, .minutes))
  func `is not held back by many or by slow ones, and misses no frame`() throws { try serve("crowd") }

  @Test(.needs(.root, .promtool, .iproute, .minutes))
  func `shows no name and no public address where they are redacted`() throws { try serve("redacted") }

  @Test(.needs(.root, .promtool, .iproute, .minutes))
  func `says that it is blind while it is, and not while it waits for the stack`() throws { try serve("health") }

  @Test(.needs(.root, .promtool, .iproute, .alertmanager, .minutes))
  func `a real Prometheus sees a leak, an auditor that stands still and one that is blind, and tells Alertmanager`()
    throws
  { try serve("alerts") }

  @Test(.needs(.promtool, .alertmanager))
  func `the configurations that lie ready are valid, and their rules alert on what their tests show`() throws {
    for line in [
      "promtool check config Examples/prometheus/prometheus.yml",
      "promtool test rules Examples/prometheus/leakaudit-live.test.yaml",
      "amtool check-config Examples/prometheus/alertmanager.yml",
    ] {
      let result = try Command.shell(line)
      #expect(result.status == 0, "\(result.output)\(result.errors)")
    }
  }
}
