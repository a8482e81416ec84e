/// A table as nft names it. The family is `ip` if none is stated.
struct NftTable {
  let name: String
  let families: [IPFamily]
  var isInet: Bool { families.count > 1 }
  /// Its name in a `Ruleset`.
  let key: String

  /// Nil for a family that sees no IP packets in a namespace's hooks.
  init?(_ tokens: inout NftTokens) {
    var stated = "ip"
    if let next = tokens.next, ["inet", "ip", "ip6", "arp", "bridge", "netdev"].contains(next) {
      stated = tokens.take()
    }
    name = tokens.take()
    key = "nft \(stated) \(name)"
    switch stated {
    case "inet": families = IPFamily.allCases
    case "ip": families = [.ipv4]
    case "ip6": families = [.ipv6]
    default: return nil
    }
  }
}
