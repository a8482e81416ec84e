import ComposeFiles
import Testing
import TextFiles
import Wire

/// Every form of a service's fields: text in, values and places out.
@Suite struct ComposeServiceTests {
  private func read(_ lines: String, environment: [String: String] = [:], top: String = "") throws -> ComposeService {
    try ComposeTexts(service(lines) + top, environment: environment).load().the("s")
  }

  @Test(arguments: [
    "environment:\n  A: one\n  B:\n  C: \"\"\n  N: 022",
    "environment:\n  - A=one\n  - B\n  - C=\n  - N=18",
  ])
  func `environment takes maps and lists`(lines: String) throws {
    let variables = try read(lines, environment: ["B": "from outside"]).environment
    #expect(
      variables.mapValues(\.shown) == [
        "A": "one@c.yaml:4", "B": "from outside@c.yaml:5", "C": "@c.yaml:6", "N": "18@c.yaml:7",
      ])
    #expect(try read(lines).environment["B"] == nil)
  }

  @Test(arguments: [
    ("80", nil, nil, "80", "tcp"),
    ("8080:80", nil, "8080", "80", "tcp"),
    ("8000-8002:80-82", nil, "8000-8002", "80-82", "tcp"),
    ("8000-8002:80", nil, "8000-8002", "80", "tcp"),
    ("3000-3005", nil, nil, "3000-3005", "tcp"),
    ("127.0.0.1:8080:80/udp", "127.0.0.1", "8080", "80", "udp"),
    ("127.0.0.1::80", "127.0.0.1", nil, "80", "tcp"),
    ("'[::1]:8080:80'", "::1", "8080", "80", "tcp"),
    ("'::1:8080:80'", "::1", "8080", "80", "tcp"),
    ("51820:51820/UDP", nil, "51820", "51820", "udp"),
    ("{target: 80}", nil, nil, "80", "tcp"),
    (
      "{target: 80, published: '8080-8090', protocol: udp, host_ip: 10.0.0.1, mode: host}", "10.0.0.1", "8080-8090",
      "80", "udp"
    ),
  ])
  func `ports take every short form and the long one`(
    written: String, address: String?, published: String?, target: String, transport: String
  ) throws {
    let ports = try read("ports:\n  - \(written)").ports
    let port = try #require(ports.first)
    #expect(ports.count == 1)
    #expect(port.hostAddress == address)
    #expect(port.published == published)
    #expect(port.target == target)
    #expect(port.transport == transport)
    #expect(port.place == SourcePlace("c.yaml", line: 4))
  }

  @Test(
    arguments: [
      ("/cache", .volume(nil), "/cache", false),
      ("named:/cache/", .volume("named"), "/cache", false),
      ("./conf:/config:ro", .bind("conf"), "/config", true),
      ("../conf:/config:rw,z", .bind("../conf"), "/config", false),
      ("/etc/wg:/config:Z,ro", .bind("/etc/wg"), "/config", true),
      ("~/wg:/config", .bind("/home/user/wg"), "/config", false),
      ("~:/home", .bind("/home/user"), "/home", false),
      (".:/here", .bind("."), "/here", false),
      ("{type: bind, source: ./a, target: /b, read_only: true}", .bind("a"), "/b", true),
      ("{type: volume, source: named, target: /b}", .volume("named"), "/b", false),
      ("{type: volume, target: /b}", .volume(nil), "/b", false),
      ("{type: tmpfs, target: /b}", .tmpfs, "/b", false),
    ] as [(String, ComposeService.Mount.Kind, String, Bool)])
  func `volumes take every form`(
    written: String, kind: ComposeService.Mount.Kind, target: String, isReadOnly: Bool
  ) throws {
    let service = try read(
      "volumes:\n  - \(written)", environment: ["HOME": "/home/user"], top: "volumes:\n  named:\n")
    let mount = try #require(service.mounts.first)
    #expect(service.mounts.count == 1)
    #expect(mount.kind == kind)
    #expect(mount.target == target)
    #expect(mount.isReadOnly == isReadOnly)
    #expect(mount.place == SourcePlace("c.yaml", line: 4))
  }

  @Test func `configs and secrets are files in the container`() throws {
    let project = try ComposeTexts(
      [
        "stack/c.yaml": service(
          """
          configs:
            - one
            - {source: two, target: /etc/two}
          secrets:
            - key
            - {source: key, target: other}
            - {source: word, target: /etc/word}
            - away
          tmpfs: /run:size=1m
          """) + """
            configs:
              one: {file: ./one.conf}
              two: {content: "DNS = ${RESOLVER}"}
            secrets:
              key: {file: key.txt}
              word: {environment: WORD}
              away: {external: true}
            """
      ], environment: ["RESOLVER": "10.64.0.1", "WORD": "swordfish"]
    ).load(["stack/c.yaml"])
    let shown = try project.the("s").mounts.map { "\($0.target) \($0.kind) \($0.place.line ?? 0)" }
    #expect(
      shown == [
        "/run tmpfs 11", "/one bind(\"stack/one.conf\") 4", "/etc/two content(\"DNS = 10.64.0.1\") 5",
        "/run/secrets/key bind(\"stack/key.txt\") 7", "/run/secrets/other bind(\"stack/key.txt\") 8",
        "/etc/word content(\"swordfish\") 9", "/run/secrets/away volume(nil) 10",
      ])
    #expect(
      project.warnings.map(\.description) == [
        "stack/c.yaml:10: the secret 'away' is kept elsewhere; it is not read"
      ])
  }

  @Test(arguments: ["sysctls:\n  net.ipv4.ip_forward: 1", "sysctls:\n  - net.ipv4.ip_forward=1"])
  func `sysctls take maps and lists`(lines: String) throws {
    #expect(try read(lines).sysctls.mapValues(\.shown) == ["net.ipv4.ip_forward": "1@c.yaml:4"])
  }

  @Test func `capabilities lose their prefix and case`() throws {
    let service = try read("cap_add: [NET_ADMIN, CAP_SYS_MODULE, cap_net_raw, NET_ADMIN]\ncap_drop:\n- ALL")
    #expect(service.addedCapabilities.map(\.value) == ["NET_ADMIN", "SYS_MODULE", "NET_RAW"])
    #expect(service.droppedCapabilities.map(\.shown) == ["ALL@c.yaml:5"])
  }

  @Test(
    arguments: [
      ("test: ping -c 1 1.1.1.1 || exit 1", false, .shell("ping -c 1 1.1.1.1 || exit 1")),
      ("test: [CMD, wg, show]", false, .arguments(["wg", "show"])),
      ("test: [CMD-SHELL, 'wg show || exit 1']", false, .shell("wg show || exit 1")),
      ("test: [NONE]", true, nil),
      ("disable: yes", true, nil),
      ("interval: 2s", false, nil),
    ] as [(String, Bool, ComposeService.HealthCheck.Test?)])
  func `health checks take every form`(
    line: String, isDisabled: Bool, test: ComposeService.HealthCheck.Test?
  ) throws {
    let check = try #require(try read("healthcheck:\n  \(line)").healthCheck)
    #expect(check.value.isDisabled == isDisabled)
    #expect(check.value.test == test)
    #expect(check.place.line == 4)
  }

  @Test(
    arguments: [
      ("host", .host), ("none", .none), ("bridge", .bridge), ("service:t", .service("t")),
      ("container:vpn", .container("vpn")), ("macvlan0", .other("macvlan0")),
    ] as [(String, ComposeService.NetworkMode)])
  func `network modes take every form, and leave no attachment`(
    text: String, mode: ComposeService.NetworkMode
  ) throws {
    let service = try read("network_mode: \(text)", top: "  t: {image: t}\n")
    #expect(service.networkMode == Located(mode, at: SourcePlace("c.yaml", line: 3)))
    #expect(service.networks.isEmpty)
  }

  @Test func `dependencies are stated short, long, or by a shared namespace`() throws {
    let text =
      service("depends_on: [t]") + """
          t:
            depends_on:
              u:
                condition: service_healthy
                restart: true
              gone: {condition: service_started, required: false}
          u: {image: u}
          v:
            network_mode: service:u
          w:
            network_mode: service:u
            depends_on:
              u: {condition: service_healthy}
        """
    let project = try ComposeTexts(text).load()
    func shown(_ name: String) throws -> [String] {
      try project.the(name).dependencies.map {
        "\($0.value.service) \($0.value.condition) \($0.value.restarts) \($0.place.line ?? 0)"
      }
    }
    #expect(try shown("s") == ["t service_started false 3"])
    #expect(try shown("t") == ["u service_healthy true 6", "gone service_started false 9"])
    #expect(try shown("v") == ["u service_started true 12"])
    #expect(try shown("w") == ["u service_healthy false 16"])
  }

  @Test func `networks are stated as a list, a map, or not at all`() throws {
    let project = try ComposeTexts(
      """
      services:
        list:
          networks: [front, back]
        map:
          mac_address: 02:42:ac:11:00:02
          networks:
            front:
            back:
              ipv4_address: 10.0.2.7
              ipv6_address: fd00::7
            own: {mac_address: "02-42-ac-11-00-03", priority: 0}
        none: {image: a}
      networks: {front: , back: , own: }
      """
    ).load()
    #expect(
      try project.the("list").networks.map { "\($0.network) \($0.place)" } == ["front c.yaml:3", "back c.yaml:3"])
    let networks = try project.the("map").networks
    #expect(networks.map { "\($0.network) \($0.place.line ?? 0)" } == ["front 7", "back 8", "own 11"])
    #expect(networks[1].ipv4Address == Located(try #require(IPAddress("10.0.2.7")), at: SourcePlace("c.yaml", line: 9)))
    #expect(networks[1].ipv6Address?.place.line == 10)
    #expect(networks.map { $0.macAddress?.value.description } == [nil, "02:42:ac:11:00:02", "02:42:ac:11:00:03"])
    let none = try project.the("none")
    #expect(none.networks.map(\.network) == ["default"])
    #expect(none.networks[0].place == none.place)
    #expect(project.networks.map(\.key) == ["front", "back", "own", "default"])
    #expect(project.network("default")?.place == nil)
    #expect(project.network("default")?.name == "stack_default")
  }

  /// As docker/compose decides it in getRestartPolicy.
  @Test(arguments: [
    ("deploy: {restart_policy: {condition: any}}", "always@c.yaml:3"),
    ("deploy: {restart_policy: {condition: none}}\nrestart: always", "no@c.yaml:3"),
    ("restart: always\ndeploy:\n  restart_policy:\n    condition: on-failure", "on-failure@c.yaml:6"),
    ("deploy: {restart_policy: {condition: unless-stopped}}", "unless-stopped@c.yaml:3"),
    ("restart: always\ndeploy: {restart_policy: {delay: 5s}}", "no@c.yaml:4"),
    ("deploy: {replicas: 1}\nrestart: always", "always@c.yaml:4"),
    ("deploy:\nrestart: always", "always@c.yaml:4"), ("deploy: {restart_policy: }", nil),
  ])
  func `deploy decides over restart`(lines: String, restart: String?) throws {
    #expect(try read(lines).restart?.shown == restart)
  }

  @Test func `deploy is a map`() {
    #expect(
      ComposeTexts(service("deploy: [restart_policy]")).problems() == [
        "c.yaml:3: 'deploy' must be a map of 'restart_policy' and the like"
      ])
  }

  @Test func `single values and their places`() throws {
    let service = try read(
      """
      image: lscr.io/linuxserver/wireguard
      container_name: vpn
      restart: unless-stopped
      privileged: yes
      dns: 10.64.0.1
      profiles: [vpn, vpn]
      """)
    #expect(service.image?.shown == "lscr.io/linuxserver/wireguard@c.yaml:3")
    #expect(service.containerName?.shown == "vpn@c.yaml:4")
    #expect(service.restart?.shown == "unless-stopped@c.yaml:5")
    #expect(service.isPrivileged == Located(true, at: SourcePlace("c.yaml", line: 6)))
    #expect(service.resolvers.map(\.shown) == ["10.64.0.1@c.yaml:7"])
    #expect(service.profiles.map(\.shown) == ["vpn@c.yaml:8"])
    #expect(service.place == SourcePlace("c.yaml", line: 2))
  }
}
