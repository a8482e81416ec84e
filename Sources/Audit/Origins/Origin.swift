import Policy
import Wire

/// Whose packet it was (CONTRACT 4).
public enum Origin: Hashable, Sendable {
  /// Only the source address is known: the interface has no role, or no bridge is audited besides the NIC.
  case address
  /// Containers by name; several if they share one network namespace.
  case containers([String])
  /// From the audited bridge, but no container has the address.
  case bridge
  /// On the NIC, and not the continuation of a bridge's flow.
  case host

  var isHost: Bool { self == .host }

  /// `wireguard+qbittorrent`, `host`; nil if only the address is known. Container names have no blanks, so a container
  /// called `host` differs from the host.
  public var name: String? {
    switch self {
    case .address: nil
    case .containers(["host"]): "container host"
    case .containers(["bridge"]): "container bridge"
    case .containers(let names): names.joined(separator: "+")
    case .bridge: "bridge"
    case .host: "host"
    }
  }
}

/// How far a leak came, as far as the audited interfaces show it.
public enum Fate: String, Sendable {
  /// Seen on the bridge, but not on the NIC, which is audited too: something on the host may have stopped it.
  case attempted
  /// Seen on the NIC.
  case escaped
}
