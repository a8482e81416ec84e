package import ComposeFiles

extension EngineDescription {
  /// The names of the containers that hold a tunnel.
  package var gateways: [String] { VPNStack(project).gateways.map(\.service.name) }
}
