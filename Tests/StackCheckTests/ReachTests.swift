import ComposeFiles
import Policy
import PolicyFiles
import StackCheck
import Testing
import TextFiles

/// What can reach the tunnel's network namespace from another container, or from a health check.
@Suite struct ReachTests {
  private static func report(_ text: String) throws -> StackReport {
    let project = try ComposeProject.load(["compose.yaml"], environment: [:], currentFolder: "/x") {
      path throws(PolicyFileProblem) in path == "compose.yaml" ? Array(text.utf8) : nil
    }
    return StackAudit.report(on: VPNStack(project))
  }

  /// gluetun, one consumer, and other services.
  private static func stack(outside: String = "", gateway: String = "") throws -> StackReport {
    try report(
      """
      services:
        gluetun:
          image: qmcgaw/gluetun
          cap_add: [NET_ADMIN]
          environment: {VPN_SERVICE_PROVIDER: mullvad}
          volumes: ['./gluetun:/gluetun', './media:/media', 'state:/iptables']
          \(gateway)
        app:
          image: x/app
          network_mode: service:gluetun
          depends_on: {gluetun: {condition: service_healthy}}
        \(outside)
      volumes: {state: {}, other: {}}
      configs: {kept: {external: true}}
      """)
  }

  /// Consumers with these lines, named c0, c1 and so on.
  private static func consumers(_ lines: [String], isInside: Bool = true) throws -> StackReport {
    let services = lines.enumerated().map { index, line in
      let mode =
        isInside ? "network_mode: service:gluetun, depends_on: {gluetun: {condition: service_healthy}}, " : ""
      return "c\(index): {image: x/y, \(mode)\(line)}"
    }
    return try stack(outside: services.joined(separator: "\n  "))
  }

  private static let engines = [
    "volumes: ['/var/run/docker.sock:/var/run/docker.sock']", "volumes: ['/run/docker.sock:/x:ro']",
    "volumes: ['/var/run:/var/run:ro']", "volumes: ['/run:/host/run']", "volumes: ['/:/rootfs:ro']",
    "volumes: ['/run/podman:/p']", "volumes: ['/run/user/1000/podman/podman.sock:/p']",
    "volumes: ['/run/user/1000:/u']", "volumes: ['/run/containerd/containerd.sock:/c']", "use_api_socket: true",
    "volumes: [{type: bind, source: /srv/docker.sock, target: /d}]",
  ]

