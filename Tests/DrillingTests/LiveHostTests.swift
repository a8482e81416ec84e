import Foundation
import Glibc
import PolicyFiles
import Processes
import TestNeeds
import TestSupport
import Testing
import Wire

@testable import Drilling

struct LiveHostTests {
  private static let id = String(repeating: "0a", count: 32)
  private static let other = String(repeating: "1b", count: 32)

  @Test(arguments: [
    ("0::/docker/\(id)\n", id), ("0::/system.slice/docker-\(id).scope\n", id),
    ("12:cpu:/docker/\(id)\n1:name=systemd:/docker/\(id)\n", id),
    // Docker in Docker, or a container that calls a group of its own like another container.
    ("0::/docker/\(id)/docker/\(other)\n", id), ("0::/user.slice/session-1.scope\n", nil), ("", nil),
    ("0::/docker/\(id.dropLast())\n", nil),
  ])
  func `a process is of the outermost container that its control group names`(_ groups: String, _ id: String?) {
    #expect(LiveHost.container(inGroups: groups) == id)
  }

  @Test func `a process is signalled, and never another that has its number by then`() throws {
    let child = try RunningCommand(["sleep", "60"], environment: Command.environment)
    guard let handle = ProcessHandle(child.number) else { throw DrillProblem(.failed, "it cannot be opened") }
    let (first, ended) = (handle.signal(SIGKILL), child.wait(within: .seconds(10)))
    #expect(first && ended && child.status == 128 + SIGKILL)
    let second = handle.signal(SIGKILL)
    #expect(!second)
    let isThere = if ProcessHandle(child.number) != nil { true } else { false }
    #expect(!isThere)
  }

  @Test func `counts are read from what nft says`() {
    let text = """
      table inet x {
      	counter received {
      		packets 12 bytes 1234
      	}
      	counter sent {
      		packets 9 bytes 99
      	}
      	counter errors {
      		packets 0 bytes 0
      	}
      }
      """
    #expect(LiveTable.counts(in: text) == .init(received: 12, sent: 9, errors: 0))
    #expect(LiveTable.counts(in: text.replacing("sent", with: "other")) == nil)
    #expect(LiveTable.counts(in: "") == nil)
  }

  @Test func `only packets in both ways are an exchange`() {
    var exchanges = LiveTable.Exchanges()
    // The counts that are there at first say nothing.
    exchanges.take(.init(received: 5, sent: 5, errors: 0))
    #expect(exchanges.count == 0)
    for sent in 6..<10 { exchanges.take(.init(received: 5, sent: sent, errors: 0)) }
    #expect(exchanges.count == 0)
    exchanges.take(.init(received: 6, sent: 9, errors: 0))
    #expect(exchanges.count == 1)
    for received in 7..<10 { exchanges.take(.init(received: received, sent: 9, errors: received)) }
    #expect(exchanges.count == 1)
    exchanges.take(.init(received: 10, sent: 10, errors: 0))
    #expect(exchanges.count == 2)
  }

  @Test func `each rule names the Endpoint and the gateway's network, and the table has an owner`() {
    let lines = LiveTable.rules(
      name: "x", endpoints: ["203.0.113.178", "2001:db8::1"].compactMap { IPAddress($0) }, port: 51820,
      networks: [(IPAddress("172.18.0.2")!, 16), (IPAddress("2001:db8:18::2")!, 64)])
    #expect(lines.first == "add table inet x { flags owner; }")
    let rules = lines.filter { $0.hasPrefix("add rule") }
    #expect(rules.count == 6)
    for rule in rules {
      #expect(rule.contains("203.0.113.178") != rule.contains("2001:db8::1"))
      #expect(rule.contains("172.18.0.2/16") != rule.contains("2001:db8:18::2/64"))
      #expect(rule.contains(" counter name ") && !rule.contains("drop"))
    }
  }

  @Test func `an engine's answer is read`() throws {
    let text = """
      {"Id":"\(Self.id)","Name":"/vpn","State":{"Running":true,"Pid":7,"Health":{"Status":"starting"}},
      "HostConfig":{"NetworkMode":"stack","RestartPolicy":{"Name":"","MaximumRetryCount":0}},
      "NetworkSettings":{"Networks":{"stack":{"IPAddress":"172.18.0.2","IPPrefixLen":16,"Gateway":"172.18.0.1",
      "GlobalIPv6Address":"","GlobalIPv6PrefixLen":0}}}}
      """
    let found = try JSONDecoder().decode(LiveContainer.self, from: Data(text.utf8))
    #expect(found.name == "vpn" && found.isRunning && !found.isHealthy && found.restartPolicy == "no")
    #expect(found.addresses.map(\.address) == [IPAddress("172.18.0.2")!] && found.addresses[0].length == 16)
    #expect(found.place?.address == "172.18.0.2/16" && found.place?.router == "172.18.0.1")
  }

  @Test func `a scenario that a running stack gets has no way to a twin`() {
    let live = Scenario.all.filter(\.canBeUndone).map(\.id)
    #expect(
      live == [
        "baseline", "wg-quick-down", "interface-deleted", "endpoint-silent", "gateway-restarted", "gateway-killed",
        "consumer-restarted",
      ])
    #expect(Scenario.all.filter(\.canBeUndone).allSatisfy { $0.startsWell && !$0.isDeliberate })
  }

  @Test(.needs(.root)) func `what goes on here ends with the drill, and before it when it is told to`() throws {
    let directory = try TemporaryDirectory()
    let host = try LiveHost(in: directory.url.path, program: "/bin/true")
    func start() throws -> RunningCommand {
      try RunningCommand(
        host.lasting(["sh", "-c", "trap 'exit 7' TERM; while :; do sleep 0.05; done"]), environment: host.environment,
        input: .descriptor(host.standstill))
    }
    let (told, left) = (try start(), try start())
    usleep(300_000)
    #expect(told.status == nil && left.status == nil)
    told.signal(SIGTERM)
    #expect(told.wait(within: .seconds(5)) && told.status == 7)
    host.end()
    #expect(left.wait(within: .seconds(5)) && left.status == 7)
  }
}
