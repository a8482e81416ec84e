import Policy
import Wire

extension PolicyDocument {
  func redacted<R: Redaction>(by redaction: R) -> Self {
    func each<Value>(_ statements: [Statement<Value>], _ shown: (Value) -> Value) -> [Statement<Value>] {
      statements.map {
        Statement(shown($0.value), origin: redaction.word($0.origin), shape: $0.shape, source: $0.source)
      }
    }
    func named<Value>(_ values: [String: Value]) -> [(String, Value)] {
      values.map { (redaction.word($0.key), $0.value) }
    }
    return Self(
      isInferred: isInferred,
      endpoints: each(endpoints) { EndpointName(redaction.endpoint($0.endpoint), over: $0.transport) },
      unresolvedEndpoints: each(unresolvedEndpoints) { endpoint in
        var endpoint = endpoint
        endpoint.name = redaction.name(endpoint.name)
        return endpoint
      }, tunnelAddresses: each(tunnelAddresses, redaction.address), tunnelDNS: each(tunnelDNS, redaction.address),
      resolvers: each(resolvers, redaction.address), servedPorts: each(servedPorts) { $0 },
      publishedPorts: each(publishedPorts) {
        PublishedPort(
          published: redaction.word($0.published), target: redaction.word($0.target), transport: $0.transport)
      }, local: each(local, redaction.prefix),
      audited: each(audited) { side in
        switch side {
        case .ip(let prefix): .ip(redaction.prefix(prefix))
        case .station(let station): .station(redaction.station(station))
        }
      }, endpointLists: endpointLists.map { each($0, redaction.scrub) }, strictLocal: strictLocal,
      requiresVerifiedPeer: requiresVerifiedPeer, auditedOnly: auditedOnly,
      roles: Dictionary(named(roles)) { first, _ in first },
      roleOrigins: Dictionary(named(roleOrigins).map { ($0.0, redaction.word($0.1)) }) { first, _ in first },
      containers: containers.map { $0.redacted(by: redaction) }, allow: allow.map { $0.redacted(by: redaction) },
      rules: each(rules, redaction.scrub))
  }
}

extension PolicyDocument.Namespace {
  fileprivate func redacted(by redaction: some Redaction) -> Self {
    Self(
      names: names.map(redaction.word),
      addresses: addresses.map { address in
        switch address {
        case .ip(let address): .ip(redaction.address(address))
        case .station(let station): .station(redaction.station(station))
        }
      }, holdsTunnel: holdsTunnel, origin: redaction.word(origin))
  }
}

extension PolicyDocument.Exception {
  fileprivate func redacted(by redaction: some Redaction) -> Self {
    Self(
      id: redaction.word(id), reason: redaction.scrub(reason), origin: redaction.word(origin),
      // pcap-filter(7) has more ways to write addresses than can be searched for.
      filter: filter.map { _ in "redacted" },
      queryNames: queryNames.map { ($0.hasPrefix(".") ? "." : "") + redaction.name($0) },
      containers: containers.map(redaction.word), expires: expires.map(redaction.word))
  }
}
