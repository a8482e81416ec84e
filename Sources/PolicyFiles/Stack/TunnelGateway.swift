/// The service that holds the tunnel, with the files that make it: they are read where its volumes say that they are.
package struct TunnelGateway: Sendable {
  package let service: ComposeService
  package let image: Image
  /// The WireGuard configurations, with their paths inside of the container, in the order in which the image brings them up.
  package internal(set) var configs: [(path: String, config: WireGuardConfig)] = []
  /// The start-up scripts, in the order in which the image runs them.
  package internal(set) var scripts: [StartupScript] = []

  package enum Image: Sendable {
    /// linuxserver/wireguard, and what is built like it: start-up scripts, then wg-quick.
    case wgQuick
    /// qmcgaw/gluetun: a firewall of its own, and variables for a configuration.
    case gluetun
  }

  package struct StartupScript: Sendable {
    /// The path on this machine.
    package var path: String
    /// The path inside of the container.
    package var target: String
    package var text: String

    package init(path: String, target: String, text: String) {
      self.path = path
      self.target = target
      self.text = text
    }

    /// Reads a script. Throws where it cannot be read, or is larger than 1 MiB.
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
    let isGluetun =
      service.image?.value.contains("gluetun") == true || service.environment["VPN_SERVICE_PROVIDER"] != nil
    image = isGluetun ? .gluetun : .wgQuick

    for path in configPaths() {
      do {
        configs.append((path.target, try WireGuardConfig.read(path.source)))
      } catch {
        problems.append(error)
      }
    }
    if isGluetun, configs.isEmpty, let config = gluetunConfig() { configs.append(("environment", config)) }
    let readsWireGuard = !configs.isEmpty || isGluetun || service.image?.value.contains("wireguard") == true
    guard readsWireGuard || isJoined else { return nil }
    readScripts(&problems)
    if configs.isEmpty {
      problems.append(
        PolicyFileProblem(
          file: service.place.file, line: service.place.line,
          message: "the service \(quoted(service.name)) holds the tunnel, but no WireGuard configuration is among its "
            + "mounted files; name it with --wg-config, or the Endpoint with --endpoint"))
    }
  }

  /// Where the images look: linuxserver's two places, wg-quick's own, gluetun's.
  private static let configFolders = ["/config/wg_confs", "/etc/wireguard"]
  private static let configFiles = ["/config/wg0.conf", "/gluetun/wireguard/wg0.conf"]
  private static let scriptFolder = "/custom-cont-init.d"

  private func configPaths() -> [(target: String, source: String)] {
    var found: [(target: String, source: String)] = []
    for folder in Self.configFolders {
      found += entries(of: folder).filter { $0.target.hasSuffix(".conf") }
    }
    for file in Self.configFiles {
      if let source = source(of: file), TextFile.kind(of: source) == .file { found.append((file, source)) }
    }
    // One file that is mounted by itself, and what a start-up script may bring up from /config.
    for mount in service.mounts where mount.target.hasSuffix(".conf") {
      guard case .bind(let source) = mount.kind, TextFile.kind(of: source) == .file,
        !found.contains(where: { $0.source == source }), mentionsWireGuard(mount.target)
      else { continue }
      found.append((mount.target, source))
    }
    let others = entries(of: "/config").filter { entry in
      entry.target.hasSuffix(".conf") && mentionsWireGuard(entry.target)
        && !found.contains { $0.source == entry.source }
    }
    return found + others
  }

  private func mentionsWireGuard(_ target: String) -> Bool {
    let name = target.split(separator: "/").last ?? ""
    return name.hasPrefix("wg") || target.contains("wireguard")
  }

  /// What stands in a folder of the container, from every mount that shows in it.
  private func entries(of folder: String) -> [(target: String, source: String)] {
    var entries: [(target: String, source: String)] = []
    if let source = source(of: folder), TextFile.kind(of: source) == .directory {
      let paths = (try? TextFile.files(in: source)) ?? []
      entries += paths.filter { TextFile.kind(of: $0) == .file }
        .map { (folder + "/" + ($0.split(separator: "/").last ?? ""), $0) }
    }
    for mount in service.mounts where mount.target.hasPrefix(folder + "/") {
      guard case .bind(let source) = mount.kind, TextFile.kind(of: source) == .file,
        !mount.target.dropFirst(folder.count + 1).contains("/")
      else { continue }
      entries.removeAll { $0.target == mount.target }
      entries.append((mount.target, source))
    }
    return entries.sorted { $0.target.utf8.lexicographicallyPrecedes($1.target.utf8) }
  }

  /// The path on this machine behind a path of the container: that of the mount closest to it.
  package func source(of target: String) -> String? {
    let mount = service.mounts
      .filter { target == $0.target || target.hasPrefix($0.target == "/" ? "/" : $0.target + "/") }
      .max { $0.target.utf8.count < $1.target.utf8.count }
    guard let mount, case .bind(let source) = mount.kind else { return nil }
    let rest = target.dropFirst(mount.target == "/" ? 0 : mount.target.count)
    return rest.isEmpty ? source : (source.hasSuffix("/") ? String(source.dropLast()) : source) + rest
  }

  private mutating func readScripts(_ problems: inout [PolicyFileProblem]) {
    for entry in entries(of: Self.scriptFolder) {
      do {
        let text = String(decoding: try TextFile.bytes(of: entry.source), as: UTF8.self)
        scripts.append(.init(path: entry.source, target: entry.target, text: text))
      } catch {
        problems.append(error)
      }
    }
  }
}
