package import Audit
package import Policy
package import Summaries
import Wire

extension Redactor {
  /// The policy with which redacted frames get the verdicts of the originals.
  package func policy(_ policy: TunnelPolicy) -> TunnelPolicy {
    var result = policy
    for index in result.endpoints.indices {
      result.endpoints[index].value.endpoint = endpoint(result.endpoints[index].value.endpoint)
    }
    // A redacted frame does not show which server's key a handshake was made for.
    result.endpointLists = []
    result.inferredPeerKeys = []
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
    for index in result.auditedMACs.indices {
      result.auditedMACs[index].value = station(result.auditedMACs[index].value)
    }
    for index in result.containers.indices {
      let container = result.containers[index].value
      result.containers[index].value.addresses = container.addresses.map(address)
      result.containers[index].value.macAddresses = container.macAddresses.map { station($0) }
    }
    return result
  }

  /// The command-line options for auditing a redacted capture again.
  package func options(_ policy: TunnelPolicy) -> String {
    let policy = self.policy(policy)
    var words = policy.endpoints.map { "--endpoint \($0.value.name)" }
    words += policy.tunnelAddresses.map { "--tunnel-address \($0.value)" }
    words += policy.tunnelResolvers.map { "--tunnel-dns \($0.value)" }
    words += policy.resolvers.map { "--resolver \($0.value)" }
    words += policy.local.map { "--local \($0.value)" } + policy.audited.map { "--audited \($0.value)" }
    words += policy.auditedMACs.map { "--audited \($0.value)" }
    words += policy.roles.sorted { $0.key < $1.key }.map { "--role \(scrub(value: $0.key))=\($0.value.rawValue)" }
    return words.joined(separator: " ")
  }

  package func alert(_ alert: Alert) -> Alert {
    var result = alert
    result.title = scrub(alert.title)
    result.origin = origin(alert.origin)
    result.source = alert.source.map(endpoint)
    result.destination = alert.destination.map(address)
    result.questions = alert.questions.map(question)
    result.details = alert.details.map(detail)
    result.senders = alert.senders.map(sender)
    return result
  }

  package func sender(_ sender: LeakSender) -> LeakSender {
    let shown = LeakSenderEntry(sender).redacted(by: self)
    var result = sender
    result.container = shown.container
    result.program = shown.program
    return result
  }

  func origin(_ origin: Origin) -> Origin {
    guard case .containers(let names) = origin else { return origin }
    return .containers(names.map(word))
  }

  package func notice(_ notice: AuditSummary.Notice) -> AuditSummary.Notice {
    var redactor = self
    redactor.add(names: notice.names)
    var result = notice
    result.text = redactor.scrub(notice.text)
    result.names = notice.names.map(name)
    return result
  }

  /// `name TYPE`. A name may hold blanks.
  func question(_ question: String) -> String {
    guard let blank = question.lastIndex(of: " ") else { return name(question) }
    return name(String(question[..<blank])) + question[blank...]
  }

  /// A server name in a frame; it may be an address.
  package func server(_ text: String) -> String {
    IPAddress(text).map { "\(address($0))" } ?? name(text)
  }

  package func detail(_ detail: LeakDetail) -> LeakDetail {
    switch detail.kind {
    case .serverName, .encryptedHello, .hostName: LeakDetail(detail.kind, server(detail.text))
    case .clientSubnet: LeakDetail(detail.kind, IPPrefix(detail.text).map { "\(prefix($0))" } ?? "?")
    case .infoHash: LeakDetail(detail.kind, text(of: detail.text, digits: 40))
    // The user may choose what a program calls itself.
    case .software: LeakDetail(detail.kind, "x" + text(of: detail.text, digits: 8))
    }
  }

  /// A redacted summary; call this before a format escapes the text.
  package func summary(_ summary: Summary) -> Summary {
    var redactor = self
    redactor.learn(summary)
    return summary.redacted(by: redactor, titlesBy: self)
  }

  /// Learns the names in a summary, so that they are replaced in its texts.
  package mutating func learn(_ summary: Summary) {
    for notice in summary.notices { add(names: notice.names ?? []) }
    add(names: summary.unshown?.names ?? [])
    for directory in summary.unshown?.directories ?? [] { known.add(directory: directory) }
    for leak in summary.leaks {
      let names = leak.questions.map(\.name) + leak.details.filter { $0.kind != .clientSubnet }.map(\.text)
      // Names that are not words only appear in texts where their type is known.
      add(names: names.filter { $0.allSatisfy(Self.isPartOfWord) })
    }
  }
}

extension Redactor: Redaction {
  package func word(_ text: String) -> String { text.contains(" ") ? scrub(text) : scrub(value: text) }
}
