import Policy
public import Wire

/// Whose packet it was (semantics 4).
public enum Origin: Hashable, Sendable {
  /// Only the source address is known: the interface has no role, or no bridge is audited beside the NIC.
  case address
  /// Containers by name; several where they share one network namespace.
  case containers([String])
  /// From the audited bridge, and no container has the address.
  case bridge
  /// On the NIC, and not the continuation of a bridge's flow.
  case host

  var isHost: Bool { self == .host }

  /// `wireguard+qbittorrent`, `host`; nil where only the address is known.
  public var name: String? {
    switch self {
    case .address: nil
    case .containers(let names): names.joined(separator: "+")
    case .bridge: "bridge"
    case .host: "host"
    }
  }
}

/// How far a leak came, as far as the audited interfaces show it.
public enum Fate: String, Sendable {
  /// Seen on the bridge, and not on the NIC that is audited too: something on the host may have stopped it.
  case attempted
  /// Seen on the NIC.
  case escaped
}

/// Names of running containers by what their packets carry.
public struct OriginDirectory: Sendable, Equatable {
  public var names: [IPAddress: [String]]
  public var namesByMAC: [MACAddress: [String]]

  public init(names: [IPAddress: [String]] = [:], namesByMAC: [MACAddress: [String]] = [:]) {
    self.names = names
    self.namesByMAC = namesByMAC
  }

  /// What the policy's files state.
  init(_ containers: [StatedContainer]) {
    names = [:]
    namesByMAC = [:]
    for container in containers {
      for address in container.addresses { names[address] = container.names }
      for address in container.macAddresses { namesByMAC[address] = container.names }
    }
  }

  var isEmpty: Bool { names.isEmpty && namesByMAC.isEmpty }

  func names(_ packet: DecodedPacket, _ frame: borrowing CapturedFrame) -> [String]? {
    if isEmpty { return nil }
    if packet.network == .ip, let names = names[packet.source] { return names }
    guard !namesByMAC.isEmpty, let source = Classifier.sourceMAC(frame) else { return nil }
    return namesByMAC[source]
  }
}
