import Policy
import Summaries
import Text

extension PolicyDocument {
  /// The policy as a person reads it: one statement a line, aligned.
  package var text: String {
    var lines: [(name: String, value: String, origin: String)] = []
    func list<Value>(_ name: String, _ statements: [Statement<Value>]) {
      for statement in statements {
        let shape = statement.shape.flatMap { $0 == .wireGuard ? nil : " (shape: \($0.rawValue))" } ?? ""
        lines.append((name, statement.value.coded + shape, statement.origin))
      }
    }
    list("endpoint", endpoints)
    list("endpoint, unresolved", unresolvedEndpoints)
    list("endpoint, one of", endpointLists ?? [])
    list("tunnel-address", tunnelAddresses)
    list("tunnel-dns", tunnelDNS)
    list("resolver", resolvers)
    list("served-port", servedPorts)
    list("published-port", publishedPorts)
    list("local", local)
    list("audited", audited)
    list("rule", rules)
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
      lines.append(("allow", value, exception.origin))
    }
    for (interface, role) in roles.sorted(by: { $0.key < $1.key }) {
      lines.append(("role", "\(interface) is the \(role.rawValue)", roleOrigins[interface] ?? "stated"))
    }
    for container in containers {
      let meaning = container.holdsTunnel ? "in the tunnel's network namespace" : "outside of the tunnel"
      let addresses =
        container.addresses.isEmpty ? "" : " at " + container.addresses.map(\.coded).joined(separator: ", ")
      let value = container.names.joined(separator: "+") + addresses + ", " + meaning
      lines.append(("container", value, container.origin))
    }
    var text = ""
    for (name, value, origin) in lines {
      text += "\(name.left(22))\(Formatting.safe(value))  (\(Formatting.safe(origin)))\n"
    }
    if strictLocal { text += "strict-local".left(22) + "private space that nothing declares is a leak\n" }
    if requiresVerifiedPeer { text += "require".left(22) + "a handshake for another peer's key is a leak\n" }
    if auditedOnly { text += "audited-only".left(22) + "what does not involve the audited side is ingress\n" }
    if endpoints.isEmpty, unresolvedEndpoints.isEmpty, endpointLists == nil, servedPorts.isEmpty {
      text += "endpoint".left(22) + "none\n"
    }
    return text
  }
}
