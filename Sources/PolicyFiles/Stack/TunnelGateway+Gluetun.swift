import ComposeFiles
import TextFiles
import Wire

extension TunnelGateway {
  /// Whether nobody states where its tunnel goes, because it chooses a server of its provider by itself, and another
  /// one after a while.
  package var choosesItsEndpoint: Bool {
    guard image == .gluetun, let selection = GluetunSelection(service.environment, gluetunClient) else {
      return choosesWithoutProvider
    }
    return selection.client == .openVPN ? openVPNEndpoint == nil : choosesWithoutProvider
  }

  private var choosesWithoutProvider: Bool {
    image == .gluetun && stated(["VPN_SERVICE_PROVIDER", "VPNSP"])?.value.lowercased() != "custom"
      && configs.contains { $0.path == "environment" && !$0.config.peers.contains(where: \.statesEndpoint) }
  }

  /// The key that the server has to have, if the variables give it without an address.
  var chosenPeerKey: WireGuardConfig.Lined<WireGuardKey>? {
    configs.first { $0.path == "environment" }?.config.peers.first { !$0.statesEndpoint }?.publicKey
  }

  /// The client that `VPN_TYPE` states. Without it gluetun runs OpenVPN. If WireGuard's variables are set all the same,
  /// the type comes from somewhere that is not read here.
  var gluetunClient: GluetunClient {
    if let stated = stated(["VPN_TYPE"]) { return GluetunClient(rawValue: stated.value.lowercased()) ?? .openVPN }
    let environment = service.environment
    return environment.keys.contains { $0.hasPrefix("WIREGUARD_") || $0 == "VPN_ENDPOINT_IP" } ? .wireGuard : .openVPN
  }

  /// What gluetun's variables say, in the form of a configuration (gluetun-wiki, setup/providers/custom.md and
  /// setup/options/amneziawg.md).
  ///
  /// With a provider's name in place of `custom`, the Endpoint comes from gluetun's own list of servers, and the
  /// project's files do not tell it.
  func gluetunConfig() -> WireGuardConfig? {
    let environment = service.environment
    let client = gluetunClient
    let prefix = client.prefix
    guard client != .openVPN, environment.keys.contains(where: { $0.hasPrefix(prefix) || $0 == "VPN_ENDPOINT_IP" })
    else { return nil }
    func first(_ names: String...) -> Located<String>? { stated(names) }
    // Every line of the text stands for the line of the compose file that states it.
    var lines: [(text: String, place: SourcePlace)] = [("[Interface]", service.place)]
    func add(_ key: String, _ stated: Located<String>) {
      // A value of several lines is invalid, and would move the lines after it.
      lines.append(("\(key) = \(stated.value.map { $0.isNewline ? " " : String($0) }.joined())", stated.place))
    }
    if let addresses = first(prefix + "ADDRESSES", prefix + "ADDRESS") { add("Address", addresses) }
    for resolver in upstreamResolvers { lines.append(("DNS = \(resolver.value)", resolver.place)) }
    if client == .amneziaWG {
      for name in AmneziaText.names.sorted() {
        if let parameter = first(prefix + name.uppercased()) { add(name.uppercased(), parameter) }
      }
    }
    // Without them the peer is gluetun's business, and nothing can be wrong with it.
    let statesPeer = stated([prefix + "PUBLIC_KEY"] + client.addressVariables) != nil
    if statesPeer { lines.append(("[Peer]", service.place)) }
    if let key = first(prefix + "PUBLIC_KEY") { add("PublicKey", key) }
    if statesPeer { lines.append(("AllowedIPs = 0.0.0.0/0,::/0", service.place)) }
    if let address = stated(client.addressVariables) {
      let usual = GluetunSelection(environment, client)?.ports.first ?? EndpointText.usualPort
      let port = stated(client.portVariables)?.value ?? "\(usual)"
      let host = address.value.contains(":") ? "[\(address.value)]" : address.value
      add("Endpoint", Located("\(host):\(port)", at: address.place))
    }
    let text = lines.map(\.text).joined(separator: "\n")
    // The variables are usually from one file, which may be an env_file. What another file states gets the place of the
    // service.
    let statements = lines.map(\.place).filter { $0 != service.place }
    let files = Set(statements.map(\.file))
    let file = files.count == 1 ? files.first! : service.place.file
    guard var config = try? WireGuardConfig(text, fileName: file) else { return nil }
    config.moveLines { number in
      guard lines.indices.contains(number - 1), lines[number - 1].place.file == file else {
        return service.place.file == file ? service.place.line ?? 1 : statements.first?.line ?? 1
      }
      return lines[number - 1].place.line ?? 1
    }
    config.blameGluetun()
    return config
  }

  /// Drops resolvers in these networks: they are asked there, and not through the tunnel.
  mutating func forgetResolvers(within prefixes: [IPPrefix]) {
    guard image == .gluetun else { return }
    for index in configs.indices {
      configs[index].config.resolvers.removeAll { resolver in prefixes.contains { $0.contains(resolver.value) } }
    }
  }
}

extension WireGuardConfig {
  /// Gives every statement the line of the file that it was made from.
  mutating func moveLines(_ line: (Int) -> Int) {
    for index in addresses.indices { addresses[index].line = line(addresses[index].line) }
    for index in resolvers.indices { resolvers[index].line = line(resolvers[index].line) }
    if let stated = amnezia { amnezia?.line = line(stated.line) }
    for index in peers.indices {
      if let stated = peers[index].endpoint { peers[index].endpoint?.line = line(stated.line) }
      if let stated = peers[index].publicKey { peers[index].publicKey?.line = line(stated.line) }
    }
    for index in problems.indices { problems[index].line = problems[index].line.map(line) }
  }

  /// Names gluetun in the consequence of a mistake: there is no wg-quick.
  mutating func blameGluetun() {
    problems = problems.map { problem in
      PolicyFileProblem(
        file: problem.file, line: problem.line,
        message: problem.message.replacing(WireGuardConfigReader.consequence, with: "gluetun refuses it and ends"))
    }
  }
}
