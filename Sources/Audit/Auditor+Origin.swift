import Policy
import Wire

/// Whose leak it was, and how far it came (semantics 4).
extension Auditor {
  /// Takes over which containers there are. Leaks from now on carry their names.
  public mutating func setDirectory(_ directory: OriginDirectory) {
    self.directory = directory
    classifier.allowRules.directory = directory
  }

  /// Adds to the containers known; an address that has a new owner is the new one's.
  public mutating func extendDirectory(_ newer: OriginDirectory) {
    // Containers come and go; addresses of a host are few. Beyond that, only what is now counts.
    guard directory.names.count + directory.namesByMAC.count < 10_000 else { return setDirectory(newer) }
    var merged = directory
    merged.names.merge(newer.names) { $1 }
    merged.namesByMAC.merge(newer.namesByMAC) { $1 }
    setDirectory(merged)
  }

  /// Sets origin and fate. On the NIC, returns the finding on the bridge that the leak continues.
  mutating func attribute(
    _ leak: inout Leak, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, interface: Int
  ) -> Int? {
    let names = directory.names(packet, frame)
    switch interfaces[interface].role {
    case .bridge:
      leak.key.origin = names.map { .containers($0) } ?? .bridge
      leak.fate = audits(.nic) ? .attempted : nil
      return nil
    case .nic:
      leak.fate = .escaped
      guard audits(.bridge) else {
        leak.key.origin = names.map { .containers($0) } ?? .address
        return nil
      }
      if case .leak(let finding) = join.meaning(of: packet, frame) {
        leak.key.origin = findings.list[Int(finding)].key.origin
        return Int(finding)
      }
      leak.key.origin = names.map { .containers($0) } ?? .host
      return nil
    case nil:
      leak.key.origin = names.map { .containers($0) } ?? .address
      return nil
    }
  }

  /// On the NIC: what continues a packet that a rule allowed on the bridge is allowed as well. NAT has changed what the
  /// rule looks at. An inner packet in clear stays what it is.
  mutating func followPermission(
    _ decision: inout Classifier.Decision, _ packet: DecodedPacket, _ frame: borrowing CapturedFrame, interface: Int
  ) {
    switch (decision.verdict, interfaces[interface].role) {
    case (.allowed(let permission), .bridge) where audits(.nic): join.remember(packet, frame, .allowed(permission))
    case (.leak(let structure), .nic) where structure != .tunnelAddress && audits(.bridge):
      if case .allowed(let permission) = join.meaning(of: packet, frame) { decision.verdict = .allowed(permission) }
    default: break
    }
  }

  func audits(_ role: InterfaceRole) -> Bool {
    role == .bridge && awaitsBridges || interfaces.contains { $0.role == role }
  }
}
