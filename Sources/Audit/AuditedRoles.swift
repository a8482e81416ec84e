import Policy

/// Counts the roles of all interfaces: every leak needs them, and there may be any number of interfaces.
struct AuditedRoles: Sendable, BitwiseCopyable {
  private var bridges = 0
  private var nics = 0
  private var unnamed = 0
  var awaitsBridges = false
  var mergesCaptures = false

  mutating func note(_ role: InterfaceRole?) {
    switch role {
    case .bridge: bridges += 1
    case .nic: nics += 1
    case nil: unnamed += 1
    }
  }

  mutating func forget() { (bridges, nics, unnamed) = (0, 0, 0) }

  func audits(_ role: InterfaceRole) -> Bool {
    switch role {
    case .bridge: bridges > 0 || awaitsBridges
    case .nic: nics > 0
    }
  }

  /// Whether it can be known if another interface has shown a leak on an interface of this role. A bridge's leaks are
  /// joined only to those of the NIC, and each bridge has packets of its own.
  func knowsPackets(on role: InterfaceRole?) -> Bool {
    switch role {
    case .bridge: true
    case .nic: nics == 1
    case nil: bridges + nics + unnamed == 1
    }
  }

  /// Whether a packet can be seen on a bridge and on a NIC.
  var joinsInterfaces: Bool { mergesCaptures || audits(.bridge) && audits(.nic) }
}
