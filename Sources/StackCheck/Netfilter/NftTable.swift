/// A table as nft names it; `ip` is the family of one that states none.
struct NftTable {
  let name: String
  let families: [IPFamily]
  var isInet: Bool { families.count > 1 }
  /// As a `Ruleset` calls it.
  let key: String

  /// Nil where it is of a family that sees no packets of IP in a namespace's hooks.
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
