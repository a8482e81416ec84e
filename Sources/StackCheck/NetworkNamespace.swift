import PolicyFiles
import TextFiles
import Wire

/// The network namespace that the tunnel's container and its consumers share, as the files have made it so far.
struct NetworkNamespace: Sendable {
  var ruleset = Ruleset()
  var routes: [Route] = []
  /// The routing rules and routes that refuse packets.
  var policy = RoutingPolicy()
  /// Where a sysctl turned IPv6 off.
  var ipv6Disabled: SourcePlace?
  /// Where a sysctl turned on routing for others.
  var routesOthers: SourcePlace?
  /// Tunnels that are up, in the order in which they came up.
  var tunnels: [Tunnel] = []

  /// A route that a file adds to the main table, past the tunnel's interface.
  struct Route: Hashable, Sendable {
    var prefix: IPPrefix
    var place: SourcePlace
  }

  struct Tunnel: Sendable {
    /// The interface: the configuration's name without its suffix.
    var interface: String
    var config: WireGuardConfig
    /// The mark that wg-quick sets on the tunnel's own packets; 0 for none.
    var mark: UInt32
  }

  /// Whether other packets may leave this namespace than the other one.
  func differs(from other: Self) -> Bool {
    ruleset != other.ruleset || routes != other.routes || policy != other.policy || ipv6Disabled != other.ipv6Disabled
      || routesOthers != other.routesOthers
  }

  /// Applies what wg-quick does when a tunnel that takes everything comes up (wg-quick, `add_default`): unmarked
  /// packets use the tunnel's table, after the main table without its default route.
  mutating func route(through tunnel: Tunnel, isUp: Bool) {
    guard tunnel.config.makesDefaultRoute else { return }
    for family in IPFamily.allCases {
      let leads = tunnel.config.peers.contains { peer in
        peer.allowedIPs.contains { $0.value.length == 0 && $0.value.family == family }
      }
      guard leads else { continue }
      let rules = [
        RoutingPolicy.Rule(
          family: family, isNegated: true, mark: .init(value: tunnel.mark, mask: .max),
          action: .lookUp("\(tunnel.mark)")),
        RoutingPolicy.Rule(family: family, action: .lookUpExceptDefault),
      ]
      for rule in rules { if isUp { policy.add(rule) } else { policy.remove(rule, isCertain: true) } }
    }
  }

  /// The mark that wg-quick gives a tunnel's packets (wg-quick, `add_default`): FwMark, else, where AllowedIPs make a
  /// default route, the first routing table from 51820 up that is free.
  func mark(for config: WireGuardConfig) -> UInt32 {
    if let mark = config.firewallMark?.value, mark != 0 { return mark }
    guard config.makesDefaultRoute else { return 0 }
    let taken = Set(tunnels.map(\.mark))
    return (51820...).first { !taken.contains($0) } ?? 51820
  }
}

extension WireGuardConfig {
  /// The name of the interface that wg-quick makes from the file.
  var interfaceName: String {
    let name = fileName.split(separator: "/").last ?? "wg0"
    return name.hasSuffix(".conf") ? String(name.dropLast(5)) : String(name)
  }

  /// Whether wg-quick routes all traffic of a family into the tunnel. Only then it sets a mark and a rule.
  var makesDefaultRoute: Bool {
    guard table == nil || table?.value == "auto" else { return false }
    return peers.contains { $0.allowedIPs.contains { $0.value.length == 0 } }
  }

  /// Where its interface is described.
  var place: SourcePlace { SourcePlace(fileName, line: interfaceLine) }
}
