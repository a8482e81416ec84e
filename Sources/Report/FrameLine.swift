package import Audit
package import Policy

/// One frame's verdict as a JSON object on a line (semantics 7, `--per-frame`).
package enum FrameLine {
  /// `kind` is the leak's reason, the local kind, what allowed the packet or
  /// the tunnel message; frames that are ingress have none. `rule` names the rule that gave a leak its label.
  package static func line(
    number: Int, interface: String, verdict: Verdict, leak: Leak?, name: String?, policy: TunnelPolicy
  ) -> String {
    var line =
      "{\"frame\":\(number),\"interface\":\(JSON.quoted(interface)),\"verdict\":\"\(verdict.verdictClass.name)\""
    if let kind = kind(verdict, leak, policy) { line += ",\"kind\":\(JSON.quoted(kind))" }
    if let rule = leak?.key.rule, rule >= 0 { line += ",\"rule\":\(JSON.quoted(policy.labelRules[rule].id))" }
    if let name { line += ",\"name\":\(JSON.quoted(name))" }
    return line + "}\n"
  }

  private static func kind(_ verdict: Verdict, _ leak: Leak?, _ policy: TunnelPolicy) -> String? {
    switch verdict {
    case .tunnel(let kind): kind.name
    case .local(let kind): kind.name
    case .leak: leak?.key.reason.rawValue
    case .allowed(.rule(let rule)): policy.allowRules[Int(rule)].id
    case .allowed(.resolver(let resolver)): "resolver:\(policy.resolvers[Int(resolver)].value)"
    case .allowed(.control): AuditSummary.Allowed.controlName
    case .ingress: nil
    case .inner: "inner"
    }
  }
}
