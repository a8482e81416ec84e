import Policy

/// Which roles interfaces have, asked with every leak, and of any number of interfaces.
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

  /// Whether it is known of a leak on an interface of this role if another interface has shown it. Those of a bridge are joined
  /// to those of the NIC alone, and bridges have packets of their own.
  func tellsPackets(on role: InterfaceRole?) -> Bool {
    switch role {
    case .bridge: true
    case .nic: nics == 1
    case nil: bridges + nics + unnamed == 1
    }
  }

  /// Whether a packet can be seen on a bridge and on a NIC.
  var joinsInterfaces: Bool { mergesCaptures || audits(.bridge) && audits(.nic) }
}
