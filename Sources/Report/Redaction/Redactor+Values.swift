package import Audit
package import Policy
import Wire

extension Redactor {
  /// The policy by which redacted frames lead to the verdicts of the originals.
  package func policy(_ policy: TunnelPolicy) -> TunnelPolicy {
    var result = policy
    for index in result.endpoints.indices {
      result.endpoints[index].value.endpoint = endpoint(result.endpoints[index].value.endpoint)
    }
    for index in result.namedEndpoints.indices {
      result.namedEndpoints[index].value.name = name(result.namedEndpoints[index].value.name)
    }
    for index in result.tunnelAddresses.indices {
      result.tunnelAddresses[index].value = address(result.tunnelAddresses[index].value)
    }
    for index in result.tunnelResolvers.indices {
      result.tunnelResolvers[index].value = address(result.tunnelResolvers[index].value)
    }
    for index in result.resolvers.indices { result.resolvers[index].value = address(result.resolvers[index].value) }
    for index in result.local.indices { result.local[index].value = prefix(result.local[index].value) }
    for index in result.audited.indices { result.audited[index].value = prefix(result.audited[index].value) }
    for index in result.containers.indices {
      result.containers[index].value.addresses = result.containers[index].value.addresses.map(address)
    }
    return result
  }

  /// The options by which a redacted capture is audited again.
  package func options(_ policy: TunnelPolicy) -> String {
    let policy = self.policy(policy)
    var words = policy.endpoints.map { "--endpoint \($0.value.endpoint)" }
    words += policy.tunnelAddresses.map { "--tunnel-address \($0.value)" }
    words += policy.tunnelResolvers.map { "--tunnel-dns \($0.value)" }
    words += policy.resolvers.map { "--resolver \($0.value)" }
    words += policy.local.map { "--local \($0.value)" } + policy.audited.map { "--audited \($0.value)" }
    words += policy.roles.sorted { $0.key < $1.key }.map { "--role \($0.key)=\($0.value.rawValue)" }
    return words.joined(separator: " ")
  }

  package func alert(_ alert: Alert) -> Alert {
    var result = alert
    result.source = alert.source.map(endpoint)
    result.destination = alert.destination.map(address)
    result.questions = alert.questions.map(question)
    result.details = alert.details.map(detail)
    return result
  }

  private func endpoint(_ endpoint: Endpoint) -> Endpoint {
    Endpoint(address: address(endpoint.address), port: endpoint.port)
  }

  package func notice(_ notice: AuditSummary.Notice) -> AuditSummary.Notice {
    var result = notice
    result.text = scrub(notice.text)
    return result
  }

  /// `name TYPE`.
  func question(_ question: String) -> String {
    let parts = question.split(separator: " ", maxSplits: 1)
    return name(String(parts.first ?? "")) + (parts.count == 2 ? " " + parts[1] : "")
  }

  func detail(_ detail: LeakDetail) -> LeakDetail {
    switch detail.kind {
    case .serverName, .encryptedHello, .hostName:
      LeakDetail(detail.kind, IPAddress(detail.text).map { "\(address($0))" } ?? name(detail.text))
    case .clientSubnet: LeakDetail(detail.kind, scrub(detail.text))
    case .infoHash: LeakDetail(detail.kind, text(of: detail.text, digits: 40))
    case .software: detail
    }
  }

  /// The names that a summary holds, for its texts.
  package mutating func learn(_ summary: AuditSummary) {
    for finding in summary.findings {
      add(names: finding.questions.elements.map { String($0.prefix { $0 != " " }) })
      add(names: finding.details.elements.filter { $0.kind != .software }.map(\.text))
    }
  }
}
