import Foundation
import TestNeeds
import Testing

/// `watch --serve`, queried by curl, Prometheus and others in the test's own network (Tests/Lab/serve).
@Suite struct ServeTests {
  private func serve(_ subject: String) throws {
    let result = try Lab.run("serve", [Command.binary.path, subject], limit: .seconds(300))
    #expect(result.output == "\(subject): as it must be\n")
  }

  @Test(.needs(.root, .promtool, .iproute, .minutes))
  func `answers requests for existing pages by its own name only`() throws { try serve("access") }

  @Test(.needs(.root, .promtool, .iproute, .minutes))
  func `serves other machines only with the token`() throws { try serve("token") }

  @Test(.needs(.root, .promtool, .iproute, .minutes))
  func `sends a leak within a second, and again to a client that reconnects`() throws {
    try serve("events")
  }

  @Test(.needs(.root, .promtool, .iproute, .minutes))
  func `many or slow clients neither delay it nor cost a frame`() throws { try serve("crowd") }

  @Test(.needs(.root, .promtool, .iproute, .minutes))
  func `redacted output shows no name and no public address`() throws { try serve("redacted") }

  @Test(.needs(.root, .promtool, .iproute, .minutes))
  func `reports blind spots while they last, but not while waiting for the stack`() throws { try serve("health") }

  @Test(.needs(.root, .promtool, .iproute, .alertmanager, .minutes))
  func `a real Prometheus alerts on a leak, a stuck auditor and a blind one`()
    throws
  { try serve("alerts") }

  @Test(.needs(.root, .promtool, .iproute, .alertmanager, .minutes))
  func `every query of the dashboard gives data in a real Prometheus`() throws { try serve("dashboard") }

  @Test(.needs(.root, .promtool, .iproute, .alertmanager, .nginx, .minutes))
  func `a TLS proxy lets only the token through, and Prometheus scrapes behind it`() throws { try serve("tls") }

  @Test(.needs(.promtool, .alertmanager))
  func `the example configurations are valid, and their rules alert as their tests say`() throws {
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
