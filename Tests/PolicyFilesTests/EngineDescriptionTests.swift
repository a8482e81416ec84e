import ComposeFiles
import Foundation
import Policy
import PolicyFiles
import Testing
import TextFiles
import Wire

/// Stacks without a compose file, as the engine describes them.
@Suite struct EngineDescriptionTests {
  private static let image = """
    {"Id": "sha256:1", "RepoTags": ["qmcgaw/gluetun:v3.41"], "Config": {"Env": ["PATH=/usr/bin:/bin", "VPN_TYPE=openvpn"],
     "Entrypoint": ["/gluetun-entrypoint"], "Healthcheck": {"Test": ["CMD", "/gluetun-entrypoint", "healthcheck"]}}}
    """
  private static let networks = """
    [{"Id": "0123456789abcdef", "Name": "arr", "Driver": "bridge", "Internal": false, "EnableIPv6": false,
      "IPAM": {"Config": [{"Subnet": "172.31.0.0/24"}]}, "Options": {}},
     {"Id": "ff", "Name": "bridge", "Driver": "bridge", "IPAM": {"Config": null},
      "Options": {"com.docker.network.bridge.name": "docker0"}},
     {"Id": "aa", "Name": "host", "Driver": "host", "IPAM": null, "Options": null}]
    """

  /// As `docker run`, or a template of Unraid, makes it.
  private static func gluetun(
    name: String = "gluetun", id: String = "aaaa1111", _ host: String = "", mounts: String = "[]"
  )
    -> String
  {
    """
    {"Id": "\(id)", "Name": "/\(name)", "Image": "sha256:1", "State": {"Pid": 4711},
     "Config": {"Image": "sha256:1", "Cmd": null, "Labels": {}, "Entrypoint": ["/gluetun-entrypoint"],
      "Healthcheck": {"Test": ["CMD", "/gluetun-entrypoint", "healthcheck"]},
      "Env": ["PATH=/usr/bin:/bin", "VPN_TYPE=wireguard", "VPN_SERVICE_PROVIDER=custom", "WIREGUARD_ADDRESSES=10.64.0.2/32",
       "WIREGUARD_PUBLIC_KEY=4pa6o2HgzmUWcCFQfY4wQ1w8Q1ZDhJNZc8w3m9m1xXI=", "WIREGUARD_ENDPOINT_IP=203.0.113.178",
       "WIREGUARD_ENDPOINT_PORT=51820"]},
     "HostConfig": {"NetworkMode": "arr", "CapAdd": ["CAP_NET_ADMIN"], "Privileged": false,
      "RestartPolicy": {"Name": "unless-stopped"}, "PortBindings": {"8080/tcp": [{"HostIp": "", "HostPort": "8080"}]}\(host)},
     "Mounts": \(mounts),
     "NetworkSettings": {"Networks": {"arr": {"IPAddress": "172.31.0.2", "GlobalIPv6Address": "", "MacAddress": "02:42:ac:1f:00:02"}}}}
    """
  }

  private static func behind(_ name: String, _ id: String, _ mode: String, networks: String = "{}") -> String {
    """
    {"Id": "\(id)", "Name": "/\(name)", "Image": "sha256:2", "Config": {"Image": "lscr.io/linuxserver/\(name)", "Labels": null},
     "HostConfig": {"NetworkMode": "\(mode)"}, "NetworkSettings": {"Networks": \(networks)}}
    """
  }

  private func describe(_ containers: [String], isOfThisMachine: Bool = true) throws -> EngineDescription {
    try EngineDescription(
      containers: containers.map { Array($0.utf8) }, images: ["sha256:1": Array(Self.image.utf8)],
      networks: Array(Self.networks.utf8), isOfThisMachine: isOfThisMachine)
  }

