package import Audit
package import Policy
import Text
import Wire

/// One frame's verdict as a JSON object on a line (CONTRACT 7, `--per-frame`).
package enum FrameLine {
  /// `number` counts over all files; `inFile` counts in the frame's own file, as Wireshark does. `kind` is the leak's
  /// reason, the local kind, the permission or the tunnel message; ingress frames have none. `rule` names the rule that
  /// labelled the leak. With a redactor, the line is redacted.
  package static func line(
    number: Int, inFile: Int, interface: String, verdict: Verdict, leak: Leak?, name: String?, policy: TunnelPolicy,
    _ redactor: Redactor? = nil
  ) -> String {
    let interface = redactor?.scrub(value: interface) ?? interface
    var line =
      "{\"frame\":\(number),\"frameInFile\":\(inFile),\"interface\":\(JSON.quoted(interface)),\"verdict\":\"\(verdict.verdictClass.name)\""
    if let kind = kind(verdict, leak, policy, redactor) { line += ",\"kind\":\(JSON.quoted(kind))" }
    if let rule = leak?.key.rule, rule >= 0 { line += ",\"rule\":\(JSON.quoted(policy.labelRules[rule].id))" }
    if let name { line += ",\"name\":\(JSON.quoted(redactor?.server(name) ?? name))" }
    return line + "}\n"
  }

  private static func kind(_ verdict: Verdict, _ leak: Leak?, _ policy: TunnelPolicy, _ redactor: Redactor?) -> String?
  {
    switch verdict {
    case .tunnel(let kind): kind.name
    case .local(let kind): kind.name
    case .leak: leak?.key.reason.rawValue
    case .allowed(.rule(let rule)): policy.allowRules[Int(rule)].id
    case .allowed(.resolver(let resolver)):
      resolverName(policy.resolvers[Int(resolver)].value, redactor)
    case .allowed(.control): AuditSummary.Allowed.controlName
    case .ingress: nil
    case .inner: "inner"
    }
  }

  private static func resolverName(_ address: IPAddress, _ redactor: Redactor?) -> String {
    "resolver:\(redactor?.address(address) ?? address)"
  }
}