  @Test(arguments: [Array(engines[..<6]), Array(engines[6...])])
  func `a consumer that can control the engine undoes the rules`(lines: [String]) throws {
    let findings = try Self.consumers(lines).findings
    #expect(findings.map(\.fault) == [.engineReachable] && findings.map(\.severity) == [.high], "\(findings)")
    for index in lines.indices { #expect(findings.first?.message.contains("'c\(index)'") == true) }
    // Outside it is a matter of trust.
    let outside = try Self.consumers(lines, isInside: false).findings.filter { $0.fault == .engineReachable }
    #expect(outside.map(\.severity) == [.info] && outside.map(\.message) == findings.map(\.message))
  }

  @Test func `a consumer with power over the machine is reported with what it can do`() throws {
    let findings = try Self.consumers([
      "volumes: ['/etc:/e']", "volumes: ['/var/lib/docker:/d']", "volumes: ['/var/lib:/d']", "cap_add: [SYS_MODULE]",
      "cap_add: [CAP_SYS_ADMIN]", "cap_add: [SYS_ADMIN], pid: host", "cap_add: [SYS_PTRACE], pid: host", "pid: host",
      "cap_add: [DAC_READ_SEARCH]",
    ]).findings
    #expect(findings.allSatisfy { $0.fault == .machineReachable })
    #expect(findings.map(\.severity) == [.high, .medium, .low])
    let names = findings.map { $0.message.matches(of: /'c\d'/).map { String($0.0.dropFirst().dropLast()) } }
    #expect(names == [["c0", "c1", "c2", "c3", "c5", "c6"], ["c4", "c8"], ["c7"]])
  }

  @Test func `what consumers usually have is not a fault`() throws {
    let report = try Self.consumers([
      "volumes: ['./data:/data', '/srv/media:/media', '/etc/localtime:/etc/localtime', '/dev/shm:/dev/shm']",
      "volumes: ['/etc:/e:ro', '/proc:/p:ro', './gluetun:/g:ro', 'other:/iptables']",
      "volumes: ['./media:/media', '/run/user/1000/pulse/native:/p']", "cap_add: [SYS_NICE, SYS_PTRACE]",
      "pid: service:gluetun", "use_api_socket: false", "configs: [kept]",
    ])
    // The rules in a volume of the engine's.
    #expect(report.findings.isEmpty && report.skipped.isEmpty && report.unread.count == 1, "\(report)")
  }

  @Test func `containers that manage the machine give one line of each kind`() throws {
    let socket = "volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']"
    let names = ["watchtower", "portainer", "traefik", "homepage"]
    let outside =
      names.map { "\($0): {image: x/\($0), \(socket)}" }
      + [
        "cadvisor: {image: x/cadvisor, privileged: true}", "exporter: {image: x/exporter, pid: host}",
        "dockge: {image: x/dockge, volumes: ['./:/opt/stacks']}",
      ]
    let findings = try Self.stack(outside: outside.joined(separator: "\n  ")).findings
    #expect(findings.map(\.severity) == [.info, .info, .info, .info], "\(findings)")
    #expect(
      Set(findings.map(\.fault)) == [.engineReachable, .machineReachable, .gatewayFilesWritable, .outsideKillSwitch])
    let engine = findings.first { $0.fault == .engineReachable }
    #expect(
      engine?.message
        == "the services 'watchtower', 'portainer', 'traefik' and 'homepage' can control the engine (/var/run/docker.sock)"
    )
  }

  @Test func `a consumer that can write the gateway's files is reported`() throws {
    let volumes = ["./gluetun:/g", "./:/all", "./gluetun/wireguard:/w", "state:/s"]
    let findings = try Self.consumers(volumes.map { "volumes: ['\($0)']" }).findings
    #expect(findings.map(\.fault) == [.gatewayFilesWritable] && findings.map(\.severity) == [.high], "\(findings)")
    #expect(findings.first?.message.hasPrefix("the services 'c0', 'c1', 'c2' and 'c3' can write") == true)
    #expect(findings.first?.message.contains("/gluetun/wireguard of 'gluetun'") == true)
  }

  @Test func `a gateway in the machine's network does not protect others`() throws {
    let report = try Self.stack(gateway: "network_mode: host")
    #expect(report.findings.map(\.fault) == [.hostNetwork] && report.findings.map(\.severity) == [.high])
    #expect(report.findings.first?.message.contains("DOCKER-USER") == true)
    #expect(report.skipped.map(\.text) == ["network_mode: host"])
  }

  // MARK: - Health checks

  @Test(
    arguments: [
      ("ping -c 1 1.1.1.1 || exit 1", false, true), ("/gluetun-entrypoint healthcheck", false, true),
      ("wget -q -O - https://example.org || kill 1", false, true),
      ("iptables -S OUTPUT | grep -q DROP", false, true), ("iptables -P OUTPUT ACCEPT", true, true),
      ("ping -c 1 1.1.1.1 || iptables -I OUTPUT -d 9.9.9.9 -j ACCEPT", true, true),
      ("sh -c 'iptables -F; iptables -P OUTPUT ACCEPT'", true, true), ("iptables -I OUTPUT -j DROP", false, true),
      ("/usr/local/bin/check", false, false), ("python3 /check.py", false, false), ("wg-quick down wg0", false, false),
    ])
  func `a health check is walked as a script that runs repeatedly`(
    text: String, opens: Bool, isUnderstood: Bool
  ) throws {
    var forms = ["healthcheck: {test: \"\(text)\"}"]
    if text.hasPrefix("iptables -P") {
      let words = text.split(separator: " ").map { "\"\($0)\"" }.joined(separator: ", ")
      forms += ["healthcheck: {test: [CMD-SHELL, \"\(text)\"]}", "healthcheck: {test: [CMD, \(words)]}"]
    }
    for form in forms {
      let report = try Self.stack(gateway: form)
      #expect(report.findings.contains { $0.fault == .healthCheckChangesRules } == opens, "\(form) \(report)")
      #expect(report.findings.isEmpty == !opens && report.skipped.isEmpty == isUnderstood, "\(form) \(report)")
      #expect(report.findings.allSatisfy { $0.severity >= .high && $0.place.line != nil })
    }
  }

  // MARK: - What is kept elsewhere

  @Test func `files that are not on this machine prevent a clean result`() throws {
    let included = try Self.report(
      """
      include: ['https://example.org/more.git']
      services:
        gluetun: {image: qmcgaw/gluetun, cap_add: [NET_ADMIN], environment: {VPN_SERVICE_PROVIDER: mullvad}}
        app: {image: x, network_mode: service:gluetun, depends_on: {gluetun: {condition: service_healthy}}}
      """)
    #expect(included.unread.count == 1 && included.problems.isEmpty && included.findings.isEmpty, "\(included)")
    #expect(included.unread.first?.message.contains("is not on this machine") == true)
    for line in ["volumes_from: [app2]", "volumes_from: ['container:x']"] {
      let report = try Self.stack(outside: "app2: {image: x, network_mode: none}", gateway: line)
      #expect(report.skipped.map(\.text).allSatisfy { $0.hasPrefix("volumes_from") } && report.skipped.count == 1)
      let consumer = try Self.consumers([
        "volumes_from: ['container:x']", "post_start: [{command: x, privileged: true}]",
      ])
      #expect(consumer.skipped.map(\.text).contains("post_start") && consumer.skipped.count == 2, "\(consumer)")
    }
  }

  @Test(
    arguments: [
      "configs: [{source: kept, target: /custom-cont-init.d/10.sh}]", "volumes: ['kept:/custom-cont-init.d/10.sh']",
      "configs: [{source: kept, target: /config/wg_confs/wg0.conf}]",
    ])
  func `a gateway's file that the engine keeps is reported as unread`(line: String) throws {
    let report = try Self.report(
      """
      services:
        vpn: {image: lscr.io/linuxserver/wireguard, cap_add: [NET_ADMIN], dns: [10.64.0.1], \(line)}
      volumes: {kept: {}}
      configs: {kept: {external: true}}
      """)
    #expect(report.unread.contains { $0.message.contains("is kept by the engine") }, "\(report)")
  }
}
