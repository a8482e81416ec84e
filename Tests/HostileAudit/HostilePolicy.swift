import Audit
import PacketFilter
import Policy
import PolicyFiles
import TestSupport
import Wire

struct HostileInterface {
  var name: String
  var linkType: LinkType
  var role: InterfaceRole?
}

extension TunnelPolicy {
  /// Any mixture of what a policy can state, about the addresses of `HostileWorld`.
  static func hostile(_ choices: inout ByteChoices) -> TunnelPolicy {
    let (direction, tunnel, exceptions) = (choices.byte(), choices.byte(), choices.byte())
    func has(_ flags: UInt8, _ bit: UInt8) -> Bool { flags >> bit & 1 == 1 }
    var policy = TunnelPolicy()
    policy.labelRules = shippedRules
    let shapes: [TunnelEndpoint.Shape] = [.wireGuard, .wireGuard, .anyReserved, .any]
    if !has(tunnel, 0) {
      policy.endpoints = HostileWorld.endpoints.enumerated().map { index, endpoint in
        stated(
          TunnelEndpoint(
            endpoint, shape: index == 0 ? .wireGuard : shapes[Int(tunnel >> 1 & 3)],
            publicKey: index < 2 ? HostileWorld.publicKey : nil))
      }
    }
    if has(tunnel, 3) {
      policy.namedEndpoints = [
        stated(
          NamedEndpoint(
            name: HostileWorld.endpointName, port: HostileWorld.namedPort, publicKey: HostileWorld.publicKey))
      ]
    }
    policy.requiresVerifiedPeer = has(tunnel, 4)
    if has(tunnel, 5) { policy.servedPorts = [stated(HostileWorld.servedPort)] }
    policy.tunnelAddresses = [HostileWorld.inside4[3], HostileWorld.inside6[1]].map(stated)
    policy.tunnelResolvers = [stated(HostileWorld.outside4[3])]
    if has(tunnel, 6) { policy.resolvers = [stated(HostileWorld.outside4[2])] }
    if has(tunnel, 7) { policy.resolvedNames = [HostileWorld.endpointName] }

    if has(direction, 0) { policy.audited = ["172.18.0.0/16", "203.0.113.77/32", "fd00:18::/64"].map(prefix) }
    if has(direction, 1) { policy.auditedMACs = [stated(HostileWorld.containerMACs[0])] }
    policy.auditedOnly = has(direction, 2)
    policy.strictLocal = has(direction, 3)
    if has(direction, 4) { policy.local = ["192.168.1.0/24", "10.77.0.0/16", "fd77::/64"].map(prefix) }

    if has(exceptions, 0) { policy.allowRules.append(rules[0]) }
    if has(exceptions, 1) { policy.allowRules.append(rules[1]) }
    if has(exceptions, 2) { policy.allowRules.append(rules[2]) }
    if has(exceptions, 3) {
      policy.publishedPorts = [stated(PublishedPort(published: "8080", target: "8080", transport: "tcp"))]
    }
    if has(exceptions, 4) {
      policy.containers = [
        stated(
          StatedContainer(
            names: ["torrent"], addresses: [HostileWorld.inside4[0]], macAddresses: HostileWorld.containerMACs,
            holdsTunnel: false))
      ]
    }
    return policy
  }

  private static let shippedRules = LabelRules.shipped

  private static let rules = [
    AllowRule(id: "filter", reason: "test", filter: filter("dst host 198.51.100.8"), origin: "test"),
    AllowRule(
      id: "container", reason: "test", filter: filter("tcp"), containers: ["torrent"], origin: "test"),
    AllowRule(
      id: "expiring", reason: "test", filter: nil, queryNames: [".example"],
      expires: (Timestamp(nanoseconds: 1_700_000_001_000_000_000), "2023-11-14"), origin: "test"),
  ]

  private static func filter(_ expression: String) -> PacketFilter {
    do { return try PacketFilter(expression) } catch { fatalError("\(error)") }
  }

  private static func prefix(_ text: String) -> Stated<IPPrefix> {
    guard let prefix = IPPrefix(text) else { fatalError("no prefix: \(text)") }
    return stated(prefix)
  }

  private static func stated<Value: Sendable>(_ value: Value) -> Stated<Value> { Stated(value, origin: "test") }
}

extension OriginDirectory {
  /// Few containers, whose addresses move between them from variant to variant.
  static func hostile(_ variant: UInt8) -> Self {
    let names = [["torrent"], ["web"], ["torrent", "gateway"], []][Int(variant & 3)]
    var directory = OriginDirectory(names: [HostileWorld.inside4[Int(variant >> 2 & 1)]: names])
    if variant & 8 == 8 { directory.namesByMAC = [HostileWorld.containerMACs[Int(variant >> 4 & 1)]: names] }
    return directory
  }
}
