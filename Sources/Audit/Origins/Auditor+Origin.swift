import Policy
import Wire

/// Finds out whose a leak was, and how far it came (CONTRACT 4).
extension Auditor {
  /// Sets the known containers. Leaks from now on carry their names.
  public mutating func setDirectory(_ directory: OriginDirectory) {
    origins.directory = directory
    classifier.allowRules.directory = directory
    forgetFlows()
  }

  /// Adds to the known containers; an address with a new owner belongs to the new one.
  public mutating func extendDirectory(_ newer: OriginDirectory) {
    // Containers come and go, but a host has few addresses. Beyond this number, only the newest state counts.
    guard origins.directory.names.count + origins.directory.namesByMAC.count < 10_000 else {
      return setDirectory(newer)
    }
    setDirectory(
      OriginDirectory(
        names: origins.directory.names.merging(newer.names) { $1 },
        namesByMAC: origins.directory.namesByMAC.merging(newer.namesByMAC) { $1 }))
  }

  /// Sets origin and fate. On the NIC, returns the finding on the bridge that the leak continues.
  mutating func attribute(_ leak: inout Leak, _ seen: borrowing Sighting) -> Int? {
    let role = seen.role
    var names = origins.directory.names(seen)
    if names == nil, origins.nicGateways.isActive, role == .nic { names = origins.nicGateways.names(seen) }
    switch role {
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
      if let finding = origins.join.finding(of: seen) {
        leak.key.origin = leaks.findings.list[Int(finding)].key.origin
        return Int(finding)
      }
      leak.key.origin = names.map { .containers($0) } ?? .host
      if names == nil, origins.nicGateways.isActive { leak.key.sender = origins.nicGateways.position(of: seen) }
      return nil
    case nil:
      leak.key.origin = names.map { .containers($0) } ?? .address
      return nil
    }
  }
}
