import Wire

/// What the routing tables, not the address itself, say about a destination.
struct DestinationKinds: OptionSet, Hashable, Sendable {
  let rawValue: UInt8

  static let ordinary = Self(rawValue: 1)
  /// One of the namespace's own addresses.
  static let own = Self(rawValue: 2)
  /// The broadcast address of a network that the namespace is on.
  static let broadcast = Self(rawValue: 4)
  static let all = Self(rawValue: 7)
}
