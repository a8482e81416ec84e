package import Policy
package import TextFiles
import Wire

extension WireGuardConfig {
  /// Adds to the policy what the configuration states, each with its origin (`wg0.conf:7`).
  ///
  /// - The host address of every `Address`, not its network: 10.2.0.2/16 makes one address a tunnel address.
  /// - `ListenPort` as a served port only if a peer has no `Endpoint` line: then its packets come from there.
  ///
  /// Returns everything that is wrong with the file, including that it gives no tunnel at all.
  @discardableResult
  package func apply(to policy: inout TunnelPolicy) -> [PolicyFileProblem] {
    var givesTunnel = false
    for peer in peers {
      guard let endpoint = peer.endpoint else { continue }
      givesTunnel = true
      let key = peer.publicKey?.value.bytes
      let (shape, amnezia) = shape
      switch endpoint.value {
      case .address(let address):
        policy.endpoints.append(
          Stated(
            TunnelEndpoint(address, shape: shape, publicKey: key, amnezia: amnezia), origin: origin(endpoint.line)))
      case .name(let name, let port):
        let named = NamedEndpoint(name: name, port: port, shape: shape, publicKey: key, amnezia: amnezia)
        policy.namedEndpoints.append(Stated(named, origin: origin(endpoint.line)))
      }
    }
    if let listenPort, peers.contains(where: { !$0.statesEndpoint }) {
      givesTunnel = true
      policy.servedPorts.append(Stated(listenPort.value, origin: origin(listenPort.line)))
    }
    policy.tunnelAddresses += addresses.map { Stated($0.value.address, origin: origin($0.line)) }
    policy.tunnelResolvers += resolvers.map { Stated($0.value, origin: origin($0.line)) }
    if givesTunnel { return problems }
    return problems + [
      PolicyFileProblem(
        file: fileName,
        message: "no peer has a usable Endpoint; no packet will count as tunnel; add Endpoint = address:port to [Peer]")
    ]
  }

  /// How the client changes WireGuard's format.
  private var shape: (TunnelEndpoint.Shape, AmneziaWG?) {
    if hiddenShapeLine != nil { return (.any, nil) }
    if let amnezia { return (.amneziaWG, amnezia.value) }
    return (reservedLine == nil ? .wireGuard : .anyReserved, nil)
  }

  private func origin(_ line: Int) -> String { "\(fileName):\(line)" }
}
