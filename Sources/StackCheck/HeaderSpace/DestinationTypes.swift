import Wire

/// The packets whose destination has a type of the routing tables (ip-route(8)).
enum DestinationTypes {
  /// The types as xt_addrtype tests them (net/netfilter/xt_addrtype.c). Nil if no file tells.
  static func addrtype(_ types: [String], _ family: IPFamily) -> [HeaderBox]? {
    if family == .ipv4 { return types.flatMap { ipv4($0) } }
    // For IPv6, all of the named types must hold; unreachable and anycast depend on routes.
    guard !types.contains("UNREACHABLE"), !types.contains("ANYCAST") else { return nil }
    var boxes = [HeaderBox(family)]
    for type in types {
      boxes = boxes.flatMap { box in ipv6(type).compactMap { box.intersection($0) } }
    }
    return types.isEmpty ? [] : boxes
  }

  /// The types as nft's fib tests them (net/ipv6/netfilter/nft_fib_ipv6.c): any of them is enough.
  static func fib(_ types: [String], _ family: IPFamily) -> [HeaderBox]? {
    if family == .ipv4 { return types.flatMap { ipv4($0) } }
    guard Set(types).isSubset(of: ["LOCAL", "UNICAST", "MULTICAST"]) else { return nil }
    return types.flatMap { type in
      guard type == "UNICAST" else { return ipv6(type) }
      return ipv6(type).map { box in
        var box = box
        box.kinds.subtract(.own)
        return box
      }
    }
  }

  private static func ipv4(_ type: String) -> [HeaderBox] {
    let whole = HeaderBox(.ipv4)
    func at(_ prefix: String, _ kinds: DestinationKinds = .ordinary) -> HeaderBox {
      var box = whole
      box.destination = IPPrefix(prefix)!.numbers
      box.kinds = kinds
      return box
    }
    var own = whole
    own.kinds = .own
    var broadcast = whole
    broadcast.kinds = .broadcast
    // inet_addr_type gives these addresses their type, whatever the tables say.
    let always = [at("255.255.255.255/32", .all), at("0.0.0.0/8", .all)]
    let group = at("224.0.0.0/4", .all)
    let special = always + [group]
    func without(_ boxes: [HeaderBox], _ others: [HeaderBox]) -> [HeaderBox] {
      others.reduce(boxes) { pieces, cut in pieces.flatMap { $0.subtracting(cut) } }
    }
    var ordinary = whole
    ordinary.kinds = .ordinary
    switch type {
    case "LOCAL": return without([own], special)
    case "BROADCAST": return always + without([broadcast], special)
    case "MULTICAST": return [group]
    case "UNICAST": return without([ordinary], special)
    // No address has these types: a route that refuses creates none.
    default: return []
    }
  }

  private static func ipv6(_ type: String) -> [HeaderBox] {
    var box = HeaderBox(.ipv6)
    switch type {
    case "LOCAL": box.kinds = .own
    case "MULTICAST": box.destination = IPPrefix("ff00::/8")!.numbers
    case "UNSPEC": box.destination = IPPrefix("::/128")!.numbers
    case "UNICAST":
      return ["ff00::/8", "::/128", "::ffff:0:0/96"].reduce([box]) { pieces, text in
        var cut = HeaderBox(.ipv6)
        cut.destination = IPPrefix(text)!.numbers
        return pieces.flatMap { $0.subtracting(cut) }
      }
    default: return []
    }
    return [box]
  }
}
