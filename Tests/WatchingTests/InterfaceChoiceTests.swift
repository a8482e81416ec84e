import ComposeFiles
import Containers
import Policy
import PolicyFiles
import Testing
import TextFiles
import Wire

@testable import Watching

@Suite struct InterfaceChoiceTests {
  private static let table = FakeInterfaces(
    [
      "eth0": .init(index: 2, prefixes: ["192.168.1.10/24", "203.0.113.9/24"].compactMap { IPPrefix($0) }),
      "br-a": .init(index: 3, role: .bridge), "br-b": .init(index: 4, role: .bridge),
    ], defaultRoutes: ["eth0"])

  private static func choice(
    named: [String] = [], _ stack: VPNStack? = nil, _ containers: ContainerSnapshot? = nil,
    table: FakeInterfaces = table
  ) throws -> InterfaceChoice {
    try InterfaceChoice(named: named, stack: stack, containers: containers, table: table)
  }

  @Test func `what the user names is all`() throws {
    let choice = try Self.choice(named: ["br-a", "eth9", "br-a"], try stack())
    #expect(choice.names == ["br-a", "eth9"])
    #expect(!choice.discovers)
    #expect(choice.stack == nil)
  }

  @Test func `without names, bridges and the NIC of the default route`() throws {
    let choice = try Self.choice()
    #expect(choice.names == ["br-a", "br-b", "eth0"])
    #expect(choice.discovers)
    #expect(choice.awaitsBridges(nil))
  }

  @Test func `bridges that the engine names count, and not the others`() throws {
    let choice = try Self.choice(nil, .running(["home_vpn": "br-b"]))
    #expect(choice.names == ["br-b", "eth0"])
  }

  @Test func `bridges of other projects are left out`() throws {
    let running = ContainerSnapshot.running(["home_vpn": "br-b", "other": "br-a"])
    #expect(try Self.choice(try stack(), running).names == ["br-b", "eth0"])
    // The project's own bridge is not there yet.
    #expect(try Self.choice(try stack(), .running(["other": "br-a"])).names == ["br-b", "eth0"])
  }

  @Test func `bridges that the files name are audited before they exist`() throws {
    let choice = try Self.choice(try stack(bridge: "br-home"))
    #expect(choice.names == ["br-home", "eth0"])
    #expect(!choice.discovers)
    #expect(!choice.awaitsBridges(nil))
    // Somebody connected the client to one more network.
    let running = ContainerSnapshot.running(["home_vpn": "br-home", "more": "br-a"], client: ["home_vpn", "more"])
    #expect(try Self.choice(try stack(bridge: "br-home"), running).names == ["br-home", "br-a", "eth0"])
  }

  @Test func `a machine without a bridge and a default route has nothing to watch`() {
    let error = #expect(throws: WatchError.self) { try Self.choice(table: FakeInterfaces([:])) }
    #expect(error?.kind == .noInput)
  }

  @Test func `only private networks of the machine are declared local`() throws {
    var policy = TunnelPolicy()
    try Self.choice().declareNetworks(in: &policy)
    #expect(policy.local.map { "\($0.value) \($0.origin)" } == ["192.168.1.0/24 address of eth0"])
  }
}
