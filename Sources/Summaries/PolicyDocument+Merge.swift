import Policy

/// The policies of several audits, with all their statements.
extension PolicyDocument {
  /// Whether both say the same, in any order.
  func isAlike(_ other: Self) -> Bool { merged(with: self) == other.merged(with: other) }

  package func merged(with other: Self) -> Self {
    var merged = self
    merged.isInferred = isInferred || other.isInferred
    merged.endpoints = Self.union(endpoints, other.endpoints)
    merged.unresolvedEndpoints = Self.union(unresolvedEndpoints, other.unresolvedEndpoints)
    merged.tunnelAddresses = Self.union(tunnelAddresses, other.tunnelAddresses)
    merged.tunnelDNS = Self.union(tunnelDNS, other.tunnelDNS)
    merged.resolvers = Self.union(resolvers, other.resolvers)
    merged.servedPorts = Self.union(servedPorts, other.servedPorts)
    merged.publishedPorts = Self.union(publishedPorts, other.publishedPorts)
    merged.local = Self.union(local, other.local)
    merged.audited = Self.union(audited, other.audited)
    merged.rules = Self.union(rules, other.rules)
    let lists = Self.union(endpointLists ?? [], other.endpointLists ?? [])
    merged.endpointLists = lists.isEmpty ? nil : lists
    merged.strictLocal = strictLocal || other.strictLocal
    merged.requiresVerifiedPeer = requiresVerifiedPeer || other.requiresVerifiedPeer
    merged.auditedOnly = auditedOnly || other.auditedOnly
    merged.roles.merge(other.roles) { $0.rawValue < $1.rawValue ? $0 : $1 }
    merged.roleOrigins.merge(other.roleOrigins, uniquingKeysWith: min)
    merged.containers = Self.union(containers, other.containers) {
      $0.names + ["at"] + $0.addresses.map(\.coded) + [$0.holdsTunnel ? "tunnel" : "", $0.origin]
    }
    merged.allow = Self.union(allow, other.allow) {
      [$0.id, $0.reason, $0.origin, $0.filter ?? "", $0.expires ?? ""] + $0.queryNames + ["by"] + $0.containers
    }
    return merged
  }

  private static func union<Value>(_ one: [Statement<Value>], _ other: [Statement<Value>]) -> [Statement<Value>] {
    union(one, other) { [$0.value.coded, $0.origin, $0.shape?.rawValue ?? "", $0.source?.rawValue ?? ""] }
  }

  private static func union<Entry>(
    _ one: [Entry], _ other: [Entry], by identity: (Entry) -> [String]
  ) -> [Entry] {
    var entries: [[String]: Entry] = [:]
    for entry in one + other { entries[identity(entry)] = entry }
    return entries.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map(\.value)
  }
}
