package import Policy
import Text
import Wire

/// A policy as it was understood, every statement with its origin.
package struct PolicyDocument: Codable, Equatable, Sendable {
  struct Statement: Codable, Equatable, Sendable {
    var value: String
    var origin: String
    var shape: String?
    /// Of an Endpoint that nobody stated, who says it: `inferred` or `listed`.
    var source: String?
  }
  struct Namespace: Codable, Equatable, Sendable {
    var names, addresses: [String]
    var holdsTunnel: Bool
    var origin: String
  }
  struct Exception: Codable, Equatable, Sendable {
    var id, reason, origin: String
    var filter: String?
    var queryNames: [String]
    var containers: [String]
    var expires: String?
  }

  var isInferred: Bool
  var endpoints, unresolvedEndpoints, tunnelAddresses, tunnelDNS, resolvers, servedPorts, publishedPorts, local,
    audited: [Statement]
  /// Where a gateway chooses by itself.
  var endpointLists: [Statement]?
  var strictLocal, requiresVerifiedPeer, auditedOnly: Bool
  var roles: [String: String]
  var roleOrigins: [String: String]
  var containers: [Namespace]
  var allow: [Exception]
  /// Label rules beside the shipped ones, or in their places.
  var rules: [Statement]

  package init(_ policy: TunnelPolicy, isInferred: Bool = false) {
    self.isInferred = isInferred
    endpoints = policy.endpoints.map {
      Statement(
        value: $0.value.name, origin: $0.origin, shape: $0.value.shape.rawValue,
        source: $0.value.source == .stated ? nil : $0.value.source.rawValue)
    }
    unresolvedEndpoints = policy.namedEndpoints.map {
      Statement(
        value: "\($0.value.name):\($0.value.port)" + ($0.value.transport == .udp ? "" : "/tcp"), origin: $0.origin,
        shape: $0.value.shape.rawValue)
    }
    let lists = policy.endpointLists.map {
      Statement(value: "\($0.value.name): \($0.value.extent)", origin: $0.origin)
    }
    endpointLists = lists.isEmpty ? nil : lists
    tunnelAddresses = Self.statements(policy.tunnelAddresses)
    tunnelDNS = Self.statements(policy.tunnelResolvers)
    resolvers = Self.statements(policy.resolvers)
    servedPorts = Self.statements(policy.servedPorts)
    publishedPorts = Self.statements(policy.publishedPorts)
    local = Self.statements(policy.local)
    audited = Self.statements(policy.audited) + Self.statements(policy.auditedMACs)
    strictLocal = policy.strictLocal
    requiresVerifiedPeer = policy.requiresVerifiedPeer
    auditedOnly = policy.auditedOnly
    roles = policy.roles.mapValues(\.rawValue)
    roleOrigins = policy.roleOrigins
    containers = policy.containers.map { stated in
      let container = stated.value
      return Namespace(
        names: container.names, addresses: container.addresses.map { "\($0)" } + container.macAddresses.map { "\($0)" },
        holdsTunnel: container.holdsTunnel, origin: stated.origin)
    }
    allow = policy.allowRules.map {
      Exception(
        id: $0.id, reason: $0.reason, origin: $0.origin, filter: $0.filterExpression, queryNames: $0.queryNames,
        containers: $0.containers,
        expires: $0.expires?.text)
    }
    rules = policy.labelRules.added.map { Statement(value: "\($0.id): \($0.title)", origin: $0.origin) }
  }

  private static func statements<Value>(_ stated: [Stated<Value>]) -> [Statement] {
    stated.map { Statement(value: "\($0.value)", origin: $0.origin) }
  }

  /// The policy as a person reads it, a statement a line, aligned.
  package var text: String {
    var lines: [(name: String, statement: Statement)] = []
    for (name, statements) in [
      ("endpoint", endpoints), ("endpoint, unresolved", unresolvedEndpoints),
      ("endpoint, one of", endpointLists ?? []), ("tunnel-address", tunnelAddresses),
      ("tunnel-dns", tunnelDNS), ("resolver", resolvers), ("served-port", servedPorts),
      ("published-port", publishedPorts), ("local", local),
      ("audited", audited), ("rule", rules),
    ] {
      for statement in statements {
        var shown = statement
        if let shape = statement.shape, shape != "wireguard" { shown.value += " (shape: \(shape))" }
        lines.append((name, shown))
      }
    }
    for exception in allow {
      let conditions = [
        exception.filter.map { "filter: \($0)" },
        exception.queryNames.isEmpty
          ? nil
          : "query-name: \(exception.queryNames.joined(separator: ", "))",
        exception.containers.isEmpty ? nil : "container: \(exception.containers.joined(separator: ", "))",
        exception.expires.map { "expires: \($0)" },
      ]
      .compactMap(\.self).joined(separator: "; ")
      let value = "\(exception.id): \(exception.reason) [\(conditions)]"
      lines.append(("allow", Statement(value: value, origin: exception.origin)))
    }
    for (interface, role) in roles.sorted(by: { $0.key < $1.key }) {
      lines.append(
        ("role", Statement(value: "\(interface) is the \(role)", origin: roleOrigins[interface] ?? "stated")))
    }
    for container in containers {
      let meaning = container.holdsTunnel ? "in the tunnel's network namespace" : "outside of the tunnel"
      let addresses = container.addresses.isEmpty ? "" : " at " + container.addresses.joined(separator: ", ")
      let value = container.names.joined(separator: "+") + addresses + ", " + meaning
      lines.append(("container", Statement(value: value, origin: container.origin)))
    }
    var text = ""
    for (name, statement) in lines {
      text += "\(name.left(22))\(Formatting.safe(statement.value))  (\(Formatting.safe(statement.origin)))\n"
    }
    if strictLocal { text += "strict-local".left(22) + "private space that nothing declares is a leak\n" }
    if requiresVerifiedPeer { text += "require".left(22) + "a handshake for another peer's key is a leak\n" }
    if auditedOnly { text += "audited-only".left(22) + "what does not come from the audited side is ingress\n" }
    if endpoints.isEmpty, unresolvedEndpoints.isEmpty, endpointLists == nil, servedPorts.isEmpty {
      text += "endpoint".left(22) + "none\n"
    }
    return text
  }
}
