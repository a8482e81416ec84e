import Policy
import Wire

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
