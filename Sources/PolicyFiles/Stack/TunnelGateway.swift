package import ComposeFiles
package import TextFiles

/// The service that holds the tunnel, with the files that make it. They are read where its volumes say that they are.
package struct TunnelGateway: Sendable {
  package let service: ComposeService
  package let image: GatewayImage
  /// The WireGuard configurations, with their paths in the container, in the order in which the image brings them up.
  package internal(set) var configs: [(path: String, config: WireGuardConfig)] = []
  /// The start-up scripts, in the order in which the image runs them.
  package internal(set) var scripts: [StartupScript] = []

  package struct StartupScript: Sendable {
    /// The path on this machine, or a name for a text of the compose file.
    package var path: String
    /// The path inside of the container.
    package var target: String
    package var text: String

    package init(path: String, target: String, text: String) {
      self.path = path
      self.target = target
      self.text = text
    }

    /// Reads a script. Throws if it cannot be read, or is larger than 1 MiB.
    package static func read(_ path: String) throws(PolicyFileProblem) -> Self {
      Self(path: path, target: path, text: String(decoding: try TextFile.bytes(of: path), as: UTF8.self))
    }
  }

  /// Nil for a service that holds no tunnel.
  init?(_ service: ComposeService, isJoined: Bool, _ problems: inout [PolicyFileProblem]) {
    self.service = service
    let isAdmin =
      service.isPrivileged?.value == true
      || service.addedCapabilities.contains { $0.value == "NET_ADMIN" || $0.value == "ALL" }
    guard isAdmin else { return nil }
    image = GatewayImage(service)

    var files = ContainerFiles(service)
    for file in Self.configFiles(in: &files) {
      do {
        configs.append((file.target, try WireGuardConfig(try file.text(), fileName: file.name)))
      } catch {
        problems.append(error)
      }
    }
    if image == .gluetun, configs.isEmpty, let config = gluetunConfig() { configs.append(("environment", config)) }
    let readsWireGuard =
      !configs.isEmpty || image == .gluetun || service.imageName.contains("wireguard")
      || service.isServerImage
    guard readsWireGuard || isJoined else { return nil }
    for file in files.files(in: Self.scriptFolder) {
      do {
        scripts.append(.init(path: file.name, target: file.target, text: try file.text()))
      } catch {
        problems.append(error)
      }
    }
    problems += files.problems
  }

  /// What to do if no file tells the tunnel's configuration.
  package var missingConfig: PolicyFileProblem? {
    guard configs.isEmpty, !choosesItsEndpoint, openVPNEndpoint == nil else { return nil }
    let what =
      image == .gluetun
      ? "gluetun's OpenVPN server is not among the project's files; name it with --endpoint address:port, and add /tcp "
        + "if it uses TCP"
      : "the service \(quoted(service.name)) holds the tunnel, but no WireGuard configuration is among its mounted files; "
        + "name it with --wg-config, or the Endpoint with --endpoint"
    return PolicyFileProblem(file: service.place.file, line: service.place.line, message: what)
  }

  /// The text of a file of the container that its mounts show, its name in messages, and whether its mode lets anybody
  /// run it. Nil if the mounts do not show it, or if it cannot be read.
  package func file(at path: String) -> (name: String, text: String, isExecutable: Bool)? {
    guard let file = ContainerFiles(service).file(at: path), let text = try? file.text() else { return nil }
    // A text of the compose file has the mode 0444 (compose-spec, configs).
    guard case .path(let source) = file.source else { return (file.name, text, false) }
    return (file.name, text, (TextFile.mode(of: source) ?? 0) & 0o111 != 0)
  }

  /// Where the images look: linuxserver's two places, wg-quick's own, that of images with an application beside the
  /// client (binhex, hotio, trigus42), and gluetun's.
  private static let configFolders = ["/config/wg_confs", "/etc/wireguard", "/config/wireguard"]
  private static let configFiles = [
    "/config/wg0.conf", "/gluetun/wireguard/wg0.conf", "/gluetun/amneziawg/awg0.conf",
  ]
  private static let scriptFolder = "/custom-cont-init.d"

  /// Whether what is at a path of the container, or below it, makes its rules or its tunnel.
  package func isDecided(by path: String) -> Bool {
    var deciding = configs.map(\.path).filter { $0.hasPrefix("/") } + scripts.map(\.target)
    deciding +=
      image == .gluetun
      ? ["/gluetun", "/iptables"] : [Self.scriptFolder] + Self.configFolders + Self.configFiles
    return deciding.contains { TextFile.isInside($0, of: path) || TextFile.isInside(path, of: $0) }
  }

  private static func configFiles(in files: inout ContainerFiles) -> [ContainerFile] {
    var found: [ContainerFile] = []
    func add(_ more: [ContainerFile]) {
      found += more.filter { file in
        file.target.hasSuffix(".conf") && !found.contains { $0.source == file.source }
      }
    }
    for folder in configFolders { add(files.files(in: folder, ending: ".conf")) }
    add(configFiles.compactMap { files.file(at: $0) })
    // A single file that is mounted by itself, and files that a start-up script may bring up from /config.
    add(files.mounts.filter { mentionsWireGuard($0.target) }.compactMap { files.file(at: $0.target) })
    add(files.files(in: "/config", ending: ".conf").filter { mentionsWireGuard($0.target) })
    return found
  }

  private static func mentionsWireGuard(_ target: String) -> Bool {
    let name = target.split(separator: "/").last ?? ""
    return name.hasPrefix("wg") || target.contains("wireguard")
  }
}
