import PolicyFiles
import Wire

/// The packets that the rules are asked about. All leave by the container's own interface: a program can bind to it
/// whatever the routes say.
struct Probes: Sendable {
  /// Addresses for documentation (RFC 5737, RFC 3849) stand for any public one.
  static let public4 = IPAddress("198.51.100.77")!
  static let public6 = IPAddress("2001:db8::77")!

  /// What every kill switch has to refuse, in one family.
  static func clear(_ family: IPFamily) -> [ProbePacket] {
    let address = family == .ipv4 ? public4 : public6
    return [
      ProbePacket(destination: address, transport: .tcp, destinationPort: 443),
      ProbePacket(destination: address, transport: .udp, destinationPort: 53),
      ProbePacket(destination: address, transport: .udp, destinationPort: 6881),
      ProbePacket(destination: address, transport: .icmp),
    ]
  }

  static func dns(to address: IPAddress) -> [ProbePacket] {
    [
      ProbePacket(destination: address, transport: .udp, destinationPort: 53),
      ProbePacket(destination: address, transport: .tcp, destinationPort: 53),
      ProbePacket(destination: address, transport: .tcp, destinationPort: 853),
      ProbePacket(destination: address, transport: .udp, destinationPort: 853),
    ]
  }

  /// Routers where people have them, and one in every private prefix that a rule names.
  static func lanResolvers(_ ruleset: Ruleset) -> [IPAddress] {
    var addresses = ["192.168.1.1", "192.168.0.1", "10.0.0.1", "172.17.0.1", "172.18.0.1", "fd00::1"].compactMap {
      IPAddress($0)
    }
    for rule in ruleset.chains.values.flatMap(\.rules) {
      for match in rule.matches {
        guard case .destination(let prefixes) = match.test else { continue }
        addresses += prefixes.filter { $0.length >= 8 && $0.length < $0.address.width && isPrivate($0.address) }
          .map { $0.address.next }
      }
    }
    var seen: Set<IPAddress> = []
    return addresses.filter { seen.insert($0).inserted }
  }

  static func isPrivate(_ address: IPAddress) -> Bool {
    ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"].contains { IPPrefix($0)!.contains(address) }
  }
}

extension IPAddress {
  /// The address after this one.
  var next: IPAddress {
    isIPv4 ? IPAddress(v4: UInt32(truncatingIfNeeded: low) &+ 1) : IPAddress(v6High: high, low: low &+ 1)
  }
}

extension Ruleset {
  /// The first of the packets that may get out, and how.
  func firstLetOut(_ packets: [ProbePacket]) -> (packet: ProbePacket, rule: FilterRule?)? {
    for packet in packets {
      if case .letOut(let rule) = fate(of: packet) { return (packet, rule) }
    }
    return nil
  }

  func refusesAll(_ packets: [ProbePacket]) -> Bool { firstLetOut(packets) == nil }
}
