import Foundation
import Policy
import TestSupport
import Testing

@testable import ComposeFiles
@testable import PolicyFiles
@testable import TextFiles

/// Several projects, each with its own folder: containers' names show who shares whose network.
@Suite struct ComposeSeveralTests {
  private static let vpn = """
    services:
      gluetun:
        image: qmcgaw/gluetun
        container_name: gluetun
        cap_add: [NET_ADMIN]
        environment: {VPN_SERVICE_PROVIDER: custom, VPN_TYPE: wireguard, WIREGUARD_ENDPOINT_IP: "${SERVER}"}
        networks: {default: {ipv4_address: 172.30.0.2}}
      app: {image: nginx}
    networks: {default: {ipam: {config: [{subnet: 172.30.0.0/24}]}}}
    """
  private static let media = """
    services:
      app: {image: qbittorrent, network_mode: "container:${VPN:-gluetun}", volumes: ["./config:/config"]}
      db: {image: postgres, depends_on: [app]}
      helper: {image: alpine, network_mode: service:app}
    """

  /// Writes the files into a folder, and loads the named ones.
  private static func load<Value>(
    _ files: [String: String], _ names: [String], environment: [String: String] = [:],
    _ read: (ComposeProject, String) throws -> Value
  ) throws -> Value {
    let folder = try TemporaryDirectory()
    for (path, text) in files { try folder.file(path, text) }
    let project = try ComposeProject.loadSeveral(names.map(folder.path), environment: environment)
    return try read(project, folder.path)
  }

  private static let both = [
    "vpn/compose.yaml": vpn, "vpn/.env": "SERVER=203.0.113.178\n", "media/docker-compose.yml": media,
    "media/.env": "VPN=gluetun\n",
  ]

  @Test(arguments: [
    ["vpn", "media"], ["vpn/compose.yaml", "media/docker-compose.yml"], ["vpn", "media/docker-compose.yml"],
  ])
  func `each has its own names, paths and variables`(names: [String]) throws {
    // The last two share a service name, so only their folders distinguish them.
    let files =
      names == ["vpn/compose.yaml", "media/docker-compose.yml"]
      ? Self.both.merging(["vpn/compose.yaml": Self.vpn.replacing("  app: {image: nginx}\n", with: "")]) { $1 }
      : Self.both
    try Self.load(files, names) { project, folder in
      #expect(project.names == ["vpn", "media"])
      let isDouble = project.service("media/app") != nil
      let app = try project.the(isDouble ? "media/app" : "app")
      #expect(isDouble == files["vpn/compose.yaml"]!.contains("nginx"))
      #expect(app.mounts.map(\.kind) == [.bind("\(folder)/media/config")])
      #expect(project.containerName(app) == "media-app-1")
      #expect(project.service("helper")?.networkMode?.value == .service(app.name))
      #expect(project.service("db")?.dependencies.map(\.value.service) == [app.name])
      #expect(project.service("db")?.networks.map(\.network) == ["media/default"])
      #expect(project.network("media/default")?.name == "media_default")
      let stack = VPNStack(project)
      #expect(stack.problems == [] && stack.consumers.map(\.service.name) == [app.name, "helper"])
      var policy = TunnelPolicy()
      stack.apply(to: &policy)
      #expect(policy.endpoints.map { "\($0.value.endpoint)" } == ["203.0.113.178:51820"])
      #expect(policy.containers.first?.value.names == ["gluetun", "media-app-1", "media-helper-1"])
      // A service without a statement is not reported as merged.
      let isSaid = project.warnings.contains { $0.message.hasPrefix("it is treated as a separate project") }
      #expect(isSaid == (names == ["vpn/compose.yaml", "media/docker-compose.yml"]), "\(project.warnings)")
    }
  }

  @Test func `a container without its own name is found by its project's`() throws {
    let files = Self.both.merging([
      "vpn/compose.yaml": Self.vpn.replacing("    container_name: gluetun\n", with: ""),
      "media/.env": "VPN=vpn-gluetun-1\n",
    ]) { $1 }
    try Self.load(files, ["vpn", "media"]) { project, _ in
      #expect(VPNStack(project).consumers.map(\.service.name) == ["media/app", "helper"])
    }
    // The service's name is not a container's name.
    try Self.load(files.merging(["media/.env": "VPN=gluetun\n"]) { $1 }, ["vpn", "media"]) { project, _ in
      let told = VPNStack(project).problems.map(\.message)
      #expect(
        told == [
          "'media/app' uses the network of the container 'gluetun', which belongs to another project: add that project with -f "
            + "and its folder"
        ])
    }
  }

  @Test func `a layer stays a layer`() throws {
    let layer = "services: {gluetun: {image: other}}"
    for (name, text) in [
      ("a/compose.yaml", layer), ("a/extra.yaml", "services: {x: {image: x}}"),
      ("a/compose.yaml", "services: {x: {image: x, network_mode: service:gluetun}}"),
    ] {
      try Self.load(Self.both.merging([name: text]) { $1 }, ["vpn/compose.yaml", name]) { project, _ in
        #expect(project.names == ["vpn"] && project.services.count == (text == layer ? 2 : 3))
      }
    }
    // A layer beside the second of two.
    try Self.load(
      Self.both.merging([
        "vpn/compose.yaml": Self.vpn.replacing("  app: {image: nginx}\n", with: ""),
        "media/more.yaml": "services: {more: {image: more}}",
      ]) { $1 }, ["vpn/compose.yaml", "media/docker-compose.yml", "media/more.yaml"]
    ) { project, _ in
      #expect(project.service("more")?.project == 1)
    }
  }

  @Test func `the environment's project name is the first's`() throws {
    try Self.load(Self.both, ["vpn", "media"], environment: ["COMPOSE_PROJECT_NAME": "mine"]) { project, _ in
      #expect(project.names == ["mine", "media"])
    }
  }

  @Test func `a folder may have an override, and its own list of files`() throws {
    let files = Self.both.merging([
      "media/docker-compose.override.yml": "services: {app: {image: other}}",
      "vpn/.env": "SERVER=203.0.113.178\nCOMPOSE_FILE=compose.yaml:more.yaml\n",
      "vpn/more.yaml": "services: {more: {image: more}}",
    ]) { $1 }
    try Self.load(files, ["vpn", "media"]) { project, folder in
      #expect(project.service("media/app")?.image?.value == "other" && project.service("more")?.project == 0)
      #expect(
        project.files
          == ["vpn/compose.yaml", "vpn/more.yaml", "media/docker-compose.yml", "media/docker-compose.override.yml"].map
        {
          "\(folder)/\($0)"
        })
    }
  }

  @Test func `an empty folder is refused by its name`() throws {
    let error = #expect(throws: PolicyFileError.self) {
      try Self.load(["empty/notes.txt": "x"], ["empty"]) { _, _ in }
    }
    #expect(error?.problems.first?.description.contains("/empty: there is no compose file in this folder") == true)
  }
}
