public import Wire

/// A question of the machine's on the NIC that Docker's engine asked for containers, as the kernel showed.
public struct ContainerLookup: Sendable {
  public var name: String
  /// By name; several if they asked for the same.
  public var containers: [String]
  /// The number of the interface on which it was seen, and when.
  public var interface: Int
  public var moment: Timestamp

  public init(name: String, containers: [String], interface: Int, moment: Timestamp) {
    (self.name, self.containers, self.interface, self.moment) = (name, containers, interface, moment)
  }
}

extension Auditor {
  /// Notes what is certain of the host's lookups, where packets alone only make it likely (`HostLookups`).
  public mutating func note(_ lookups: [ContainerLookup]) {
    for lookup in lookups {
      notes.hostLookups.settle(lookup.name)
      note(
        .passedOn(name: lookup.name, user: lookup.containers.joined(separator: " and ")), on: lookup.interface,
        at: lookup.moment)
    }
  }
}
