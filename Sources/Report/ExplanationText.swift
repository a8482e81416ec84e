package import Audit
import Policy
import Summaries
import Text
import Wire

/// One frame's way to its verdict, as a person reads it.
package enum ExplanationText {
  /// `place` names where the frame is from.
  package static func text(_ explanation: Explanation, place: String) -> String {
    var text = "\(Formatting.safe(place)), on \(Formatting.safe(explanation.interface))"
    text += explanation.role.map { " (\($0.rawValue))" } ?? ""
    text += ", \(Formatting.time(explanation.time))\n"
    text += "  \(explanation.linkType), \(Formatting.count(explanation.originalLength, "byte"))"
    if explanation.capturedLength < explanation.originalLength {
      text += ", of which \(explanation.capturedLength) were captured"
    }
    text += "\n  \(headers(explanation.packet))\n"
    if let leak = explanation.leak {
      for question in leak.questions { text += "  asks for \(Formatting.safe(question.text))\n" }
      for detail in leak.details { text += "  \(Formatting.safe(LeakDetailEntry(detail).sentence))\n" }
    }
    text += "\n"
    for step in explanation.steps {
      text += "  \(step.section.left(5))\(step.question) \(step.answer ? "yes" : "no")"
      text += step.because.isEmpty ? "\n" : ": \(Formatting.safe(step.because))\n"
    }
    return text + "\n" + verdict(explanation)
  }

  /// `IPv4 172.18.0.2 -> 198.51.100.53, UDP 47666 -> 53, 40 bytes of payload`.
  private static func headers(_ packet: DecodedPacket) -> String {
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

  private static func verdict(_ explanation: Explanation) -> String {
    switch explanation.verdict {
    case .tunnel(let kind): return "TUNNEL: \(kind.name)\n"
    case .local(let kind): return "LOCAL: \(kind.name)\n"
    case .inner: return "INGRESS: inner, what goes through the tunnel, seen on the tunnel's own interface\n"
    case .ingress: return "INGRESS: not egress, so that nothing leaves with it\n"
    case .allowed(.rule(let rule)):
      let rule = explanation.policy.allowRules[Int(rule)]
      return "ALLOWED by the rule \(rule.id): \(Formatting.safe(rule.reason)) (\(Formatting.safe(rule.origin)))\n"
    case .allowed(.resolver(let resolver)):
      let stated = explanation.policy.resolvers[Int(resolver)]
      return "ALLOWED: the resolver \(stated.value) may be asked (\(Formatting.safe(stated.origin)))\n"
    case .allowed(.control): return "ALLOWED: a control frame of the audit's own\n"
    case .leak:
      guard let leak = explanation.leak else { return "LEAK\n" }
      var text = "LEAK \(leak.key.reason.rawValue) (\(leak.severity.rawValue)): \(leak.title)\n"
      guard let rule = explanation.rule else {
        return leak.title == leak.key.reason.explanation ? text : text + "  \(leak.key.reason.explanation)\n"
      }
      text += "  named by the rule \(rule.id) (\(Formatting.safe(rule.origin)))"
      if leak.isNamedByFlow { text += ", which an earlier packet of this flow met" }
      text += rule.filterExpression.map { ": \(Formatting.safe($0))" } ?? ""
      text += "\n"
      if !rule.why.isEmpty { text += "  \(Formatting.safe(rule.why))\n" }
      if !rule.reference.isEmpty { text += "  See \(Formatting.safe(rule.reference))\n" }
      return text
    }
  }
}
