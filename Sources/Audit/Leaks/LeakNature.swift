import Policy

/// What a leak is in its circumstances, which a filter over one packet cannot know. Natures that no operator needs to
/// be woken for have a name and a severity of their own. All remain leaks, and are counted as such.
enum LeakNature: UInt8, Hashable, Sendable {
  /// The reason and its rule say everything.
  case usual
  /// The DNS lookup of the Endpoint's own name, which must come before the tunnel.
  case endpointLookup
  /// Sent in answer to a client that called at a published port.
  case publishedAnswer
  /// A segment without content, in a TCP connection whose beginning was not seen.
  case olderConnection
  /// Content in such a connection.
  case olderContent
  /// An ICMP error to the Endpoint, about a message of its tunnel: the tunnel is down here, and the Endpoint goes on.
  case endpointError
  /// Group membership, or neighbour discovery: routers do not forward it.
  case linkControl
  /// A packet of a kind that carries nothing, but with more in it than that kind has, or more often than it comes.
  case burdened

  /// Nil if the reason's own severity applies.
  var severity: Severity? {
    switch self {
    case .usual, .olderContent, .burdened: nil
    case .endpointLookup, .linkControl: .info
    case .publishedAnswer, .olderConnection, .endpointError: .low
    }
  }

  var title: String? {
    switch self {
    case .usual, .olderContent: nil
    case .burdened: "More than such a packet needs to carry, or too many of them"
    case .endpointLookup: "The lookup of the Endpoint's own name, before the tunnel"
    case .publishedAnswer: "An answer of a published port"
    case .olderConnection: "The end of an older TCP connection, without content"
    case .endpointError: "An ICMP error to the Endpoint, about a message that it sent"
    case .linkControl: "Group membership or neighbour discovery of the link itself"
    }
  }
}

extension LeakNature {
  /// The nature if the packet may carry more than it says.
  var burdened: LeakNature { self == .olderContent ? self : .burdened }
}

extension Leak {
  /// Applies the leak's nature.
  mutating func apply(_ nature: LeakNature) {
    switch nature {
    case .usual: return
    // A rule that is as mild itself says more about it.
    case .olderConnection where severity <= .low: return
    // Peers of a swarm are not clients: that they find this machine here is the leak.
    case .publishedAnswer where key.reason == .bittorrent: return
    case .olderContent, .burdened:
      // Content counts, whatever the rule says about the packet's form.
      guard severity < .medium else { return }
      severity = .medium
    default: break
    }
    key.nature = nature
    if let named = nature.severity { severity = named }
    if let named = nature.title { title = named }
  }
}
