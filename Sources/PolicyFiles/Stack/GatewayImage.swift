import ComposeFiles
import TextFiles
import Wire

/// What the program in a container does by itself, as far as its image's name and variables tell.
package enum GatewayImage: Hashable, Sendable {
  /// linuxserver/wireguard, which runs what is mounted at /custom-cont-init.d: files make all of its rules.
  case wgQuick
  /// qmcgaw/gluetun: it has a firewall of its own that refuses by default, and variables for a configuration.
  case gluetun
  /// Any other image. It may make rules that no file of the project tells, and may not run the project's scripts. The
  /// value is the name that messages use.
  case other(String)

  init(_ service: ComposeService) {
    let names = Self.names(service.image?.value)
    if names.last?.contains("gluetun") == true || service.environment["VPN_SERVICE_PROVIDER"] != nil {
      self = .gluetun
    } else if names.suffix(2) == ["linuxserver", "wireguard"] {
      self = .wgQuick
    } else {
      self = .other(names.suffix(2).joined(separator: "/"))
    }
  }

  /// The parts of an image's name without its tag and digest, in lower case: `lscr.io`, `linuxserver`, `wireguard`.
  static func names(_ image: String?) -> [String] {
    guard let image else { return [] }
    var names = image.lowercased().prefix { $0 != "@" }.split(separator: "/").map(String.init)
    if let last = names.popLast() { names.append(String(last.prefix { $0 != ":" })) }
    return names
  }
}

extension ComposeService {
  /// The last part of the image's name, in lower case; empty if the image is built.
  package var imageName: String { GatewayImage.names(image?.value).last ?? "" }

  /// Whether the image only serves.
  var isServerImage: Bool { imageName == "wg-easy" }
}

extension TunnelGateway {
  /// What shows that this is a WireGuard server, which others call (linuxserver/docker-wireguard, "Server Mode";
  /// wg-easy). Nil for a client, and for one that is both.
  var serverSign: String? {
    guard image != .gluetun, !configs.contains(where: \.config.isClient) else { return nil }
    // Without peers, linuxserver's image is in client mode.
    if let peers = service.environment["PEERS"], !["", "0"].contains(peers.value) { return "PEERS=\(peers.value)" }
    if service.isServerImage { return service.imageName }
    let served = configs.first { !$0.config.peers.isEmpty && !$0.config.peers.contains(where: \.takesEverything) }
    return served.map { "\($0.config.fileName): no peer has an Endpoint" }
  }
}

extension WireGuardConfig {
  /// Whether the file is a client's: it has a peer that it calls.
  package var isClient: Bool { peers.contains { $0.statesEndpoint } }
}

extension WireGuardConfig.Peer {
  /// Whether all addresses of a family go to it. Nobody asks that of a client that calls.
  fileprivate var takesEverything: Bool { allowedIPs.contains { $0.value.length == 0 } }
}
