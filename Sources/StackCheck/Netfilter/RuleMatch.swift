import Wire

/// A condition of a rule.
struct RuleMatch: Hashable, Sendable {
  var test: Test
  var isNegated = false

  enum Test: Hashable, Sendable {
    /// A trailing `+` or `*` stands for any rest.
    case outInterface([String])
    /// Never set on what the container itself sends.
    case inInterface
    case source([IPPrefix])
    case destination([IPPrefix])
    /// `tcp`, `udp`, `icmp`, or what the rule says.
    case transport([String])
    case destinationPorts([ClosedRange<UInt16>])
    case sourcePorts([ClosedRange<UInt16>])
    case mark(UInt32, mask: UInt32)
    /// `LOCAL`, `UNICAST` and the like, in capitals.
    case destinationType([String])
    /// In capitals.
    case connectionState([String])
    /// Holds for some packets: an owner, a rate.
    case some(String)
    /// Not understood.
    case unreadable(String)
  }

  enum Answer: Sendable { case yes, no, maybe }

  func answer(for packet: ProbePacket) -> Answer {
    let holds: Bool
    switch test {
    case .outInterface(let names): holds = names.contains { Self.matches($0, packet.interface) }
    case .inInterface: holds = false
    case .source(let prefixes):
      guard !prefixes.contains(where: { $0.length == 0 }) else {
        holds = true
        break
      }
      return .maybe
    case .destination(let prefixes): holds = prefixes.contains { $0.contains(packet.destination) }
    case .transport(let names): holds = names.contains(packet.transport.rawValue) || names.contains("all")
    case .destinationPorts(let ranges):
      guard packet.transport != .icmp else {
        holds = false
        break
      }
      holds = ranges.contains { $0.contains(packet.destinationPort) }
    case .sourcePorts(let ranges):
      // A client's port is any of those that the kernel hands out (ip_local_port_range); --sport 8080 names a server's.
      guard packet.transport != .icmp, ranges.contains(where: { $0.overlaps(Self.clientPorts) }) else {
        holds = false
        break
      }
      guard ranges.contains(where: { $0.lowerBound <= 32768 && $0.upperBound >= 60999 }) else { return .maybe }
      holds = true
    case .mark(let value, let mask): holds = packet.mark & mask == value
    case .destinationType(let types): holds = types.contains("UNICAST")
    case .connectionState(let states):
      holds = states.contains(packet.isEstablished ? "ESTABLISHED" : "NEW")
    case .some, .unreadable: return .maybe
    }
    return holds != isNegated ? .yes : .no
  }

  private static let clientPorts: ClosedRange<UInt16> = 32768...60999

  private static func matches(_ pattern: String, _ name: String) -> Bool {
    guard let last = pattern.last, last == "+" || last == "*" else { return pattern == name }
    return name.hasPrefix(pattern.dropLast())
  }
}

/// A packet that the container might send, of which the rules are asked.
struct ProbePacket: Hashable, Sendable {
  var destination: IPAddress
  var transport: Transport
  var destinationPort: UInt16 = 0
  var interface = "eth0"
  var mark: UInt32 = 0
  /// Whether it belongs to a flow from before.
  var isEstablished = false

  var family: IPFamily { destination.isIPv4 ? .ipv4 : .ipv6 }

  enum Transport: String, Hashable, Sendable { case tcp, udp, icmp }
}
