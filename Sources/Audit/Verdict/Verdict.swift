public import Policy
import Wire

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
