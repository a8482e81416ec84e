import Containers
import TestNeeds
import TestSupport
import Testing
import Wire

/// A real engine with real containers.
@Suite(.needs(.root, .docker, .namespaces, .minutes)) struct DockerEngineTests {
  @Test func `follows containers of a real engine, also through its restart`() throws {
    let engine = try DockerEngine()
    let feed = try RunningFeed(.unixSocket(path: engine.socketPath))
    #expect(feed.waits(seconds: 2) { !$0.isEmpty })
    #expect(feed.messages.first == .snapshot(ContainerSnapshot()))

    try engine.shell(
      "docker network create --subnet 172.18.0.0/16 --gateway 172.18.0.1 --ipv6 --subnet fd00:18::/64 "
        + "--opt com.docker.network.bridge.name=br-stack stack && docker network create --subnet 172.19.0.0/24 unnamed")
    try engine.container("wireguard", "--network stack --ip 172.18.0.2")
    try engine.container("qbittorrent", "--network container:wireguard")
    try engine.container("agent", "--network container:wireguard")
    try engine.container("ntfy", "--network unnamed --ip 172.19.0.9")
    try engine.container("bridged")
    try engine.container("monitor", "--network host")
    #expect(feed.waits { $0.last(where: { $0.snapshot != nil })?.snapshot?.containers.count == 6 })
    let mac = try engine.answer("docker inspect --format '{{.NetworkSettings.Networks.stack.MacAddress}}' wireguard")
    try expect(#require(feed.messages.compactMap(\.snapshot).last), wireguardHas: #require(MACAddress(mac)))
    #expect(feed.waits { $0.filter { $0.event?.kind == .start }.count == 6 })
    let events = feed.messages.compactMap(\.event)
    #expect(
      events.filter { $0.kind == .start }.map(\.container)
        == ["wireguard", "qbittorrent", "agent", "ntfy", "bridged", "monitor"])
    #expect(events.contains { $0.kind == .connect && $0.container == "wireguard" && $0.network == "stack" })
    #expect(events.map(\.time) == events.map(\.time).sorted())

    let beforeStop = feed.messages.count
    try engine.shell("docker stop qbittorrent")
    #expect(
      feed.waits(from: beforeStop) { messages in
        [.die, .stop].allSatisfy { kind in
          messages.contains { $0.event?.kind == kind && $0.event?.container == "qbittorrent" }
        } && messages.last { $0.snapshot != nil }?.snapshot?.containers.count == 5
      })
    let address = try #require(IPAddress("172.18.0.2"))
    #expect(feed.messages.compactMap(\.snapshot).last?.namesByAddress[address] == ["wireguard", "agent"])

    let beforeRestart = feed.messages.count
    try engine.stop()
    #expect(feed.waits(from: beforeRestart) { $0.contains { $0.lostReason != nil } })
    try engine.start()
    #expect(feed.waits(from: beforeRestart) { $0.last?.snapshot != nil && $0.contains(.back) })
    #expect(feed.messages.dropFirst(beforeRestart).filter { $0.lostReason != nil }.count == 1)
    #expect(feed.messages.compactMap(\.snapshot).last?.containers.isEmpty == true)
    let beforeReturn = feed.messages.count
    try engine.shell("docker start wireguard")
    #expect(feed.waits(from: beforeReturn) { $0.contains { $0.event?.kind == .start } })
    #expect(feed.problems.isEmpty)
    #expect(feed.end())
  }

  private func expect(_ snapshot: ContainerSnapshot, wireguardHas mac: MACAddress) throws {
    let names = snapshot.namesByAddress
    #expect(try names[#require(IPAddress("172.18.0.2"))] == ["wireguard", "agent", "qbittorrent"])
    #expect(try names[#require(IPAddress("172.19.0.9"))] == ["ntfy"])
    #expect(names.filter { !$0.key.isIPv4 }.map(\.value) == [["wireguard", "agent", "qbittorrent"]])
    #expect(snapshot.namesByMACAddress[mac] == ["wireguard", "agent", "qbittorrent"])
    #expect(snapshot.containers.map(\.name) == ["agent", "bridged", "monitor", "ntfy", "qbittorrent", "wireguard"])
    #expect(snapshot.containers.filter(\.isOnHostNetwork).map(\.name) == ["monitor"])
    #expect(snapshot.containers.allSatisfy { $0.image == DockerEngine.image && $0.id.count == 12 })
    #expect(snapshot.networks.map(\.name) == ["bridge", "host", "stack", "unnamed"])
    let stack = try #require(snapshot.networks.first { $0.name == "stack" })
    #expect(stack.bridge == "br-stack" && stack.driver == "bridge")
    #expect(stack.subnets.map(\.description).sorted() == ["172.18.0.0/16", "fd00:18::/64"])
    #expect(try stack.gateways.contains(#require(IPAddress("172.18.0.1"))))
    #expect(snapshot.networks.first { $0.name == "bridge" }?.bridge == "docker0")
    #expect(snapshot.networks.first { $0.name == "unnamed" }?.bridge?.count == 15)
  }
}
