package import Wire

/// Something that happened to a container, with the engine's time.
package struct ContainerEvent: Codable, Hashable, Sendable {
  /// In nanoseconds since the epoch.
  package var nanoseconds: Int64
  package var kind: Kind
  package var container: String
  /// The network, for `connect` and `disconnect`.
  package var network: String?

  package var time: Timestamp { Timestamp(nanoseconds: nanoseconds) }

  /// The names are the engine's.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    case start, die, stop, connect, disconnect
  }
}

extension ListedEvent {
  /// - Parameter names: the names of containers by short id: network events have only ids.
  /// - Returns: nil for an event of no interest.
  func event(_ names: [String: String]) -> ContainerEvent? {
    guard let kind = action.flatMap(ContainerEvent.Kind.init), let time, let subject else {
      return nil
    }
    let attributes = subject.attributes ?? [:]
    switch (type, kind) {
    case ("container", .start), ("container", .die), ("container", .stop):
      guard let id = subject.id else { return nil }
      return ContainerEvent(nanoseconds: time, kind: kind, container: attributes["name"] ?? shortID(id))
    case ("network", .connect), ("network", .disconnect):
      guard let id = attributes["container"].map(shortID) else { return nil }
      return ContainerEvent(nanoseconds: time, kind: kind, container: names[id] ?? id, network: attributes["name"])
    default: return nil
    }
  }
}
