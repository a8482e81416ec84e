import ComposeFiles
import Testing
import TextFiles
import Wire

@Suite struct ComposeStackTests {
  @Test func `a client with a kill switch and a service in its namespace`() throws {
    let files = Dictionary(uniqueKeysWithValues: ComposeStacks.client.map { ("stack/" + $0.key, $0.value) })
    let project = try ComposeTexts(files).load(["stack/docker-compose.yaml"])
    #expect(project.name == "stack")
    #expect(project.warnings.isEmpty)
    #expect(project.networks.map(\.name) == ["stack_default"])
    let vpn = try project.the("wireguard")
    #expect(
      vpn.addedCapabilities.map(\.shown) == [
        "NET_ADMIN@stack/docker-compose.yaml:7", "SYS_MODULE@stack/docker-compose.yaml:8",
      ])
    #expect(
      vpn.mounts.map { "\($0.kind) \($0.target) \($0.isReadOnly)" } == [
        "bind(\"/srv/wireguard-stack/configs/wireguard\") /config false",
        "bind(\"/srv/wireguard-stack/configs/wireguard_startup\") /custom-cont-init.d true",
        "bind(\"/lib/modules\") /lib/modules false",
      ])
    #expect(vpn.environment["TZ"]?.shown == "Australia/Sydney@stack/docker-compose.yaml:12")
    #expect(vpn.sysctls["net.ipv4.conf.all.src_valid_mark"]?.shown == "1@stack/docker-compose.yaml:20")
    #expect(vpn.healthCheck?.value.test == .shell("ping -c 1 1.1.1.1 || exit 1"))
    #expect(vpn.ports.map { "\($0.published ?? "") \($0.target) \($0.place.line ?? 0)" } == ["8080 80 18"])
    let test = try project.the("speedtest-tracker")
    #expect(test.networkMode == Located(.service("wireguard"), at: SourcePlace("stack/docker-compose.yaml", line: 33)))
    #expect(test.environment["SPEEDTEST_SCHEDULE"]?.value == "\"*/10 * * * *\"")
    #expect(
      test.dependencies.map { "\($0.value.service) \($0.value.condition) \($0.place.line ?? 0)" } == [
        "wireguard service_healthy 45"
      ])
  }

  @Test func `client and server in one container, and what is outside it`() throws {
    let files = Dictionary(uniqueKeysWithValues: ComposeStacks.clientAndServer.map { ("stack/" + $0.key, $0.value) })
    let project = try ComposeTexts(files).load(["stack/docker-compose.yml"])
    #expect(project.warnings.isEmpty)
    #expect(
      project.networks.map { "\($0.key) \($0.name) \($0.isInternal)" } == [
        "default docker-stack-network false", "traefik-internal traefik-internal true",
      ])
    #expect(project.network("default")?.subnets.map(\.value.description) == ["10.0.2.0/24"])
    let vpn = try project.the("wireguard")
    #expect(vpn.networks.map(\.network) == ["default", "traefik-internal"])
    #expect(vpn.networks[0].ipv4Address?.value == IPAddress("10.0.2.2"))
    #expect(vpn.ports.map(\.transport) == ["tcp", "tcp", "udp"])
    #expect(
      vpn.environment.mapValues(\.value) == [
        "PUID": "1000", "PGID": "1000", "TZ": "Europe/Lisbon", "LOG_CONFS": "false",
      ])
    // The place is where the shared text stands.
    #expect(vpn.environment["TZ"]?.place.line == 5)
    for name in ["pihole", "traefik", "jellyfin"] {
      let service = try project.the(name)
      #expect(service.networkMode?.value == .service("wireguard"))
      #expect(service.dependencies.contains { $0.value.service == "wireguard" })
    }
    #expect(try project.the("pihole").addedCapabilities.map(\.value) == ["NET_ADMIN"])
    #expect(try project.the("docker-socket-proxy").networks.map(\.network) == ["traefik-internal"])
    #expect(try project.the("ntfy").networks.map(\.network) == ["default"])
    #expect(try project.the("jellyfin").mounts.map { "\($0.kind) \($0.isReadOnly)" } == ["bind(\"stack/media\") true"])
  }

  @Test func `a project is read from disk`() throws {
    let oracle = try DockerComposeOracle(files: ComposeStacks.client)
    let path = oracle.folder + "/docker-compose.yaml"
    let project = try ComposeProject.load([path], environment: ["TZ": "UTC"])
    #expect(try project.the("wireguard").environment["TZ"]?.shown == "UTC@\(path):12")
    #expect(throws: PolicyFileError.self) { try ComposeProject.load([oracle.folder], environment: [:]) }
    #expect(throws: PolicyFileError.self) { try ComposeProject.load([oracle.folder + "/none"], environment: [:]) }
  }

  @Test func `a file that names a device is refused, not read for ever`() throws {
    let oracle = try DockerComposeOracle(files: ["c.yaml": service("env_file: /dev/zero")])
    let path = oracle.folder + "/c.yaml"
    #expect(
      throws: PolicyFileError([
        PolicyFileProblem(file: "/dev/zero", message: "this is not a regular file; copy it into one")
      ])
    ) { try ComposeProject.load([path], environment: [:]) }
  }
}
