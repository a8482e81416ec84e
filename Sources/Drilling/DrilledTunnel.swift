import ComposeFiles
import Foundation
import PolicyFiles
import Text
import TextFiles

/// The tunnel that is drilled, as the stack's files have it.
struct DrilledTunnel: Sendable {
  let gateway: TunnelGateway
  /// Its configurations: the path on this machine, the path in the container, and what it says.
  let configs: [Config]
  /// What gluetun's variables say, where they are the configuration.
  let variables: WireGuardConfig?

  struct Config: Sendable {
    var path, target: String
    var config: WireGuardConfig
  }

  init(_ stack: VPNStack) throws(DrillProblem) {
    guard let gateway = stack.gateways.first else {
      throw DrillProblem(
        .stack, stack.problems.first.map(\.description) ?? "no service of these files holds a tunnel")
    }
    self.gateway = gateway
    configs = gateway.configs.filter { $0.path.hasPrefix("/") }.map {
      Config(path: $0.config.fileName, target: $0.path, config: $0.config)
    }
    variables =
      gateway.image == .gluetun && configs.isEmpty
      ? gateway.configs.first { $0.path == "environment" && !$0.config.addresses.isEmpty }?.config : nil
    guard !configs.isEmpty || variables != nil else {
      throw DrillProblem(
        .stack,
        "the service '\(Formatting.safe(gateway.service.name))' has no wg0.conf among its mounted files, and no "
          + "variables of gluetun's for WireGuard: OpenVPN, and what is in a volume of the engine, cannot be drilled")
    }
  }

  /// What the tunnel is configured with.
  var wireGuard: [WireGuardConfig] { variables.map { [$0] } ?? configs.map(\.config) }

  /// The interfaces that the configurations make.
  var interfaces: [String] {
    // gluetun's is tun0, and wg0 in former versions; only one of them is there.
    variables != nil
      ? ["tun0", "wg0"] : configs.map { URL(filePath: $0.target).deletingPathExtension().lastPathComponent }
  }
}
