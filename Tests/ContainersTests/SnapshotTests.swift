import Foundation
import Testing
import Wire

@testable import Containers

/// What the engine answers, in the forms that were seen (Docker 20.10 to 28) and some that were not.
@Suite struct SnapshotTests {
  private static func snapshot(_ containers: String, _ networks: String = "[]") throws -> ContainerSnapshot {
    let decoder = JSONDecoder()
    return ContainerSnapshot(
      try decoder.decode([EngineAnswers.Container].self, from: Data(containers.utf8)),
      try decoder.decode([EngineAnswers.Network].self, from: Data(networks.utf8)))
  }

  @Test func `containers that share a namespace are named together, its owner first`() throws {
    let snapshot = try Self.snapshot(
      """
      [{"Id":"aaaaaaaaaaaa1111","Names":["/wireguard"],"Image":"i","State":"running","HostConfig":{"NetworkMode":"stack"},
        "NetworkSettings":{"Networks":{"stack":{"NetworkID":"n1","IPAddress":"172.18.0.2","GlobalIPv6Address":"fd00::2",
        "MacAddress":"02:42:ac:12:00:02"}}}},
       {"Id":"bbbbbbbbbbbb1111","Names":["/zz"],"State":"running",
        "HostConfig":{"NetworkMode":"container:aaaaaaaaaaaa1111"},"NetworkSettings":{"Networks":{}}},
       {"Id":"cccccccccccc1111","Names":["/link/alias","/pihole"],"State":"running",
        "HostConfig":{"NetworkMode":"container:aaaaaaaaaaaa1111"}}]
      """,
      """
      [{"Id":"n1","Name":"stack","Driver":"bridge","Options":{"com.docker.network.bridge.name":"br-stack"},
        "IPAM":{"Config":[{"Subnet":"172.18.0.0/16","Gateway":"172.18.0.1"}]}},
       {"Id":"n2","Name":"unused","Driver":"bridge"}]
      """)
    let expected = ["wireguard", "pihole", "zz"]
    #expect(snapshot.names == [IPAddress("172.18.0.2")!: expected, IPAddress("fd00::2")!: expected])
    #expect(snapshot.namesByMAC == [MACAddress("02:42:ac:12:00:02")!: expected])
    #expect(snapshot.networks.map(\.name) == ["stack"])
    #expect(snapshot.bridges == ["br-stack"])
  }

  @Test(arguments: [
    (#""Driver":"bridge","Options":{"com.docker.network.bridge.default_bridge":"true"}"#, "docker0" as String?),
    (#""Driver":"bridge","Options":{}"#, "br-0123456789ab"), (#""Driver":"bridge","Options":null"#, "br-0123456789ab"),
    (#""Driver":"macvlan""#, nil), (#""Driver":null"#, nil),
  ])
  func `a bridge network's interface has the name that the engine gives it`(rest: String, bridge: String?) throws {
    let container =
      #"[{"Id":"a","State":"running","NetworkSettings":{"Networks":{"n":{"NetworkID":"0123456789abcdef"}}}}]"#
    let snapshot = try Self.snapshot(container, #"[{"Id":"0123456789abcdef","Name":"n",\#(rest)}]"#)
    #expect(snapshot.networks.map(\.bridge) == [bridge])
  }

  @Test func `what is about to run counts once it has an address, and what has ended does not`() throws {
    let snapshot = try Self.snapshot(
      """
      [{"Id":"a","Names":["/soon"],"State":"created","NetworkSettings":{"Networks":{"n":{"IPAddress":"172.18.0.3"}}}},
       {"Id":"b","Names":["/over"],"State":"exited","NetworkSettings":{"Networks":{"n":{"IPAddress":""}}}},
       {"Id":"c","State":"running","HostConfig":{"NetworkMode":"host"},"NetworkSettings":{"Networks":{"host":null}}}]
      """)
    #expect(snapshot.containers.map(\.name) == ["c", "soon"])
    #expect(snapshot.containers.map(\.networkMode) == ["host", ""])
  }

  @Test func `the event stream may be cut anywhere, and what is no event is passed over`() throws {
    let stream =
      #"{"Type":"container","Action":"start","Actor":{"ID":"a","Attributes":{"name":"wireguard"}},"timeNano":7}"# + "\n"
      + "nonsense\n" + #"{"Type":"container","Action":"exec_start: sh","Actor":{}}"# + "\n"
      + #"{"Type":"network","Action":"connect","Actor":{"Attributes":{"name":"stack","container":"0123456789abcdef"}}}"#
      + "\n"
    for step in [1, 7, 1000] {
      var lines = EventLines()
      var messages: [ContainerMessage] = []
      var rest = Array(stream.utf8)[...]
      while !rest.isEmpty {
        messages += lines.take(Array(rest.prefix(step)))
        rest = rest.dropFirst(step)
      }
      #expect(
        messages == [
          .event(time: 7, isNetwork: false, text: "container wireguard: start"),
          .event(time: 0, isNetwork: true, text: "network stack: connect 0123456789ab"),
        ])
    }
  }

  @Test func `messages come through a pipe in any pieces, and nonsense is an error`() throws {
    let messages: [ContainerMessage] = [
      .lost(reason: "it \"ended\"\n"), .back, .snapshot(ContainerSnapshot(containers: [], networks: [])),
    ]
    let lines: [[UInt8]] = try messages.map { Array(try JSONEncoder().encode($0)) + [0x0A] }
    let bytes = Array(lines.joined())
    for step in [1, 5, 4096] {
      var reader = ContainerMessageReader()
      var read: [ContainerMessage] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        read += try reader.take(Array(rest.prefix(step)))
        rest = rest.dropFirst(step)
      }
      #expect(read == messages)
    }
    var reader = ContainerMessageReader()
    #expect(throws: EngineError.self) { try reader.take(Array("{}\n".utf8)) }
    var endless = ContainerMessageReader()
    #expect(throws: EngineError.self) {
      try endless.take([UInt8](repeating: 0x20, count: ContainerMessageReader.lineLimit + 1))
    }
  }

  @Test(arguments: ["ssh://host", "docker.sock", "npipe:////./pipe", "unix"])
  func `a DOCKER_HOST that is not spoken is refused by name`(host: String) {
    #expect {
      _ = try DockerEngine(host: host)
    } throws: {
      ($0 as? EngineError)?.reason.contains(host) == true
    }
  }

  @Test func `an engine that does not answer is an error, with its name elsewhere`() throws {
    let engine = try DockerEngine(host: "unix:///nonexistent/docker.sock")
    #expect(throws: EngineError.self) { try engine.snapshot() }
    #expect(try DockerEngine(host: nil).socket == DockerEngine.usualSocket)
  }
}
