import Testing

/// The seven scenarios of captures/README.md, on the bridge, on the NIC and on both. The numbers were counted
/// by the lab's own recorder with tcpdump, not by this program.
@Suite struct ScenarioTests {
  struct Scenario: CustomTestStringConvertible {
    var name: String
    var hasTunnel: Bool
    var dns = 0
    var icmp = 0
    var testDescription: String { name }
    var status: Int32 { dns + icmp > 0 ? 1 : 0 }
    func capture(_ view: String) -> String { "captures/\(name).\(view).pcap" }
    var configuration: [String] { ["--wg-config", "captures/\(name).wg0.conf"] }
  }

  static let scenarios = [
    Scenario(name: "healthy", hasTunnel: true),
    Scenario(name: "down-with-predown", hasTunnel: true, dns: 1, icmp: 2),
    Scenario(name: "down-without-predown", hasTunnel: true),
    Scenario(name: "malformed-postup", hasTunnel: false, dns: 1, icmp: 2),
    Scenario(name: "malformed-startup-script", hasTunnel: false),
    Scenario(name: "rfc1918-accept", hasTunnel: true, dns: 2),
    Scenario(name: "docker-resolver", hasTunnel: false, dns: 1),
  ]

  @Test(arguments: scenarios, ["bridge", "nic"])
  func `finds what the recorder counted`(_ scenario: Scenario, view: String) throws {
    let arguments = ["replay", scenario.capture(view), "--format", "json"] + scenario.configuration
    let result = try Command.run(arguments)
    let summary = try result.summary()
    summary.expectToAddUp()
    #expect(result.status == scenario.status)
    #expect(summary.conclusion == (scenario.status == 1 ? "leaks" : "clean"))
    #expect(summary.leaks("dns") == scenario.dns)
    #expect(summary.leaks("icmp") == scenario.icmp)
    #expect(summary.leak == scenario.dns + scenario.icmp)
    #expect((summary.tunnel > 0) == scenario.hasTunnel)
    #expect(summary.notices.contains { $0.kind == "no-tunnel" } == !scenario.hasTunnel)

    let required = try Command.run(arguments + ["--require-tunnel"])
    #expect(required.status == (scenario.hasTunnel ? scenario.status : scenario.status == 1 ? 1 : 3))
    let control = try Command.run(arguments + ["--expect-leak"])
    #expect((control.status == 0) == (scenario.status == 1))
  }

  @Test(arguments: scenarios)
  func `counts a packet on the bridge and on the NIC`(_ scenario: Scenario) throws {
    let result = try Command.run(
      ["replay", scenario.capture("bridge"), scenario.capture("nic"), "--format", "json"] + scenario.configuration)
    let summary = try result.summary()
    summary.expectToAddUp()
    #expect(result.status == scenario.status)
    #expect(summary.interfaces.count == 2)
    #expect(summary.leaks("dns") == 2 * scenario.dns)
    #expect(summary.leaks("icmp") == 2 * scenario.icmp)
    #expect(summary.interfaces.map(\.tunnel).allSatisfy { $0 * 2 == summary.tunnel })
  }

  @Test func `names the query, its sender and its resolver`() throws {
    let summary = try Command.run(
      ["replay", "captures/rfc1918-accept.nic.pcap", "--wg-config", "captures/rfc1918-accept.wg0.conf"]
        + ["--format", "json"]
    ).summary()
    let queries = summary.leaks.sorted { ($0.destination ?? "") < ($1.destination ?? "") }
    #expect(queries.map(\.destination) == ["10.64.0.1", "192.168.1.1"])
    #expect(queries.map(\.questions) == [["example.org A"], ["am.i.mullvad.example A"]])
    #expect(queries.allSatisfy { $0.sources == ["192.168.1.10"] && $0.severity == "high" && $0.port == 53 })
  }
}
