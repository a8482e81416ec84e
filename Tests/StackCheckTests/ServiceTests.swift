import ComposeFiles
import Policy
import PolicyFiles
import StackCheck
import Testing
import TextFiles

/// Findings on the services of a stack: which holds a tunnel, which use it, and which go around it.
@Suite struct ServiceTests {
  static func report(_ services: String) throws -> StackReport {
    let text = "services:\n" + services.split(separator: "\n").map { "  \($0)\n" }.joined()
    let project = try ComposeProject.load(["compose.yaml"], environment: [:], currentFolder: "/x") {
      path throws(PolicyFileProblem) in path == "compose.yaml" ? Array(text.utf8) : nil
    }
    return StackAudit.report(on: VPNStack(project))
  }

  private static let gluetun =
    "gluetun: {image: qmcgaw/gluetun, cap_add: [NET_ADMIN], environment: {VPN_SERVICE_PROVIDER: mullvad}}\n"

  @Test func `services that are outside on purpose give one line`() throws {
    let outside = ["jellyfin", "traefik", "postgres", "sonarr", "homepage"].map { "\($0): {image: x/\($0)}\n" }.joined()
    let inside = "app: {image: a, network_mode: service:gluetun, depends_on: {gluetun: {condition: service_healthy}}}\n"
    let findings = try Self.report(Self.gluetun + inside + outside).findings
    #expect(findings.map(\.severity) == [.info])
    #expect(findings.first?.message.hasPrefix("the services 'jellyfin', 'traefik', 'postgres', 'sonarr' and") == true)
    // The one that matters is not among them.
    let torrent = "dl: {image: lscr.io/linuxserver/qbittorrent:latest}\nmetrics: {image: x/qbittorrent-exporter}\n"
    let worse = try Self.report(Self.gluetun + inside + outside + torrent).findings
    #expect(worse.map(\.severity) == [.high, .info])
    #expect(worse.first?.message == "the service 'dl' has a network outside the tunnel, and is a download client")
  }

