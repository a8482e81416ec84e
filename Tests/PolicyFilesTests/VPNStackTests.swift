import Foundation
import Policy
import TestSupport
import Testing
import TextFiles
import Wire

@testable import ComposeFiles
@testable import PolicyFiles

/// The role of each service, and the resulting policy.
struct VPNStackTests {
  /// A folder with these files; paths are relative to it.
  private static func stack(
    _ files: [String: String], prepare: (URL) throws -> Void = { _ in }
  ) throws -> (VPNStack, folder: String) {
    let folder = try TemporaryDirectory()
    for (path, text) in files { try folder.file(path, text) }
    try prepare(folder.url)
    let project = try ComposeProject.load([folder.path("compose.yaml")], environment: [:])
    return (VPNStack(project), folder.path)
  }

  private static let conf = """
    [Interface]
    PrivateKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA=
    Address = 10.64.114.74/32
    DNS = 10.64.0.1
    [Peer]
    PublicKey = a6oniBujlUXqOmv5Hst0v8xCqidy7O4JcN8Q6YRM5Hk=
    AllowedIPs = 0.0.0.0/0
    Endpoint = 203.0.113.178:51820
    """

  @Test func `consumers are found through other services and by container name`() throws {
    let (stack, _) = try Self.stack([
      "compose.yaml": """
      services:
        vpn: {image: wireguard, container_name: tunnel, cap_add: [CAP_NET_ADMIN], volumes: [./c:/config]}
        a: {image: a, network_mode: service:vpn}
        b: {image: b, network_mode: container:tunnel}
        c: {image: c, network_mode: service:a}
        d: {image: d}
        e: {image: e, network_mode: none}
        f: {image: f, networks: [inner]}
        g: {image: g, network_mode: host}
      networks:
        inner: {internal: true}
      """, "c/wg0.conf": Self.conf,
    ])
    #expect(stack.gateways.map(\.service.name) == ["vpn"])
    #expect(stack.consumers.map(\.service.name) == ["a", "b", "c"])
    #expect(stack.consumers.map(\.gateway) == ["vpn", "vpn", "vpn"])
    #expect(stack.outsiders.map(\.name) == ["d", "g"])
    #expect(stack.problems.isEmpty)
  }

  @Test(arguments: [
    ("./c:/config", "c/wg_confs/wg0.conf"),
    ("./c:/config", "c/wg0.conf"),
    ("./c/wg_confs:/config/wg_confs", "c/wg_confs/wg0.conf"),
    ("./c/wg0.conf:/config/wg_confs/wg0.conf:ro", "c/wg0.conf"),
    ("./c/my.conf:/etc/wireguard/wg0.conf", "c/my.conf"),
    ("./c:/etc/wireguard", "c/wg0.conf"),
  ])
  func `configurations are where the images look`(volume: String, file: String) throws {
    let (stack, folder) = try Self.stack([
      "compose.yaml": "services:\n  vpn:\n    image: x\n    cap_add: [NET_ADMIN]\n    volumes: ['\(volume)']\n",
      file: Self.conf,
    ])
    var policy = TunnelPolicy()
    #expect(stack.apply(to: &policy).isEmpty)
    #expect(policy.endpoints.map { "\($0.value.endpoint)" } == ["203.0.113.178:51820"])
    #expect(policy.endpoints.first?.origin == "\(folder)/\(file):8")
    #expect(policy.tunnelResolvers.map(\.value) == [IPAddress("10.64.0.1")!])
  }

  @Test func `a closer mount hides the files of the one around it`() throws {
    let (stack, _) = try Self.stack([
      "compose.yaml": """
      services:
        vpn:
          image: x
          cap_add: [NET_ADMIN]
          volumes: ['./outer:/config', './inner:/config/wg_confs']
      """,
      "outer/wg_confs/wg0.conf": Self.conf.replacing("203.0.113.178", with: "192.0.2.9"), "inner/wg0.conf": Self.conf,
    ])
    var policy = TunnelPolicy()
    stack.apply(to: &policy)
    #expect(policy.endpoints.map { "\($0.value.endpoint)" } == ["203.0.113.178:51820"])
  }

