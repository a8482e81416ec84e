import Containers
import Foundation
import TestNeeds
import TestSupport
import Testing
import Wire

/// Unusual answers of engines, as the feed's reader sees them.
@Suite(.needs(.python)) struct ContainerSnapshotTests {
  /// The first message of a feed for an engine with these answers.
  private func first(_ containers: String, _ networks: String = "[]") throws -> ContainerFeed.Message? {
    let engine = try RecordedEngine(containers: containers, networks: networks)
    let feed = try RunningFeed(engine.address)
    #expect(feed.waits(seconds: 2) { !$0.isEmpty })
    #expect(feed.end())
    #expect(feed.problems.isEmpty)
    return feed.messages.first
  }

  private func container(
    _ name: String, _ id: Character, mode: String = "stack", state: String = "running", networks: String = "{}"
  ) -> String {
    """
    {"Id":"\(String(repeating: id, count: 64))","Names":["/\(name)"],"Image":"image","State":"\(state)",
    "HostConfig":{"NetworkMode":"\(mode)"},"NetworkSettings":{"Networks":\(networks)}}
    """
  }

  private func endpoint(_ v4: String, v6: String = "", mac: String = "") -> String {
    #"{"NetworkID":"","IPAddress":"\#(v4)","GlobalIPv6Address":"\#(v6)","MacAddress":"\#(mac)"}"#
  }

  @Test func `a container on two networks with both families`() throws {
    let networks = """
      {"stack":\(endpoint("172.18.0.2", v6: "fd00::2", mac: "02:42:ac:12:00:02")),
      "lan":\(endpoint("192.168.7.2", mac: "02:42:c0:a8:07:02"))}
      """
    let listed = """
      [{"Name":"lan","Id":"a1","Driver":"macvlan","IPAM":{"Config":[{"Subnet":"192.168.7.0/24"}]},"Options":null},
      {"Name":"stack","Id":"0123456789abcdef0123","Driver":"bridge","IPAM":{"Driver":"default","Config":
      [{"Subnet":"172.18.0.0/16","Gateway":"172.18.0.1"},{"Subnet":"fd00::/64","Gateway":"fd00::1/64"}]},"Options":{}},
      {"Name":"unused","Id":"b2","Driver":"bridge","IPAM":{"Config":null},"Options":{}}]
      """
    let snapshot = try #require(first("[\(container("web", "c", networks: networks))]", listed)?.snapshot)
    #expect(snapshot.namesByAddress.keys.map(\.description).sorted() == ["172.18.0.2", "192.168.7.2", "fd00::2"])
    #expect(snapshot.namesByMACAddress.count == 2)
    #expect(snapshot.containers.first?.attachments.map(\.network) == ["lan", "stack"])
    #expect(snapshot.networks.map(\.name) == ["lan", "stack"])
    #expect(snapshot.networks.map(\.bridge) == [nil, "br-0123456789ab"])
    #expect(snapshot.networks.last?.gateways.map(\.description) == ["172.18.0.1", "fd00::1"])
    #expect(snapshot.networks.last?.subnets.map(\.description) == ["172.18.0.0/16", "fd00::/64"])
  }

  @Test func `mounts have a place on the machine and one in the container`() throws {
    let mounts = """
      [{"Type":"volume","Name":"data","Source":"/var/lib/docker/volumes/data/_data","Destination":"/gluetun"},
      {"Type":"tmpfs","Source":"","Destination":"/run"},{"Type":"bind","Source":"/srv/x","Destination":"/x"},null,{}]
      """
    let listed = container("vpn", "a").dropLast() + ",\"Mounts\":\(mounts)}"
    let snapshot = try #require(first("[\(listed),\(container("other", "b"))]")?.snapshot)
    #expect(snapshot.containers.first { $0.name == "other" }?.mounts == [])
    #expect(
      snapshot.containers.first { $0.name == "vpn" }?.mounts.map { "\($0.source) \($0.target)" } == [
        "/var/lib/docker/volumes/data/_data /gluetun", "/srv/x /x",
      ])
    // Each takes room in the message, so their number is limited.
    let many = Array(repeating: #"{"Source":"/a","Destination":"/b"}"#, count: 500).joined(separator: ",")
    let full = container("vpn", "a").dropLast() + ",\"Mounts\":[\(many)]}"
    #expect(try first("[\(full)]")?.snapshot?.containers.first?.mounts.count == 64)
  }

  @Test func `containers without a network, without a state and not running`() throws {
    let listed = [
      container("none", "a", mode: "none", networks: #"{"none":\#(endpoint(""))}"#),
      container("host", "b", mode: "host", networks: #"{"host":null}"#),
      container("beside", "f", mode: "container:host"),
      container("paused", "c", state: "paused"),
      container("over", "d", state: "exited", networks: #"{"stack":\#(endpoint("172.18.0.9"))}"#),
      #"{"Id":"eeeeeeeeeeeeeeee","State":"running","Names":null,"NetworkSettings":null}"#,
    ]
    let snapshot = try #require(first("[\(listed.joined(separator: ","))]")?.snapshot)
    #expect(snapshot.containers.map(\.name) == ["beside", "eeeeeeeeeeee", "host", "none", "paused"])
    #expect(snapshot.containers.filter(\.isOnHostNetwork).map(\.name) == ["beside", "host"])
    #expect(snapshot.namesByAddress.isEmpty && snapshot.namesByMACAddress.isEmpty)
  }

  @Test func `those that share a namespace are named with its owner, through several steps`() throws {
    let owner = String(repeating: "b", count: 64)
    let listed = [
      container("z", "a", mode: "container:\(owner)"),
      container("owner", "b", networks: #"{"stack":\#(endpoint("172.18.0.2"))}"#),
      container("a", "c", mode: "container:owner"),
      container("second", "d", mode: "container:a"),
      container("orphan", "e", mode: "container:\(String(repeating: "f", count: 64))"),
      container("circle", "1", mode: "container:wheel"), container("wheel", "2", mode: "container:circle"),
    ]
    let snapshot = try #require(first("[\(listed.joined(separator: ","))]")?.snapshot)
    #expect(Array(snapshot.namesByAddress.values) == [["owner", "a", "second", "z"]])
    #expect(
      snapshot.containers.filter { $0.sharesNamespaceOf == nil }.map(\.name) == ["circle", "orphan", "owner", "wheel"])
  }

  @Test func `an address of two containers has both names, an invalid one is left out`() throws {
    let listed = [
      container("a", "a", networks: #"{"one":\#(endpoint("10.0.0.2", mac: "nonsense"))}"#),
      container("b", "b", networks: #"{"two":\#(endpoint("10.0.0.2", v6: "nonsense"))}"#),
    ]
    let snapshot = try #require(first("[\(listed.joined(separator: ","))]")?.snapshot)
    #expect(snapshot.namesByAddress.map(\.value) == [["a", "b"]])
    #expect(snapshot.namesByMACAddress.isEmpty)
  }

  @Test(arguments: [
    "", "{}", "[", #"[{"Names":["/a"]}]"#, #"[{"Id":7}]"#, "null", String(repeating: "[", count: 100_000),
  ])
  func `an answer that is not an engine's is reported and requested again`(answer: String) throws {
    let engine = try RecordedEngine(containers: answer)
    let feed = try RunningFeed(engine.address)
    #expect(feed.waits(seconds: 2) { !$0.isEmpty })
    #expect(feed.messages.first?.lostReason?.contains("/containers/json") == true)
    try engine.directory.file("containers", "[]")
    #expect(feed.waits { $0.count == 3 })
    #expect(feed.messages.dropFirst() == [.back, .snapshot(ContainerSnapshot())])
    #expect(feed.end())
  }

  @Test func `an answer beyond all bounds is an error`() throws {
    let huge = "[" + String(repeating: " ", count: 17 << 20) + "]"
    #expect(try first(huge)?.lostReason?.contains("longer than") == true)
  }

  @Test func `more than fits into a line is an error, and the feed continues`() throws {
    let image = String(repeating: "x", count: ContainerFeed.lineLimit)
    let engine = try RecordedEngine(containers: #"[{"Id":"a","State":"running","Image":"\#(image)"}]"#)
    let feed = try RunningFeed(engine.address)
    #expect(feed.waits(seconds: 2) { $0.first?.lostReason?.contains("more containers") == true })
    try engine.directory.file("containers", "[]")
    #expect(feed.waits { $0.contains(.snapshot(ContainerSnapshot())) })
    #expect(feed.messages.count == 3 && feed.messages[1] == .back)
    #expect(feed.end())
  }
}