  @Test func `in the machine's network, Docker refuses what it would set of it`() throws {
    let gateway = "wireguard: {image: lscr.io/linuxserver/wireguard, cap_add: [NET_ADMIN], network_mode: host"
    let sysctls = ", sysctls: [net.ipv4.conf.all.src_valid_mark=1, kernel.msgmax=65536]"
    func problems(_ services: String) throws -> [String] { try Self.report(services).problems.map(\.message) }
    #expect(
      try problems(gateway + sysctls + "}\n") == [
        "Docker does not start a container in the machine's network that sets net.ipv4.conf.all.src_valid_mark: set it on "
          + "the machine itself"
      ])
    // Whether the machine has it, the files do not say.
    let report = try Self.report(gateway + "}\n")
    #expect(report.problems.isEmpty && !report.findings.contains { $0.fault == .srcValidMark })
  }

  /// Keys of the gateway and of a container in its network: those that may matter and are not read, and similar ones.
  @Test(arguments: [
    ("user: '1000:1000'", "user: '0:1000'", true), ("runtime: runsc", "runtime: runc", true),
    ("develop: {watch: [{path: ., action: sync, target: /}]}", "labels: {develop: x}", true),
    ("devices: ['/dev/sda:/dev/sda']", "devices: ['/dev/net/tun:/dev/net/tun', /dev/dri/card0]", false),
    ("devices: [/dev/dri/../sda]", "devices: [/dev/ttyUSB0]", false), ("devices: [/dev]", "devices: []", false),
    ("devices: [{source: /dev/mem, target: /dev/mem}]", "devices: [{source: /dev/fuse, target: /dev/fuse}]", false),
    ("device_cgroup_rules: ['b 8:* rwm']", "device_cgroup_rules: ['c 188:* rwm']", false),
    ("pre_start: [{command: [iptables, -F]}]", "x-pre-start: 1", false),
  ])
  func `a key that may matter and is not read makes a check incomplete`(
    unread: String, harmless: String, isOfGateway: Bool
  ) throws {
    func report(_ key: String) throws -> StackReport {
      let app = "app: {image: a, network_mode: service:gluetun, depends_on: {gluetun: {condition: service_healthy}}"
      return isOfGateway
        ? try Self.report(Self.gluetun.replacing("}}\n", with: "}, \(key)}\n") + app + "}\n")
        : try Self.report(Self.gluetun + app + ", \(key)}\n")
    }
    let name = unread.prefix { $0 != ":" }
    func isTold(_ report: StackReport) -> Bool { report.skipped.contains { $0.text.contains(name) } }
    #expect(try isTold(report(unread)))
    #expect(try !isTold(report(harmless)))
  }

  @Test(arguments: ["restart: always", "deploy: {restart_policy: {condition: any}}"])
  func `a consumer that the engine restarts is reported, wherever it is written`(key: String) throws {
    let app = "app: {image: a, network_mode: service:gluetun, depends_on: {gluetun: {condition: service_healthy}}"
    #expect(try Self.report(Self.gluetun + app + ", \(key)}\n").findings.map(\.fault) == [.restartRace])
  }

  @Test func `an unused tunnel is reported`() throws {
    let findings = try Self.report(Self.gluetun + "app: {image: a}\n").findings
    #expect(findings.map(\.severity) == [.high])
    #expect(findings.first?.message.hasPrefix("no service uses the tunnel") == true)
  }

  @Test func `the same finding for all consumers is reported once`() throws {
    let consumers = (1...12).map { "c\($0): {image: a, network_mode: service:gluetun, restart: always}\n" }.joined()
    let findings = try Self.report(Self.gluetun + consumers).findings
    #expect(Set(findings.map(\.fault)) == [.startsBeforeTunnel, .restartRace] && findings.count == 2)
    #expect(findings.allSatisfy { $0.message.contains("'c8' and 4 more") }, "\(findings)")
  }

  @Test(
    arguments: [
      "image: lscr.io/linuxserver/wireguard, environment: {PEERS: 'laptop,phone', SERVERURL: vpn.example.org}",
      "image: ghcr.io/wg-easy/wg-easy:15, environment: {WG_HOST: vpn.example.org}, volumes: ['./none:/etc/wireguard']",
    ])
  func `a server is not a client`(service: String) throws {
    let server = "server: {cap_add: [NET_ADMIN], \(service)}\n"
    let alone = try Self.report(server)
    #expect(alone.findings.isEmpty)
    #expect(
      alone.unread.map(\.message).count == 1 && alone.unread.first?.message.contains("is a WireGuard server") == true)
    let app = "app: {image: a, network_mode: service:gluetun, depends_on: {gluetun: {condition: service_healthy}}}\n"
    let beside = try Self.report(Self.gluetun + app + server)
    #expect(beside.findings.map(\.severity) == [.info] && beside.unread.isEmpty)
  }

  /// A gateway that is closed by its own script, with one more line.
  private static func gateway(
    _ line: String, mounts: String = "", image: String = "lscr.io/linuxserver/wireguard"
  ) throws -> StackReport {
    let rules = ScriptKindTests.closed.split(separator: "\n").map { "      \($0)\n" }.joined()
    let text = """
      services:
        vpn:
          image: \(image)
          cap_add: [NET_ADMIN]
          dns: [10.64.0.1]
          sysctls: [net.ipv4.conf.all.src_valid_mark=1]
          configs: [{source: rules, target: /custom-cont-init.d/10-rules.sh}, {source: conf, target: /config/wg_confs/wg0.conf}]
          volumes: [\(mounts)]
          \(line)
      configs:
        conf:
          content: |
            [Interface]
            Address = 10.64.1.2/32
            DNS = 10.64.0.1
            [Peer]
            PublicKey = a6oniBujlUXqOmv5Hst0v8xCqidy7O4JcN8Q6YRM5Hk=
            AllowedIPs = 0.0.0.0/0, ::/0
            Endpoint = 203.0.113.178:51820
        rules:
          content: |
      \(rules)
      """
    let project = try ComposeProject.load(["compose.yaml"], environment: [:], currentFolder: "/x") {
      path throws(PolicyFileProblem) in path == "compose.yaml" ? Array(text.utf8) : nil
    }
    return StackAudit.report(on: VPNStack(project))
  }

  @Test(
    arguments: [
      "entrypoint: [/bin/sleep, infinity]", "entrypoint: /start", "command: [sh, -c, 'iptables -F']",
      "entrypoint: [sh, -c, 'false && exec /init']", "entrypoint: [sh, -c, 'sleep 1']",
      "entrypoint: [sh, -c, 'frobnicate; exec /init']", "post_start: [{command: iptables -F}]",
      "pre_stop: [{command: iptables -F}]", "environment: {DOCKER_MODS: 'x/y'}",
      "environment: {LD_PRELOAD: /config/x.so}",
    ])
  func `unread files give neither a clean result nor a finding`(line: String) throws {
    let report = try Self.gateway(line)
    #expect(!report.skipped.isEmpty && report.unread.isEmpty, "\(report)")
    #expect(report.findings.allSatisfy { $0.severity < .medium }, "\(report.findings)")
  }

  /// That a script is mounted where linuxserver's images run it does not say that another image does.
  @Test(arguments: ["other/wireguard", "alpine", "ghcr.io/me/linuxserver-wireguard"])
  func `it is not known whether another image runs the scripts`(image: String) throws {
    let report = try Self.gateway("", image: image)
    #expect(report.findings.isEmpty && report.skipped.count == 1, "\(report)")
  }

  @Test func `gluetun's variables do not make an image gluetun`() throws {
    let report = try Self.report(
      "vpn: {image: x/vpn, cap_add: [NET_ADMIN], environment: {VPN_SERVICE_PROVIDER: mullvad}}\n")
    #expect(report.findings.isEmpty && report.skipped.count == 1, "\(report)")
  }

  @Test func `a volume over the image's programs is reported, kernel modules are not`() throws {
    for target in ["/sbin/iptables", "/usr/local/bin", "/custom-services.d"] {
      #expect(try !Self.gateway("", mounts: "'./x:\(target)'").skipped.isEmpty)
    }
    #expect(try Self.gateway("", mounts: "'/lib/modules:/lib/modules'").skipped.isEmpty)
  }

  @Test func `a shell that ends in the image's own start is followed`() throws {
    let innocent = "entrypoint: [/bin/bash, -c, '/bin/bash /custom-cont-init.d/10-rules.sh; exec /init']"
    let clean = try Self.gateway(innocent)
    #expect(clean.skipped.isEmpty && clean.findings.isEmpty, "\(clean)")
    let opened = try Self.gateway("entrypoint: [bash, -c, 'iptables -I OUTPUT -d 9.9.9.9 -j ACCEPT; exec /init']")
    #expect(opened.findings.map(\.fault) == [.ruleLetsOut])
    #expect(opened.findings.first?.place.file == "compose.yaml")
  }

  @Test func `services in a server's or an outside service's network are outside too`() throws {
    let findings = try Self.report(
      Self.gluetun + "server: {image: linuxserver/wireguard, cap_add: [NET_ADMIN], environment: {PEERS: '2'}}\n"
        + "web: {image: nginx}\ndl: {image: deluge, network_mode: service:server}\n"
        + "app: {image: a, network_mode: service:gluetun, depends_on: {gluetun: {condition: service_healthy}}}\n"
        + "more: {image: b, network_mode: service:web}\n"
    ).findings
    #expect(findings.map(\.severity) == [.high, .info])
    #expect(findings.first?.message.contains("'dl'") == true)
    #expect(findings.last?.message.hasPrefix("the services 'server', 'web' and 'more'") == true)
  }

  @Test(
    arguments: [
      "thrnz/docker-wireguard-pia", "ghcr.io/bubuntux/nordlynx:latest", "captmicr0/docker-wireguard",
      "dperson/openvpn-client",
      "tailscale/tailscale", "registry.example:5000/own/image@sha256:00",
    ])
  func `an unknown image is reported once`(image: String) throws {
    let report = try Self.report(
      "vpn: {image: '\(image)', cap_add: [NET_ADMIN]}\n"
        + "app: {image: a, network_mode: service:vpn, depends_on: {vpn: {condition: service_healthy}}}\n")
    #expect(report.findings.isEmpty, "\(report.findings)")
    #expect(report.unread.isEmpty && report.skipped.count == 1)
    #expect(report.skipped.first?.reason.contains("no file here shows") == true)
  }

  @Test func `a service in another project's network is reported with what to do`() throws {
    let report = try Self.report(
      "a: {image: a, network_mode: 'container:gluetun'}\nb: {image: b, network_mode: 'container:gluetun'}\n")
    #expect(
      report.unread.map(\.message) == [
        "'a' and 'b' use the network of the container 'gluetun', which belongs to another project: add that project with "
          + "-f and its folder"
      ])
  }

  @Test func `a consumer waits for a health check that does not exist`() throws {
    func faults(_ check: String) throws -> Bool {
      let report = try Self.report(
        "vpn: {image: linuxserver/wireguard, cap_add: [NET_ADMIN], volumes: ['./none:/config'] \(check)}\n"
          + "app: {image: a, network_mode: service:vpn, depends_on: {vpn: {condition: service_healthy}}}\n")
      return report.findings.contains { $0.fault == .healthyWithoutHealthCheck }
    }
    #expect(try faults(""))
    #expect(try !faults(", healthcheck: {test: ping -c 1 -I wg0 10.64.0.1}"))
  }
}