  @Test func `networks, addresses and published ports are stated with their lines`() throws {
    let (stack, folder) = try Self.stack([
      "compose.yaml": """
      services:
        vpn:
          image: x
          cap_add: [NET_ADMIN]
          volumes: [./c:/config]
          ports: ['8080:80', '127.0.0.1:53:5353/udp']
          networks:
            default: {ipv4_address: 172.18.0.2}
        app: {image: a, network_mode: service:vpn}
        ntfy: {image: n, container_name: ntfy, networks: {default: {ipv4_address: 172.18.0.3}}}
      networks:
        default:
          driver_opts: {com.docker.network.bridge.name: br-stack}
          ipam: {config: [{subnet: 172.18.0.0/16}]}
      name: stack
      """, "c/wg0.conf": Self.conf,
    ])
    var policy = TunnelPolicy()
    stack.apply(to: &policy)
    #expect(policy.audited.map { "\($0.value) \($0.origin)" } == ["172.18.0.0/16 \(folder)/compose.yaml:14"])
    #expect(policy.roles == ["br-stack": .bridge])
    #expect(policy.roleOrigins == ["br-stack": "\(folder)/compose.yaml:13"])
    #expect(policy.containers.map(\.value.names) == [["stack-vpn-1", "stack-app-1"], ["ntfy"]])
    #expect(policy.containers.map(\.value.holdsTunnel) == [true, false])
    #expect(policy.containers.flatMap(\.value.addresses) == [IPAddress("172.18.0.2")!, IPAddress("172.18.0.3")!])
    #expect(
      policy.publishedPorts.map { "\($0.value) \($0.origin)" } == [
        "8080 -> 80/tcp \(folder)/compose.yaml:6", "127.0.0.1:53 -> 5353/udp \(folder)/compose.yaml:6",
      ])
  }

  @Test func `gluetun's variables are a configuration`() throws {
    let (stack, folder) = try Self.stack([
      "compose.yaml": """
      services:
        gluetun:
          image: qmcgaw/gluetun
          cap_add: [NET_ADMIN]
          environment:
            VPN_SERVICE_PROVIDER: custom
            VPN_TYPE: wireguard
            WIREGUARD_ENDPOINT_IP: 203.0.113.178
            WIREGUARD_ENDPOINT_PORT: "4500"
            WIREGUARD_PUBLIC_KEY: a6oniBujlUXqOmv5Hst0v8xCqidy7O4JcN8Q6YRM5Hk=
            WIREGUARD_PRIVATE_KEY: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAEA=
            WIREGUARD_ADDRESSES: 10.64.114.74/32
        app: {image: a, network_mode: service:gluetun}
      """
    ])
    var policy = TunnelPolicy()
    #expect(stack.apply(to: &policy).isEmpty)
    #expect(
      policy.endpoints.map { "\($0.value.endpoint) \($0.origin)" } == ["203.0.113.178:4500 \(folder)/compose.yaml:8"])
    #expect(policy.endpoints.first?.value.publicKey?.count == 32)
    #expect(policy.tunnelAddresses.map { "\($0.value) \($0.origin)" } == ["10.64.114.74 \(folder)/compose.yaml:12"])
  }

  @Test(arguments: ["custom", "airvpn"])
  func `problems in an env file name its lines and not wg-quick`(provider: String) throws {
    let endpoint = provider == "custom" ? "WIREGUARD_ENDPOINT_IP=203.0.113.5\n" : ""
    let (stack, _) = try Self.stack([
      "compose.yaml": "services: {gluetun: {image: qmcgaw/gluetun, cap_add: [NET_ADMIN], env_file: [vpn.env]}}",
      "vpn.env": "# mine\n\nVPN_SERVICE_PROVIDER=\(provider)\nWIREGUARD_PUBLIC_KEY=key\nWIREGUARD_ADDRESSES=ip\n"
        + endpoint,
    ])
    var policy = TunnelPolicy()
    let problems = stack.apply(to: &policy).map(\.description)
    #expect(problems.contains { $0.contains("vpn.env:4: PublicKey") })
    #expect(problems.contains { $0.contains("vpn.env:5: ") })
    let ofLines = problems.filter { !$0.contains("chooses its server") }
    #expect(ofLines.allSatisfy { !$0.contains("wg-quick") && !$0.contains("compose.yaml") }, "\(problems)")
    #expect(policy.endpoints.map(\.origin).allSatisfy { $0.hasSuffix("vpn.env:6") })
  }

  @Test func `a resolver on the container's own network is not the tunnel's`() throws {
    func resolvers(_ address: String) throws -> [String] {
      let (stack, _) = try Self.stack([
        "compose.yaml": """
        services:
          gluetun:
            image: qmcgaw/gluetun
            cap_add: [NET_ADMIN]
            environment:
              VPN_SERVICE_PROVIDER: custom
              WIREGUARD_ENDPOINT_IP: 203.0.113.5
              WIREGUARD_ADDRESSES: 10.2.0.2/32
              FIREWALL_OUTBOUND_SUBNETS: 192.168.1.0/24
              DNS_ADDRESS: \(address)
            networks: {n: {}}
        networks: {n: {ipam: {config: [{subnet: 172.30.0.0/24}]}}}
        """
      ])
      var policy = TunnelPolicy()
      stack.apply(to: &policy)
      return policy.tunnelResolvers.map { "\($0.value)" }
    }
    #expect(try resolvers("10.2.0.1") == ["10.2.0.1"])
    #expect(try resolvers("172.30.0.5").isEmpty && resolvers("192.168.1.53").isEmpty)
  }

  @Test func `gluetun with a provider's name needs a stated Endpoint`() throws {
    let (stack, _) = try Self.stack([
      "compose.yaml": """
      services:
        gluetun:
          image: qmcgaw/gluetun
          cap_add: [NET_ADMIN]
          environment: {VPN_SERVICE_PROVIDER: mullvad, WIREGUARD_ADDRESSES: 10.64.114.74/32}
      """
    ])
    var policy = TunnelPolicy()
    #expect(
      stack.apply(to: &policy).map(\.message) == [
        "gluetun chooses its server by itself, and its list of servers is not kept on this machine (mount a folder at /gluetun to "
          + "have it read): an answered handshake of the gateway has to show the Endpoint, or state it with --endpoint"
      ])
    #expect(stack.gateways.allSatisfy { $0.configs.allSatisfy(\.config.refusals.isEmpty) })
  }

  @Test(arguments: [
    ("services: {web: {image: nginx}}", "no service holds a VPN tunnel"),
    ("services: {vpn: {image: wireguard, cap_add: [NET_ADMIN]}}", "no WireGuard configuration is among its"),
    (
      "services: {vpn: {image: w, cap_add: [NET_ADMIN], volumes: ['./none:/config']}, a: {image: a, network_mode: 'service:vpn'}}",
      "no WireGuard configuration is among its"
    ),
  ])
  func `what the files leave open is reported`(text: String, words: String) throws {
    let (stack, _) = try Self.stack(["compose.yaml": text])
    var policy = TunnelPolicy()
    let problems = stack.apply(to: &policy)
    #expect(problems.contains { $0.message.contains(words) }, "\(problems)")
  }

  @Test func `a dead link that is not a configuration is ignored`() throws {
    let (stack, _) = try Self.stack([
      "compose.yaml": "services: {vpn: {image: x, cap_add: [NET_ADMIN], volumes: ['./c:/config']}}",
      "c/wg0.conf": Self.conf,
    ]) { folder in
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: "c/log").path, withDestinationPath: "/no/such/log")
    }
    #expect(stack.problems.isEmpty, "\(stack.problems)")
  }

  @Test func `configs of the compose file are files like others`() throws {
    let (stack, folder) = try Self.stack([
      "compose.yaml": """
      services:
        vpn:
          image: x
          cap_add: [NET_ADMIN]
          configs:
            - {source: tunnel, target: /config/wg_confs/wg0.conf}
            - {source: switch, target: /custom-cont-init.d/10-switch.sh}
      configs:
        tunnel:
          content: |
      \(Self.conf.split(separator: "\n").map { "      \($0)" }.joined(separator: "\n"))
        switch: {content: "iptables -P OUTPUT DROP"}
      """
    ])
    #expect(stack.problems.isEmpty, "\(stack.problems)")
    let gateway = try #require(stack.gateways.first)
    #expect(gateway.scripts.map(\.text) == ["iptables -P OUTPUT DROP"])
    #expect(gateway.scripts.map(\.path) == ["\(folder)/compose.yaml#/custom-cont-init.d/10-switch.sh"])
    var policy = TunnelPolicy()
    stack.apply(to: &policy)
    #expect(policy.endpoints.first?.origin == "\(folder)/compose.yaml#/config/wg_confs/wg0.conf:8")
  }

  @Test(arguments: [
    ("scripts:/custom-cont-init.d", "the files of '/custom-cont-init.d' are in a volume of the engine"),
    ("./none:/custom-cont-init.d", "there is no such file"),
    ("./c/wg0.conf:/custom-cont-init.d", "this is not a directory"),
    ("./none.sh:/custom-cont-init.d/switch.sh", "which is not there"),
    ("./links:/custom-cont-init.d", "leads nowhere on this machine"),
    ("scripts:/etc/wireguard", "the files of '/etc/wireguard' are in a volume of the engine"),
  ])
  func `files that cannot be read are reported`(volume: String, words: String) throws {
    let (stack, _) = try Self.stack([
      "compose.yaml": """
      services:
        vpn: {image: x, cap_add: [NET_ADMIN], volumes: ['./c:/config', '\(volume)']}
      volumes: {scripts: {}}
      """, "c/wg0.conf": Self.conf, "links/switch.sh": "",
    ]) { folder in
      try FileManager.default.removeItem(at: folder.appending(path: "links/switch.sh"))
      try FileManager.default.createSymbolicLink(
        atPath: folder.appending(path: "links/switch.sh").path, withDestinationPath: "/no/such/script")
    }
    #expect(stack.problems.count == 1)
    #expect(stack.problems.first?.message.contains(words) == true, "\(stack.problems)")
    #expect(stack.problems.first?.line == 2)
  }
}
