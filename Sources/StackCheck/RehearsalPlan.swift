package import ComposeFiles
package import PolicyFiles
import TextFiles
package import Wire

/// The scripts and configurations that a rehearsal runs, in the order that the audit has worked out.
package struct RehearsalPlan: Sendable {
  package var name: String
  package var mounts: [ComposeService.Mount]
  package var scripts: [TunnelGateway.StartupScript]
  package var tunnels: [Tunnel]
  package var environment: [String: String]
  package var address: IPAddress
  package var gateway: IPAddress
  package var isPrivileged: Bool

  package struct Tunnel: Sendable {
    package var interface: String
    package var config: WireGuardConfig
    /// The mark that wg-quick would set on its packets; 0 for none.
    package var mark: UInt32
  }
}

extension RehearsalPlan {
  /// The beginning of the names of all rehearsals.
  static let mark = "the rehearsal"

  init(_ gateway: TunnelGateway, _ life: Lifecycle, first: TunnelGateway.StartupScript?, subnet: IPPrefix?) {
    let service = gateway.service
    let network = subnet.flatMap { $0.address.isIPv4 ? $0 : nil } ?? IPPrefix("172.18.0.0/16")!
    let first =
      first.map { [TunnelGateway.StartupScript(path: $0.path, target: "/leakaudit/first", text: $0.text)] } ?? []
    self.init(
      name: "\(Self.mark) of \(service.name)", mounts: service.mounts, scripts: first + gateway.scripts,
      tunnels: life.tunnels(), environment: service.environment.mapValues(\.value),
      address: service.networks.first?.ipv4Address?.value ?? network.address.after(2),
      gateway: network.address.after(1),
      isPrivileged: service.isPrivileged?.value == true)
  }

  init(_ scripts: [TunnelGateway.StartupScript], _ life: Lifecycle) {
    let named = scripts.enumerated().map { number, script in
      TunnelGateway.StartupScript(path: script.path, target: "/leakaudit/script-\(number)", text: script.text)
    }
    self.init(
      name: Self.mark, mounts: [], scripts: named, tunnels: life.tunnels(), environment: [:],
      address: IPAddress("172.18.0.2")!, gateway: IPAddress("172.18.0.1")!, isPrivileged: true)
  }
}
