package import Policy

/// A rule of the pack, or a reason that is decided in code, as other programs read it.
package struct RuleDocument: Codable, Equatable, Sendable {
  /// The rule's id, or the reason's name.
  package var id: String
  /// The leak's reason in every report.
  var label: String
  var severity: String
  /// header, name, content, peer, carrier, port, rest; or code.
  var by: String
  /// Whether it also names what follows in the same flow.
  var flow: Bool
  var title: String
  var filter: String?
  /// The condition in words, for a reason that is decided in code.
  var condition: String?
  var serverNames: [String]
  var queryNames: [String]
  var why: String
  var reference: String
  /// For shipped rules: a capture that the rule must name, and one that looks like it but is something else.
  var captures: [String]
  /// Nil for a reason that is decided in code.
  var file: String?
  var line: Int?
}

extension RuleDocument {
  /// Every possible reason of a leak, in the order in which they are decided.
  package static func all(_ rules: LabelRules) -> [RuleDocument] {
    let added = Set(rules.added.map(\.id))
    return StructuralReason.all.map { RuleDocument($0, rules) }
      + rules.map { RuleDocument($0, isShipped: !added.contains($0.id)) }
  }

  /// A reason decided in code. It takes its severity from the first rule whose label is the reason's name.
  init(_ structural: StructuralReason, _ rules: LabelRules) {
    let reason = structural.reason
    let severity = rules.first { $0.label == reason }?.severity ?? reason.severity
    self.init(
      id: reason.rawValue, label: reason.rawValue, severity: severity.rawValue, by: "code",
      flow: false, title: reason.explanation, filter: nil, condition: structural.condition, serverNames: [],
      queryNames: [], why: structural.why, reference: structural.reference, captures: [], file: nil, line: nil)
  }

  init(_ rule: LabelRule, isShipped: Bool) {
    let colon = rule.origin.lastIndex(of: ":")
    let line = colon.flatMap { Int(rule.origin[$0...].dropFirst()) }
    self.init(
      id: rule.id, label: rule.label.rawValue, severity: rule.severity.rawValue, by: rule.basis.rawValue,
      flow: rule.namesFlow, title: rule.title, filter: rule.filterExpression, condition: nil,
      serverNames: rule.serverNames, queryNames: rule.queryNames, why: rule.why, reference: rule.reference,
      captures: isShipped ? ["yes", "no"].map { "captures/rules/\(rule.id).\($0).pcap" } : [],
      file: line == nil ? rule.origin : colon.map { String(rule.origin[..<$0]) }, line: line)
  }
}
