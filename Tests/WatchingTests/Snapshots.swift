import Wire

@testable import Containers

extension ContainerSnapshot {
  /// Networks by their names, with their bridges, and who of the project `home` is on them.
  static func running(_ bridges: [String: String], client networks: [String] = ["home_vpn"]) -> Self {
    Self(
      containers: [
        Container(
          name: "home-client-1", id: "0123456789ab", image: "linuxserver/wireguard", project: "home",
          networkMode: "home_vpn", sharesNamespaceOf: nil, isOnHostNetwork: false,
          attachments: networks.map { Attachment(network: $0, addresses: [], macAddress: nil) }, mounts: [])
      ],
      networks: bridges.sorted { $0.key < $1.key }.map { name, bridge in
        Network(name: name, driver: "bridge", subnets: [], gateways: [], isInternal: false, bridge: bridge)
      })
  }
}
