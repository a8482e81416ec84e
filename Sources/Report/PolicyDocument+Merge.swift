/// The policies of several audits, all of their statements together.
extension PolicyDocument {
  /// Whether both say the same, in whatever order.
  func isAlike(_ other: Self) -> Bool { merged(with: self) == other.merged(with: other) }

  func merged(with other: Self) -> Self {
    var merged = self
    merged.isInferred = isInferred || other.isInferred
    for list in [
      \Self.endpoints, \.unresolvedEndpoints, \.tunnelAddresses, \.tunnelDNS, \.resolvers, \.servedPorts,
      \.publishedPorts, \.local, \.audited, \.rules,
    ] as [WritableKeyPath<Self, [Statement]>] {
      merged[keyPath: list] = Self.union(self[keyPath: list], other[keyPath: list]) {
        [$0.value, $0.origin, $0.shape ?? "", $0.source ?? ""]
      }
    }
    let lists = Self.union(endpointLists ?? [], other.endpointLists ?? []) { [$0.value, $0.origin] }
    merged.endpointLists = lists.isEmpty ? nil : lists
    merged.strictLocal = strictLocal || other.strictLocal
    merged.requiresVerifiedPeer = requiresVerifiedPeer || other.requiresVerifiedPeer
    merged.auditedOnly = auditedOnly || other.auditedOnly
    merged.roles.merge(other.roles, uniquingKeysWith: min)
    merged.roleOrigins.merge(other.roleOrigins, uniquingKeysWith: min)
    merged.containers = Self.union(containers, other.containers) {
      $0.names + ["at"] + $0.addresses + [$0.holdsTunnel ? "tunnel" : "", $0.origin]
    }
    merged.allow = Self.union(allow, other.allow) {
      [$0.id, $0.reason, $0.origin, $0.filter ?? "", $0.expires ?? ""] + $0.queryNames + ["by"] + $0.containers
    }
    return merged
  }

  private static func union<Entry>(
    _ one: [Entry], _ other: [Entry], by identity: (Entry) -> [String]
  ) -> [Entry] {
    var entries: [[String]: Entry] = [:]
    for entry in one + other { entries[identity(entry)] = entry }
    return entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
  }
}
