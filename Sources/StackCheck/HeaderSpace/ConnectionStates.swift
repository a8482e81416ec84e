import Wire

/// The state of a packet's flow in conntrack (iptables-extensions(8), conntrack).
struct ConnectionStates: OptionSet, Hashable, Sendable {
  let rawValue: UInt8

  static let new = Self(rawValue: 1)
  static let established = Self(rawValue: 2)
  static let related = Self(rawValue: 4)
  static let invalid = Self(rawValue: 8)
  static let untracked = Self(rawValue: 16)
  static let all = Self(rawValue: 31)

  static let names: [(name: String, state: Self)] = [
    ("NEW", .new), ("ESTABLISHED", .established), ("RELATED", .related), ("INVALID", .invalid),
    ("UNTRACKED", .untracked),
  ]
}
