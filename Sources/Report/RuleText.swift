import Policy
package import Text

/// Rules as a person reads them.
package enum RuleText {
  /// A list with one line for each rule.
  package static func list(_ rules: [RuleDocument]) -> String {
    let width = (rules.map(\.id.count).max() ?? 0) + 2
    return rules.map {
      $0.id.left(width) + $0.label.left(20) + $0.severity.left(10) + Formatting.safe($0.title) + "\n"
    }
    .joined()
  }

  /// One rule with all its fields.
  package static func whole(_ rule: RuleDocument, _ layout: TextLayout) -> String {
    var page = TextPage(layout)
    page.line(rule.id)
    func field(_ name: String, _ text: String?) {
      guard let text, !text.isEmpty else { return }
      page.paragraph(Formatting.safe(text), first: "  " + name.left(13), rest: String(repeating: " ", count: 15))
    }
    field("title", rule.title)
    field("label", rule.label)
    field("severity", rule.severity)
    field("decided by", rule.by == "code" ? "code: no rule can change it" : basis[rule.by])
    field("flow", rule.flow ? "also names what follows in the same flow" : nil)
    field("when", rule.condition)
    field("filter", rule.filter)
    field("server-name", rule.serverNames.joined(separator: ", "))
    field("query-name", rule.queryNames.joined(separator: ", "))
    field("why", rule.why)
    field("reference", rule.reference)
    field("captures", rule.captures.joined(separator: " "))
    field("in", rule.file.map { file in rule.line.map { "\(file):\($0)" } ?? file })
    return page.text
  }

  private static let basis: [String: String] = [
    "header": "header: addresses, protocol and flags", "name": "name: a name in clear",
    "content": "content: the first bytes of a protocol",
    "peer": "peer: a well-known peer, or a port that shows what is inside TLS",
    "carrier": "carrier: the first bytes of a protocol that carries others", "port": "port: a port alone",
    "rest": "rest: what no other rule knows",
  ]
}
