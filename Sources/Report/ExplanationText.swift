package import Audit
import Policy
import Summaries
package import Text
import Wire

/// How one frame got its verdict, as a person reads it.
package enum ExplanationText {
  /// The text; `place` names where the frame comes from.
  package static func text(_ explanation: Explanation, place: String, _ layout: TextLayout) -> String {
    var page = TextPage(layout)
    var title = "\(Formatting.safe(place)), on \(Formatting.safe(explanation.interface))"
    title += explanation.role.map { " (\($0.rawValue))" } ?? ""
    page.paragraph("\(title), \(Formatting.time(explanation.time))", rest: "  ")
    var frame = "\(explanation.linkType), \(Formatting.count(explanation.originalLength, "byte"))"
    if explanation.capturedLength < explanation.originalLength {
      frame += ", of which \(explanation.capturedLength) were captured"
    }
    page.paragraph(frame, first: "  ", rest: "    ")
    page.paragraph(headers(explanation.packet), first: "  ", rest: "    ")
    if let leak = explanation.leak {
      let told = leak.questions.map { "asks for \($0.text)" } + leak.details.map { LeakDetailEntry($0).sentence }
      for words in told { page.paragraph(Formatting.safe(words), first: "  ", rest: "    ") }
    }
    page.line()
    for step in explanation.steps { write(step, to: &page) }
    page.line()
    writeVerdict(explanation, to: &page)
    return page.text
  }

  private static func write(_ step: Explanation.Step, to page: inout TextPage) {
    let answer = "\(step.question) \(step.answer ? "yes" : "no")"
    let reason = step.because.isEmpty ? "" : ": \(Formatting.safe(step.because))"
    page.paragraph(answer + reason, first: "  \(step.section.left(5))", rest: "       ")
    for detail in step.details { page.paragraph(Formatting.safe(detail), first: "       - ", rest: "         ") }
  }

  /// `IPv4 172.18.0.2 -> 198.51.100.53, UDP 47666 -> 53, 40 bytes of payload`.
  static func headers(_ packet: DecodedPacket) -> String {
    switch packet.network {
    case .undecodable: return "no IP header: \(packet.error.map { "\($0)" } ?? "decoding stopped")"
    case .linkLayer: return "a protocol of the link, without an IP header"
    case .ip: break
    }
    var text = "\(packet.source.isIPv4 ? "IPv4" : "IPv6") \(packet.source) -> \(packet.destination)"
    if packet.transport != .unknownProtocol {
      text += ", \(packet.protocolNumber)"
      if packet.hasPorts {
        text += packet.isICMP ? " id \(packet.sourcePort)" : " \(packet.sourcePort) -> \(packet.destinationPort)"
      }
    }
    switch packet.fragment {
    case .whole: break
    case .first: text += ", the first fragment"
    case .later: text += ", a later fragment"
    }
    if packet.transport == .header { text += ", \(Formatting.count(Int(packet.payloadLength), "byte")) of payload" }
    if let error = packet.error { text += "; decoding stopped: \(error)" }
    return text
  }

  private static func writeVerdict(_ explanation: Explanation, to page: inout TextPage) {
    let words =
      switch explanation.verdict {
      case .tunnel(let kind): "TUNNEL: \(kind.name)"
      case .local(let kind): "LOCAL: \(kind.name)"
      case .inner: "INGRESS: inner: traffic inside the tunnel, seen on the tunnel's own interface"
      case .ingress: "INGRESS: not egress, so nothing leaves with it"
      case .allowed(let permission): "ALLOWED\(words(permission, explanation.policy))"
      case .leak: explanation.leak.map(words) ?? "LEAK"
      }
    page.paragraph(page.layout.concluding(Formatting.safe(words)), rest: "  ")
    guard case .leak = explanation.verdict, let leak = explanation.leak else { return }
    func write(_ words: String) { page.paragraph(Formatting.safe(words), first: "  ", rest: "  ") }
    guard let rule = explanation.rule else {
      if leak.title != leak.key.reason.explanation { write(leak.key.reason.explanation) }
      return
    }
    let flow = leak.isNamedByFlow ? ", which an earlier packet of this flow met" : ""
    let filter = rule.filterExpression.map { ": \($0)" } ?? ""
    write("named by the rule \(rule.id) (\(rule.origin))\(flow)\(filter)")
    if !rule.why.isEmpty { write(rule.why) }
    if !rule.reference.isEmpty { write("See \(rule.reference)") }
  }

  private static func words(_ permission: Verdict.Permission, _ policy: TunnelPolicy) -> String {
    switch permission {
    case .rule(let position):
      let rule = policy.allowRules[Int(position)]
      return " by the rule \(rule.id): \(rule.reason) (\(rule.origin))"
    case .resolver(let position):
      let stated = policy.resolvers[Int(position)]
      return ": the resolver \(stated.value) may be asked (\(stated.origin))"
    case .control: return ": the audit's own control frame"
    }
  }

  private static func words(_ leak: Leak) -> String {
    "LEAK \(leak.key.reason.rawValue) (\(leak.severity.rawValue)): \(leak.title)"
  }
}
