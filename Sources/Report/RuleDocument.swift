package import Policy
package import Text

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

/// Suggestions for a name that is not known.
package enum ClosestNames {
  /// The three nearest names: few different letters, and preferably the same beginning.
  package static func of(_ name: String, in names: [String]) -> [String] {
    let name = String(name.prefix(64))
    let family = name.prefix { $0 != "." }
    func distance(_ other: String) -> Int {
      edits(name, other) - (other == family ? 4 : other.hasPrefix(family) ? 2 : 0)
    }
    let ranked = names.map { (name: $0, distance: distance($0)) }.sorted {
      ($0.distance, $0.name) < ($1.distance, $1.name)
    }
    return ranked.prefix(3).map(\.name)
  }

  /// Letters to insert, delete or replace (Levenshtein).
  private static func edits(_ left: String, _ right: String) -> Int {
    let right = Array(right.utf8)
    var row = Array(0...right.count)
    for (index, letter) in left.utf8.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let replaced = diagonal + (right[column] == letter ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, row[column] + 1, row[column + 1] + 1)
      }
    }
    return row[right.count]
  }
}
