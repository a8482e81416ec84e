import Policy
import Wire

/// Whose leak it was, and how far it came (semantics 4).
extension Auditor {
  /// Takes over which containers there are. Leaks from now on carry their names.
  public mutating func setDirectory(_ directory: OriginDirectory) { self.directory = directory }

  /// Adds to the containers known; an address that has a new owner is the new one's.
  public mutating func extendDirectory(_ newer: OriginDirectory) {
    // Containers come and go; addresses of a host are few. Beyond that, only what is now counts.
    guard directory.names.count + directory.namesByMAC.count < 10_000 else { return setDirectory(newer) }
    directory.names.merge(newer.names) { $1 }
    directory.namesByMAC.merge(newer.namesByMAC) { $1 }
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
      if let finding = join.finding(of: packet, frame) {
        leak.key.origin = findings.list[finding].key.origin
        return finding
      }
      leak.key.origin = names.map { .containers($0) } ?? .host
      return nil
    case nil:
      leak.key.origin = names.map { .containers($0) } ?? .address
      return nil
    }
  }

  func audits(_ role: InterfaceRole) -> Bool { interfaces.contains { $0.role == role } }
}
