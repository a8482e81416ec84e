import ComposeFiles
package import Policy
import TextFiles
import Wire

/// Where gluetun's OpenVPN goes (gluetun-wiki, setup/options/openvpn.md and setup/providers/custom.md).
extension TunnelGateway {
  package var runsOpenVPN: Bool { image == .gluetun && configs.isEmpty && gluetunClient == .openVPN }

  package var openVPNTransport: TunnelEndpoint.Transport {
    if let stated = stated(["OPENVPN_PROTOCOL", "PROTOCOL"]) {
      return stated.value.lowercased() == "tcp" ? .tcp : .udp
    }
    return customConfig?.transport ?? .udp
  }

  /// The server that variables, or the client's configuration that they name, state; nil if gluetun chooses it.
  var openVPNEndpoint: (text: EndpointText, origin: String)? {
    guard runsOpenVPN else { return nil }
    let custom = customConfig
    let address = stated(GluetunClient.openVPN.addressVariables)
    let port = stated(GluetunClient.openVPN.portVariables).flatMap { decimal($0.value, UInt16.self) }
    let usual = GluetunSelection(service.environment, .openVPN)?.ports.first
    // The unspecified address means that none is given.
    if let address, let host = IPAddress(address.value), !host.isUnspecified {
      let port = port ?? custom?.port ?? usual ?? Self.openVPNPort
      return (.address(Endpoint(address: host, port: port)), "\(address.place)")
    }
    guard let custom, let host = custom.host else { return nil }
    let chosen = port ?? custom.port ?? Self.openVPNPort
    if let address = IPAddress(host) {
      return address.isUnspecified ? nil : (.address(Endpoint(address: address, port: chosen)), custom.origin)
    }
    return hostName(host).map { (.name($0, port: chosen), custom.origin) }
  }

  /// IANA's registration.
  private static let openVPNPort: UInt16 = 1194

  /// The first server of a client's configuration (openvpn(8), `remote`, `port`, `proto`).
  private struct CustomConfig {
    var host: String?
    var port: UInt16?
    var transport: TunnelEndpoint.Transport?
    var origin = ""
  }

  private var customConfig: CustomConfig? {
    guard let path = stated(["OPENVPN_CUSTOM_CONFIG"])?.value,
      let file = ContainerFiles(service).file(at: PathText.clean(path)), let text = try? file.text()
    else { return nil }
    var config = CustomConfig()
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let words = line.split { $0 == " " || $0 == "\t" }
      guard words.count > 1 else { continue }
      switch words[0] {
      case "remote" where config.host == nil:
        config.host = String(words[1])
        config.origin = "\(file.name):\(number + 1)"
        if words.count > 2 { config.port = decimal(words[2], UInt16.self) ?? config.port }
        if words.count > 3 { config.transport = words[3].hasPrefix("tcp") ? .tcp : .udp }
      case "port" where config.port == nil: config.port = decimal(words[1], UInt16.self)
      case "proto" where config.transport == nil: config.transport = words[1].hasPrefix("tcp") ? .tcp : .udp
      default: break
      }
    }
    return config
  }
}

extension VPNStack {
  /// Whether an Endpoint whose kind nobody states can only mean OpenVPN.
  private var runsOnlyOpenVPN: Bool { !gateways.isEmpty && gateways.allSatisfy(\.runsOpenVPN) }

  /// Names the client of Endpoints that were stated in addition to the stack's own. `known` counts the stack's
  /// addresses and names.
  package func nameClients(in policy: inout TunnelPolicy, from known: (Int, Int)) {
    guard runsOnlyOpenVPN else { return }
    let transports = Set(gateways.map(\.openVPNTransport))
    for index in policy.endpoints.indices.dropFirst(known.0) where policy.endpoints[index].value.isPlain {
      policy.endpoints[index].value.shape = .openVPN
      if transports.count == 1 { policy.endpoints[index].value.transport = transports.first! }
    }
    for index in policy.namedEndpoints.indices.dropFirst(known.1)
    where policy.namedEndpoints[index].value.shape == .wireGuard && policy.namedEndpoints[index].value.publicKey == nil
    {
      policy.namedEndpoints[index].value.shape = .openVPN
      if transports.count == 1 { policy.namedEndpoints[index].value.transport = transports.first! }
    }
  }
}

extension TunnelEndpoint {
  /// Whether nobody has stated more about it than the address.
  fileprivate var isPlain: Bool { shape == .wireGuard && publicKey == nil && source == .stated }
}
