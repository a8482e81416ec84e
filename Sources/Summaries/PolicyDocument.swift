package import Policy
package import Wire

/// A policy as it was understood; every statement has its origin.
package struct PolicyDocument: Codable, Equatable, Sendable {
  package struct Namespace: Codable, Equatable, Sendable {
    package var names: [String]
    package var addresses: [HostAddress]
    package var holdsTunnel: Bool
    package var origin: String
  }

  package struct Exception: Codable, Equatable, Sendable {
    package var id, reason, origin: String
    package var filter: String?
    package var queryNames: [String]
    package var containers: [String]
    package var expires: String?
  }

  package var isInferred: Bool
  package var endpoints: [Statement<EndpointName>]
  package var unresolvedEndpoints: [Statement<NamedEndpointName>]
  package var tunnelAddresses, tunnelDNS, resolvers: [Statement<IPAddress>]
  package var servedPorts: [Statement<UInt16>]
  package var publishedPorts: [Statement<PublishedPort>]
  package var local: [Statement<IPPrefix>]
  package var audited: [Statement<AuditedSide>]
  /// For a gateway that chooses its server itself.
  package var endpointLists: [Statement<String>]?
  package var strictLocal, requiresVerifiedPeer, auditedOnly: Bool
  package var roles: [String: InterfaceRole]
  package var roleOrigins: [String: String]
  package var containers: [Namespace]
  package var allow: [Exception]
  /// Label rules added to the shipped ones or replacing them: `id: title`.
  package var rules: [Statement<String>]
}

extension PolicyDocument {
  /// The networks that the policy mentions.
  package var prefixes: [IPPrefix] {
    local.map(\.value)
      + audited.compactMap { if case .ip(let prefix) = $0.value { prefix } else { nil } }
  }

  /// Where each statement was made: in most cases a file.
  package var origins: [String] {
    var origins = endpoints.map(\.origin) + unresolvedEndpoints.map(\.origin) + (endpointLists ?? []).map(\.origin)
    origins += (tunnelAddresses + tunnelDNS + resolvers).map(\.origin) + servedPorts.map(\.origin)
    origins += publishedPorts.map(\.origin) + local.map(\.origin) + audited.map(\.origin) + containers.map(\.origin)
    return origins + roleOrigins.values + allow.map(\.origin) + rules.map(\.origin)
  }

  package init(_ policy: TunnelPolicy, isInferred: Bool = false) {
    self.isInferred = isInferred
    endpoints = policy.endpoints.map {
      Statement(
        EndpointName($0.value), origin: $0.origin, shape: $0.value.shape,
        source: $0.value.source == .stated ? nil : $0.value.source)
    }
    unresolvedEndpoints = policy.namedEndpoints.map {
      Statement(NamedEndpointName($0.value), origin: $0.origin, shape: $0.value.shape)
    }
    let lists = policy.endpointLists.map { Statement("\($0.value.name): \($0.value.extent)", origin: $0.origin) }
    endpointLists = lists.isEmpty ? nil : lists
    tunnelAddresses = policy.tunnelAddresses.map(Statement.init)
    tunnelDNS = policy.tunnelResolvers.map(Statement.init)
    resolvers = policy.resolvers.map(Statement.init)
    servedPorts = policy.servedPorts.map(Statement.init)
    publishedPorts = policy.publishedPorts.map(Statement.init)
    local = policy.local.map(Statement.init)
    audited =
      policy.audited.map { Statement(.ip($0.value), origin: $0.origin) }
      + policy.auditedMACs.map { Statement(.station($0.value), origin: $0.origin) }
    strictLocal = policy.strictLocal
    requiresVerifiedPeer = policy.requiresVerifiedPeer
    auditedOnly = policy.auditedOnly
    roles = policy.roles
    roleOrigins = policy.roleOrigins
    containers = policy.containers.map { stated in
      let container = stated.value
      return Namespace(
        names: container.names,
        addresses: container.addresses.map { .ip($0) } + container.macAddresses.map { .station($0) },
        holdsTunnel: container.holdsTunnel, origin: stated.origin)
    }
    allow = policy.allowRules.map {
      Exception(
        id: $0.id, reason: $0.reason, origin: $0.origin, filter: $0.filterExpression, queryNames: $0.queryNames,
        containers: $0.containers,
        expires: $0.expires?.text)
    }
    rules = policy.labelRules.added.map { Statement("\($0.id): \($0.title)", origin: $0.origin) }
  }
}
