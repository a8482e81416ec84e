public import Policy
public import Wire

/// The class of a frame (CONTRACT 1), with its kind. There is no "unknown".
public enum Verdict: Hashable, Sendable, BitwiseCopyable {
  case tunnel(TunnelKind)
  case local(LocalKind)
  /// A reason that the classifier itself decides; the rule pack names the others.
  case leak(Structure)
  case allowed(Permission)
  case ingress
  /// A packet that goes through the tunnel, seen on the tunnel's own interface: of the class `ingress`.
  case inner

  /// A leak's structural reason; `unnamed` leaves the reason to the rule pack.
  public enum Structure: UInt8, Sendable, BitwiseCopyable {
    case undecodable, fragment, notWireGuard, endpointBypass, tunnelAddress, dns, tunnelDestination, dot, doq
    case multicast, unnamed

    /// Nil for `unnamed`.
    public var reason: LeakReason? {
      switch self {
      case .undecodable: .undecodable
      case .fragment: .fragment
      case .notWireGuard: .notWireGuard
      case .endpointBypass: .endpointBypass
      case .tunnelAddress: .tunnelAddress
      case .dns: .dns
      case .tunnelDestination: .tunnelDestination
      case .dot: .dot
      case .doq: .doq
      case .multicast: .multicast
      case .unnamed: nil
      }
    }
  }

  /// What allowed a packet: an allow rule or a resolver, by its position in the policy; or `control`, if the auditor's
  /// own program sent the packet (`--control`).
  public enum Permission: Hashable, Sendable, BitwiseCopyable {
    case rule(UInt16)
    case resolver(UInt16)
    case control
  }
}

/// The five classes, by which packets are counted.
public enum VerdictClass: Int, Sendable, CaseIterable {
  case tunnel, local, leak, allowed, ingress

  public var name: String {
    switch self {
    case .tunnel: "tunnel"
    case .local: "local"
    case .leak: "leak"
    case .allowed: "allowed"
    case .ingress: "ingress"
    }
  }
}

extension Verdict {
  public var verdictClass: VerdictClass {
    switch self {
    case .tunnel: .tunnel
    case .local: .local
    case .leak: .leak
    case .allowed: .allowed
    case .ingress, .inner: .ingress
    }
  }
}

/// What a tunnel packet is, judged from outside.
public enum TunnelKind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  case initiation, response, cookie, data, keepalive
  /// Sent by a WireGuard server on the audited side.
  case served
  /// A later part of a fragmented message.
  case fragment
  /// Accepted by address and port alone, because the policy says not to check the shape.
  case unchecked
  /// To an OpenVPN server, by address, port and protocol alone.
  case openVPN
  /// What AmneziaWG sends before an initiation.
  case junk

  public init(_ message: WireGuardMessage, payloadLength: Int) {
    switch message {
    case .initiation: self = .initiation
    case .response: self = .response
    case .cookie: self = .cookie
    case .data: self = payloadLength == WireGuardMessage.keepaliveLength ? .keepalive : .data
    }
  }

  /// Nil for a kind that is not a single message.
  var message: WireGuardMessage? {
    switch self {
    case .initiation: .initiation
    case .response: .response
    case .cookie: .cookie
    case .data, .keepalive: .data
    case .served, .fragment, .unchecked, .openVPN, .junk: nil
    }
  }

  public var name: String {
    switch self {
    case .initiation: "initiation"
    case .response: "response"
    case .cookie: "cookie"
    case .data: "data"
    case .keepalive: "keepalive"
    case .served: "served"
    case .fragment: "fragment"
    case .unchecked: "unchecked"
    case .openVPN: "openvpn"
    case .junk: "junk"
    }
  }
}

/// Why a packet stays on the premises.
public enum LocalKind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
  /// Private space that the policy names (`--local`, `--audited`).
  case `private`
  /// Private space that nothing names: listed by prefix, because an operator's surprise hides there.
  case undeclared
  case linkLocal, multicast, broadcast, loopback, linkLayer, nameDiscovery

  /// Whether its packets may go on from a bridge to the NIC.
  var crosses: Bool { self == .private || self == .undeclared }

  public var name: String {
    switch self {
    case .private, .undeclared: "private"
    case .linkLocal: "link-local"
    case .multicast: "multicast"
    case .broadcast: "broadcast"
    case .loopback: "loopback"
    case .linkLayer: "link-layer"
    case .nameDiscovery: "name-discovery"
    }
  }
}
