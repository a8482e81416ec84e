import Policy

/// Which roles interfaces have, asked with every leak, and of any number of interfaces.
struct AuditedRoles: Sendable, BitwiseCopyable {
  var hasBridge = false
  var hasNIC = false
  var awaitsBridges = false
  var mergesCaptures = false

  mutating func note(_ role: InterfaceRole?) {
    switch role {
    case .bridge: hasBridge = true
    case .nic: hasNIC = true
    case nil: break
    }
  }

  func audits(_ role: InterfaceRole) -> Bool {
    switch role {
    case .bridge: hasBridge || awaitsBridges
    case .nic: hasNIC
    }
  }

  /// Whether a packet can be seen on a bridge and on a NIC.
  var joinsInterfaces: Bool { mergesCaptures || audits(.bridge) && audits(.nic) }
}
