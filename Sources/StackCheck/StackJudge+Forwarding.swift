import Policy
import PolicyFiles
import TextFiles
import Wire

/// What the namespace routes for others: clients that call a WireGuard server in it, and machines that use it as a
/// router.
extension StackJudge {
  private static let unruled = "no rule of FORWARD refuses"

  /// Only judges where there is a tunnel that their packets should take. What is served without one is meant to leave.
  mutating func judgeForwarding(_ life: Lifecycle, routes: SourcePlace?) {
    guard !life.hidesRules, life.order.contains(where: \.config.isClient) else { return }
    for moment in [StateOpenings.Moment.served, .down, .afterScripts] {
      guard let namespace = life[moment] else { continue }
      let servers = namespace.tunnels.filter { !$0.config.isClient }
      // Packets of a network are routed only if somebody said so.
      let networks = routes == nil ? [] : life.networks
      guard !servers.isEmpty || !networks.isEmpty else { continue }
      let place = servers.first?.config.place ?? routes
      guard let place else { continue }
      for family in IPFamily.allCases where family == .ipv4 || namespace.ipv6Disabled == nil {
        let isServed = servers.contains { server in
          server.config.peers.contains { $0.allowedIPs.contains { $0.value.address.isIPv4 == (family == .ipv4) } }
        }
        guard isServed || family == .ipv4 && !networks.isEmpty else { continue }
        judgeForwarding(life, namespace, family, from: servers.map(\.interface) + networks, moment, place)
      }
    }
  }

  private mutating func judgeForwarding(
    _ life: Lifecycle, _ namespace: NetworkNamespace, _ family: IPFamily, from incoming: [String],
    _ moment: StateOpenings.Moment, _ place: SourcePlace
  ) {
    var facts = life.facts
    facts.tunnelAddresses = []
    let interfaces = namespace.tunnels.map(\.interface)
    guard
      let state = try? Openings(namespace.ruleset, family, facts, interfaces: interfaces, from: incoming)
    else {
      return passOverRules(at: place)
    }
    // Flows from before went into the tunnel; what is left of them is reported with new ones.
    for open in state.atLarge + state.exceptions
    where !open.isOfOldFlows && (open.kind == .internet || open.kind == .resolver) {
      let at = open.rule?.place ?? place
      // Having no rule that refuses is one fault, whatever state it is in.
      let isReported = report.findings.contains { finding in
        finding.fault == .forwardOpen
          && (finding.place == at || open.rule == nil && finding.message.hasPrefix(Self.unruled))
      }
      guard !isReported else { continue }
      let told = Telling(state, open)
      let does = open.rule.map { "'\($0.text)' lets out" } ?? Self.unruled
      add(
        .forwardOpen, .high, at: at,
        "\(does) what comes in by \(incoming.joined(separator: " or ")), \(moment.rawValue): \(told.what)")
    }
  }
}
