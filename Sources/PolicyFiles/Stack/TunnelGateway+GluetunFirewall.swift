import ComposeFiles
import Policy
package import TextFiles
package import Wire

/// What opens gluetun's firewall, which refuses by default (gluetun-wiki, setup/options/firewall.md and dns.md).
extension TunnelGateway {
  /// The variable that turns the firewall off, if one does. gluetun has no variable `FIREWALL`.
  package var disabledFirewall: Located<String>? {
    guard let stated = stated(["FIREWALL_ENABLED_DISABLING_IT_SHOOTS_YOU_IN_YOUR_FOOT"]) else { return nil }
    return ["disabled", "false", "no", "off"].contains(stated.value.lowercased()) ? stated : nil
  }

  /// The networks that are let out and bypass the tunnel, with the variable that says so.
  package var outboundSubnets: (name: String, prefixes: [IPPrefix], stated: Located<String>)? {
    for name in ["FIREWALL_OUTBOUND_SUBNETS", "EXTRA_SUBNETS"] {
      guard let stated = stated([name]) else { continue }
      let prefixes = stated.value.split(separator: ",").compactMap { IPPrefix(String($0.trimmed)) }
      return (name, prefixes, stated)
    }
    return nil
  }

  /// The variable by which releases up to 3.40 leave names to the container's resolver.
  package var keptNameserver: Located<String>? {
    guard let stated = stated(["DNS_KEEP_NAMESERVER"]) else { return nil }
    return ["enabled", "true", "yes", "on"].contains(stated.value.lowercased()) ? stated : nil
  }

  /// Resolvers to which queries go in the clear; by default there are none.
  package var upstreamResolvers: [Located<IPAddress>] {
    var found: [Located<IPAddress>] = []
    func add(_ stated: Located<String>) {
      for text in stated.value.split(separator: ",").map(\.trimmed) {
        // An address, or an address and a port: [::1]:53, 10.0.0.1:53.
        let whole = IPAddress(text.drop { $0 == "[" }.prefix { $0 != "]" })
        guard let address = whole ?? IPAddress(text.prefix { $0 != ":" }), AddressScope(address) != .loopback
        else { continue }
        found.append(Located(address, at: stated.place))
      }
    }
    // With another type they are ignored.
    let isPlain = stated(["DNS_UPSTREAM_RESOLVER_TYPE"]).map { $0.value.lowercased() == "plain" } ?? true
    if isPlain, let addresses = stated(["DNS_UPSTREAM_PLAIN_ADDRESSES"]) { add(addresses) }
    if let address = stated(["DNS_ADDRESS", "DNS_PLAINTEXT_ADDRESS"]) { add(address) }
    return found
  }

  /// The variable that states which program makes its rules, if one does.
  package var firewallImplementation: Located<String>? { stated(["FIREWALL_IMPLEMENTATION"]) }

  /// The rules that the user has it add after its own, one command per line, by the path inside of the container.
  package static let postRules = "/iptables/post-rules.txt"
  /// The same for newer releases, which use nftables.
  package static let nftablesPostRules = "/gluetun/firewall/nftables/post-rules.txt"

  /// The first of these variables that is not empty.
  func stated(_ names: [String]) -> Located<String>? {
    names.lazy.compactMap { service.environment[$0] }.first { !$0.value.isEmpty }
  }
}

extension Substring {
  fileprivate var trimmed: Substring { drop(while: \.isWhitespace).prefix { !$0.isWhitespace } }
}