  @Test func `reads a gluetun from docker run, and what is behind it`() throws {
    let engine = try describe([
      Self.gluetun(), Self.behind("qbittorrent", "bbbb", "container:aaaa1111"),
      Self.behind("jellyfin", "cccc", "arr", networks: #"{"arr": {"IPAddress": "172.31.0.3"}, "none": null}"#),
      Self.behind("homepage", "dddd", "bridge", networks: #"{"bridge": {"IPAddress": "172.17.0.2"}}"#),
    ])
    #expect(engine.gateways == ["gluetun"])
    #expect(engine.container("aaaa") == "gluetun" && engine.container("") == nil && engine.container("e") == nil)
    // From any of them.
    for name in ["gluetun", "qbittorrent", "jellyfin"] {
      let stack = VPNStack(engine.project(around: [name]))
      #expect(stack.gateways.map(\.service.name) == ["gluetun"], "\(name)")
      #expect(stack.consumers.map(\.service.name) == ["qbittorrent"], "\(name)")
      #expect(stack.outsiders.map(\.name) == ["jellyfin"], "\(name)")
    }
    var policy = TunnelPolicy()
    let stack = VPNStack(engine.project(around: ["qbittorrent"]))
    #expect(stack.apply(to: &policy).isEmpty)
    #expect(policy.endpoints.map { "\($0.value.endpoint)" } == ["203.0.113.178:51820"])
    #expect(policy.endpoints.map(\.origin) == ["docker inspect gluetun .Config.Env:6"])
    #expect(policy.audited.map { "\($0.value) \($0.origin)" } == ["172.31.0.0/24 docker network inspect arr"])
    #expect(policy.containers.map(\.value.names) == [["gluetun", "qbittorrent"], ["jellyfin"]])
    #expect(policy.publishedPorts.map(\.value.published) == ["8080"])
    let service = try #require(stack.project.service("gluetun"))
    #expect(service.image?.value == "qmcgaw/gluetun:v3.41")
    #expect(service.addedCapabilities.map(\.value) == ["NET_ADMIN"])
    // The image's own setting is not the stack's.
    #expect(service.entrypoint == nil && service.healthCheck == nil && service.environment["PATH"] == nil)
    #expect(service.environment["VPN_TYPE"]?.value == "wireguard")
    #expect(service.restart?.value == "unless-stopped")
  }

  @Test func `a changed start is reported, and a stopped gateway is still a gateway`() throws {
    let engine = try describe([
      Self.gluetun().replacing(#""Entrypoint": ["/gluetun-entrypoint"]"#, with: #""Entrypoint": "/bin/sh -c true""#)
        .replacing("172.31.0.2", with: "")
    ])
    let service = try #require(engine.project(around: ["gluetun"]).service("gluetun"))
    #expect(service.entrypoint?.value == "/bin/sh -c true")
    #expect(service.networks.map(\.network) == ["arr"] && service.networks[0].ipv4Address == nil)
  }

  @Test func `files in volumes are read where they are this machine's`() throws {
    let text = """
      [Interface]
      Address = 10.64.0.2
      [Peer]
      PublicKey = 4pa6o2HgzmUWcCFQfY4wQ1w8Q1ZDhJNZc8w3m9m1xXI=
      AllowedIPs = 0.0.0.0/0
      Endpoint = 203.0.113.9:51820
      """
    let files = try DockerComposeOracle(files: ["wg0.conf": text])
    let mounts = """
      [{"Type": "volume", "Name": "wg", "Source": "\(files.folder)", "Destination": "/etc/wireguard/", "RW": true},
       {"Type": "tmpfs", "Source": "", "Destination": "/tmp"}]
      """
    let bare = Self.gluetun(mounts: mounts).replacing("VPN_SERVICE_PROVIDER=custom", with: "A=b")
    let container = bare.replacing("sha256:1", with: "sha256:3").replacing("WIREGUARD_", with: "OTHER_")
    let here = VPNStack(try describe([container]).project(around: ["gluetun"]))
    #expect(here.gateways.first?.configs.map(\.path) == ["/etc/wireguard/wg0.conf"])
    // Another machine's files may have the same names here.
    let there = try describe([container, Self.behind("a", "b", "container:gluetun")], isOfThisMachine: false)
    let stack = VPNStack(there.project(around: ["gluetun"]))
    #expect(stack.gateways.first?.configs.isEmpty == true)
    #expect(stack.problems.contains { $0.message.contains("volume of the engine") }, "\(stack.problems)")
  }

  @Test func `separate stacks are not mixed`() throws {
    let other = Self.gluetun(name: "other", id: "eeee", #", "Sysctls": {"net.ipv4.ip_forward": "1"}"#)
      .replacing("arr", with: "unknown")
    let engine = try describe([
      Self.gluetun(), other, Self.behind("one", "b1", "container:aaaa1111"), Self.behind("two", "b2", "container:eeee"),
    ])
    #expect(engine.gateways == ["gluetun", "other"])
    #expect(engine.project(around: ["one"]).services.map(\.name) == ["gluetun", "one"])
    let project = engine.project(around: ["two"])
    #expect(project.services.map(\.name) == ["other", "two"])
    // A network that is gone meanwhile.
    #expect(project.network("unknown")?.isExternal == true)
    #expect(engine.project(around: ["one", "two"]).services.count == 4)
  }

  @Test func `what Compose made has its services' names, and what they wait for`() throws {
    func labels(_ service: String, _ more: String = "") -> String {
      "{\"com.docker.compose.project\": \"arr\", \"com.docker.compose.service\": \"\(service)\"\(more)}"
    }
    let gateway = Self.gluetun(name: "arr-vpn-1").replacing("\"Labels\": {}", with: "\"Labels\": \(labels("vpn"))")
    let waits = ", \"com.docker.compose.depends_on\": \"vpn:service_healthy:true,none:service_started:false\""
    let waiting = labels("torrent", waits)
    let consumers = [
      Self.behind("arr-torrent-1", "b", "container:aaaa1111").replacing("null", with: waiting),
      Self.behind("arr-old-1", "c", "container:aaaa1111").replacing("null", with: labels("old")),
      Self.behind("arr-torrent-2", "d", "container:aaaa1111").replacing("null", with: waiting),
    ]
    let project = try describe([gateway] + consumers).project(around: ["arr-old-1"])
    #expect(project.name == "arr")
    #expect(project.services.map(\.name) == ["old", "torrent", "arr-torrent-2", "vpn"])
    #expect(project.service("torrent")?.dependencies.map(\.value.service) == ["vpn"])
    #expect(project.service("torrent")?.dependencies.map(\.value.condition) == ["service_healthy"])
    #expect(project.service("torrent")?.tellsDependencies == true && project.service("old")?.tellsDependencies == false)
    #expect(VPNStack(project).containerName(try #require(project.service("torrent"))) == "arr-torrent-1")
  }

  @Test func `no circle makes it hang, and no answer ends it`() throws {
    let engine = try describe([
      Self.behind("a", "aa", "container:bb"), Self.behind("b", "bb", "container:aa"),
      Self.behind("c", "cc", "container:cc"),
    ])
    #expect(engine.gateways.isEmpty)
    #expect(engine.project(around: ["a"]).services.count == 2)
    #expect(try describe([]).project(around: []).services.isEmpty)
    let whole = Array(Self.gluetun().utf8)
    for count in stride(from: 0, to: whole.count, by: 7) {
      #expect(throws: EngineDescription.Problem.self) {
        try EngineDescription(
          containers: [Array(whole[..<count])], images: [:], networks: Array("[]".utf8), isOfThisMachine: true)
      }
    }
    #expect(throws: EngineDescription.Problem.self) {
      try EngineDescription(containers: [], images: [:], networks: Array("{}".utf8), isOfThisMachine: true)
    }
  }
}
