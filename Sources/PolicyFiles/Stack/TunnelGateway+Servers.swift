package import ComposeFiles
package import Policy
import Text
import TextFiles
import Wire

/// gluetun's list of servers, if the gateway's mounts show it (CONTRACT 5, where an Endpoint comes from).
extension TunnelGateway {
  /// A list that can be trusted, or why there is none.
  package enum ServerList: Sendable {
    case found(Stated<EndpointList>)
    case none(String)
  }

  /// Reads the list. `mounts` are the running container's mounts as the engine states them, and replace those of the
  /// compose file: only the engine knows where a volume's files are. Nil unless the gateway chooses its server itself.
  package func serverList(mounts: [ComposeService.Mount]? = nil) -> ServerList? {
    guard choosesItsEndpoint, let selection = GluetunSelection(service.environment, gluetunClient) else { return nil }
    guard !selection.ports.isEmpty else {
      let what =
        selection.client == .openVPN ? "OpenVPN over \(selection.transport.rawValue.uppercased())" : "WireGuard"
      return .none("which port \(quoted(selection.provider)) uses for \(what) is not known")
    }
    let files = ContainerFiles(mounts ?? service.mounts)
    let places = listPlaces
    guard !places.isEmpty else {
      return .none("it keeps no list of servers (STORAGE_FILEPATH, STORAGE_SERVERS_ENABLED)")
    }
    do throws(PolicyFileProblem) {
      for place in places {
        guard let file = files.file(at: place) else { continue }
        return try read(file, selection, files)
      }
    } catch {
      return .none("its list of servers cannot be used (\(error.description))")
    }
    if mounts == nil, places.contains(where: files.isInVolume) {
      return .none("its list of servers is in a volume of the engine (watch asks where that is)")
    }
    guard places.contains(where: files.isMounted) else {
      return .none("its list of servers is not kept on this machine (mount a folder at /gluetun to have it read)")
    }
    return .none(
      "its list of servers is not there (\(places.joined(separator: ", ")); gluetun writes it at its first start)")
  }

  /// The files that may hold the list, in the order in which gluetun looks for them.
  private var listPlaces: [String] {
    func value(_ name: String) -> String? { service.environment[name]?.value }
    if let path = value("STORAGE_FILEPATH") { return path.isEmpty ? [] : [PathText.clean(path)] }
    if ["off", "no", "false", "0"].contains(value("STORAGE_SERVERS_ENABLED")?.lowercased()) { return [] }
    let folder = PathText.clean(
      value("STORAGE_SERVERS_DIRECTORY_PATH").flatMap { $0.isEmpty ? nil : $0 } ?? "/gluetun/servers")
    return ["\(folder)/manifest.json", "/gluetun/servers.json"]
  }

  private func read(
    _ file: ContainerFile, _ selection: GluetunSelection, _ files: ContainerFiles
  ) throws(PolicyFileProblem) -> ServerList {
    var origin = file.name
    var listed = try Self.servers(in: file) { bytes throws(GluetunServers.Fault) in
      try GluetunServers(inAll: bytes, selection)
    }
    if let path = listed.path {
      // The manifest is as untrusted as everything that a container can write.
      guard path.first == "/", !path.split(separator: "/").contains(".."), let own = files.file(at: path) else {
        return .none("its list of servers (\(file.name)) points to a file that its mounts do not show")
      }
      origin = own.name
      listed = try Self.servers(in: own) { bytes throws(GluetunServers.Fault) in
        try GluetunServers(of: bytes, selection)
      }
    }
    let all = listed.servers
    let kind = selection.client == .openVPN ? "OpenVPN" : "WireGuard"
    guard !all.isEmpty else {
      return .none("its list of servers (\(origin)) holds no \(kind) server of \(quoted(selection.provider))")
    }
    let chosen = all.filter(selection.admits)
    guard !chosen.isEmpty else {
      return .none(
        "no server of its list (\(origin)) fits \(selection.variables.joined(separator: ", ")): the list may be older than the "
          + "image's own")
    }
    var known: [String: [UInt8]] = [:]
    let servers = chosen.flatMap { server in
      let key = server.publicKey.flatMap { text in
        if let key = known[text] { return key }
        known[text] = WireGuardKey(text)?.bytes
        return known[text]
      }
      // An invalid key matches nothing.
      guard server.publicKey == nil || key != nil else { return [] as [EndpointList.Server] }
      return server.addresses.flatMap { address in
        selection.ports.map { EndpointList.Server(Endpoint(address: address, port: $0), publicKey: key) }
      }
    }
    guard !servers.isEmpty else {
      return .none("its list of servers (\(origin)) gives no address, or no valid key")
    }
    let count = chosen.count == all.count ? "\(all.count)" : "\(chosen.count) of \(all.count)"
    let ports =
      selection.ports.map { "\($0)" }.joined(separator: " or ") + (selection.transport == .tcp ? "/tcp" : "")
    let day = listed.timestamp.flatMap(CivilDate.init(secondsSinceEpoch:)).map { ", as of \($0)" } ?? ""
    return .found(
      Stated(
        EndpointList(
          name: "gluetun's list of servers", extent: "\(count) of \(selection.provider), port \(ports)\(day)",
          servers: servers, shape: selection.client == .openVPN ? .openVPN : .wireGuard, over: selection.transport),
        origin: origin))
  }

  private static func servers(
    in file: ContainerFile, _ read: ([UInt8]) throws(GluetunServers.Fault) -> GluetunServers
  ) throws(PolicyFileProblem) -> GluetunServers {
    let bytes: [UInt8]
    switch file.source {
    case .path(let path): bytes = try TextFile.bytes(ofRegular: path, limit: GluetunServers.sizeLimit)
    case .text(let text, _): bytes = Array(text.utf8)
    }
    do throws(GluetunServers.Fault) {
      return try read(bytes)
    } catch {
      switch error {
      case .json(let fault):
        throw PolicyFileProblem(file: file.name, line: fault.line, message: "not JSON: \(fault.reason)")
      case .version(let version):
        throw PolicyFileProblem(
          file: file.name,
          message: version.isEmpty
            ? "it states no format version" : "its format version is \(quoted(version)), and only 1 is known")
      case .tooMany:
        throw PolicyFileProblem(
          file: file.name, message: "it holds more than \(GluetunServers.mostAddresses) addresses of one provider")
      }
    }
  }
}
