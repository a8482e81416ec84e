import Policy
import Wire

/// The packets of one family that leave by a network of the container and that `replay` would call a leak.
struct LeakSpace: Sendable {
  /// All packets that the container's programs send out by a network.
  private(set) var leaving: HeaderBox
  /// A packet is in at most one of them.
  private(set) var kinds: [(kind: Kind, region: HeaderRegion)] = []

  enum Kind: Hashable, Sendable {
    /// To an Endpoint's address, but not to its port by UDP.
    case endpointBypass
    /// To the tunnel's own resolver.
    case resolver
    /// To addresses that routers do not keep on the premises.
    case internet
    /// DNS to local addresses, also over TLS and QUIC.
    case localDNS
    /// From the tunnel's own address to other local addresses.
    case tunnelAddress
  }

  /// What the files say about the tunnels, and about the place of the container.
  struct Facts: Sendable {
    /// The interfaces of the container's networks.
    var networks: [String] = ["eth0"]
    var endpoints: [Endpoint] = []
    var tunnelAddresses: [IPAddress] = []
    var resolvers: [IPAddress] = []

    init(networks: [String], configs: [WireGuardFacts]) {
      self.networks = networks
      for config in configs {
        endpoints += config.endpoints
        tunnelAddresses += config.addresses
        resolvers += config.resolvers.filter { AddressScope($0) != .loopback }
      }
    }
  }

  init(_ facts: Facts, _ context: HeaderContext) throws(HeaderSpaceError) {
    let family = context.family
    var box = context.everything
    box.outInterfaces = context.interfaces { facts.networks.contains($0) }
    // Packets to the namespace's own addresses do not leave.
    box.kinds = [.ordinary, .broadcast]
    // Marks are set by programs that may administer the network (another finding), or by rules (which are followed).
    box.marks = context.marks { $0 == 0 }
    leaving = box

    var any = context.everything
    any.outInterfaces = box.outInterfaces
    any.kinds = box.kinds
    var rest = HeaderRegion(any)
    var ordinary = any
    ordinary.kinds = .ordinary
    func take(_ boxes: [HeaderBox]) throws(HeaderSpaceError) -> HeaderRegion {
      let wanted = try HeaderRegion(anyOf: boxes)
      let taken = try rest.intersection(wanted)
      rest = try rest.subtracting(wanted)
      return taken
    }
    func at(_ addresses: [IPAddress]) -> [HeaderBox] {
      addresses.filter { $0.isIPv4 == (family == .ipv4) }.map { address in
        var box = HeaderBox(family)
        box.destination = address.number...address.number
        return box
      }
    }
    var loopback = HeaderBox(family)
    loopback.destination = IPPrefix(family == .ipv4 ? "127.0.0.0/8" : "::1/128")!.numbers
    _ = try take([loopback])
    _ = try take(
      facts.endpoints.flatMap { endpoint in
        at([endpoint.address]).map { box in
          var box = box
          box.protocols = ProtocolSet([17])
          box.destinationPort = endpoint.port...endpoint.port
          return box
        }
      })
    kinds.append((.endpointBypass, try take(at(facts.endpoints.map(\.address)))))
    kinds.append((.resolver, try take(at(facts.resolvers))))
    let dns = [53, 853].map { (port: UInt16) in
      var box = HeaderBox(family)
      box.protocols = ProtocolSet([6, 17])
      box.destinationPort = port...port
      return box
    }
    let premises = Self.premises(family)
    kinds.append((.localDNS, try take(dns.flatMap { box in premises.compactMap { box.intersection($0) } })))
    let inner = facts.tunnelAddresses.filter { $0.isIPv4 == (family == .ipv4) }.map { address in
      var box = HeaderBox(family)
      box.source = address.number...address.number
      return box
    }
    kinds.append((.tunnelAddress, try take(inner.flatMap { box in premises.compactMap { box.intersection($0) } })))
    _ = try take(premises)
    // The broadcast address of a network is on the premises.
    kinds.append((.internet, rest.intersection(ordinary)))
  }

  subscript(kind: Kind) -> HeaderRegion { kinds.first { $0.kind == kind }?.region ?? HeaderRegion() }

  /// The prefixes in which the networks of containers lie.
  static func privatePrefixes(_ family: IPFamily) -> [IPPrefix] {
    let texts =
      family == .ipv4
      ? ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16"] : ["fc00::/7", "fe80::/10"]
    return texts.map { IPPrefix($0)! }
  }

  /// The ranges that `AddressScope` calls local.
  private static func premises(_ family: IPFamily) -> [HeaderBox] {
    var prefixes =
      family == .ipv4
      ? [
        "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16", "127.0.0.0/8", "224.0.0.0/24", "239.0.0.0/8",
        "255.255.255.255/32",
      ]
      : ["fc00::/7", "fe80::/10", "::1/128"]
    if family == .ipv6 {
      for flags in 0..<16 {
        for scope in [1, 2, 3, 4, 5, 8] {
          prefixes.append("ff" + String(flags, radix: 16) + String(scope, radix: 16) + "::/16")
        }
      }
    }
    return prefixes.map { text in
      var box = HeaderBox(family)
      box.destination = IPPrefix(text)!.numbers
      return box
    }
  }
}

/// The facts of a configuration that decide which packets are the tunnel's.
struct WireGuardFacts: Sendable {
  var endpoints: [Endpoint]
  var addresses: [IPAddress]
  var resolvers: [IPAddress]
}
