import Wire

/// A condition of a rule.
struct RuleMatch: Hashable, Sendable {
  var test: Test
  var isNegated = false

  enum Test: Hashable, Sendable {
    /// A trailing `+` matches any rest.
    case outInterface([String])
    /// A packet that the namespace itself sends has none; only the name `+` matches it.
    case inInterface([String])
    case source([ClosedRange<IPAddress>])
    case destination([ClosedRange<IPAddress>])
    /// Protocols by number; an empty list matches nothing.
    case transport([UInt8])
    case destinationPorts([ClosedRange<UInt16>])
    case sourcePorts([ClosedRange<UInt16>])
    /// Source or destination ports.
    case ports([ClosedRange<UInt16>])
    /// Types of the family's own ICMP: the type in the upper octet, the code in the lower one.
    case icmp([ClosedRange<UInt16>])
    case mark(UInt32, mask: UInt32)
    /// `LOCAL`, `UNICAST` and the like, in capitals, as iptables' addrtype asks for them.
    case destinationType([String])
    /// The same, as nft's `fib daddr type` asks for them.
    case routeType([String])
    /// conntrack's states, in capitals.
    case connectionState([String])
    /// Holds for some packets: an owner, a rate.
    case some(String)
    /// Not understood.
    case unreadable(String)
  }

  var isUnreadable: Bool {
    if case .unreadable = test { true } else { false }
  }

  var asksForOutInterface: Bool {
    if case .outInterface = test { true } else { false }
  }

  var asksForMark: Bool {
    if case .mark = test { true } else { false }
  }

  /// The text of a condition that is not followed.
  var text: String {
    switch test {
    case .some(let text), .unreadable(let text): text
    default: ""
    }
  }

  static func matches(_ pattern: String, _ name: String) -> Bool {
    guard pattern.last == "+" else { return pattern == name }
    return name.hasPrefix(pattern.dropLast())
  }
}

extension IPPrefix {
  /// The prefix from its first address to its last.
  var range: ClosedRange<IPAddress> {
    let numbers = numbers
    let family: IPFamily = address.isIPv4 ? .ipv4 : .ipv6
    return IPAddress(numbers.lowerBound, family)...IPAddress(numbers.upperBound, family)
  }
}
