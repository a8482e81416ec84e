import PacketFilter
import Policy
import Text
import TextFiles
import Wire
import Yams

/// `allow:` of a policy file: the user's exceptions.
extension YAMLReader {
  mutating func allowRules(_ list: Node) -> [AllowRule] {
    var places: [String: String] = [:]
    return items(of: list).compactMap { node in
      guard let rule = allowRule(node) else { return nil }
      if let place = places.updateValue(rule.origin, forKey: rule.id) {
        report("the allow rule '\(rule.id)' is already defined in \(place); rename one", at: node)
      }
      return rule
    }
  }

  private mutating func allowRule(_ node: Node) -> AllowRule? {
    let known = ["id", "reason", "filter", "query-name", "container", "expires"]
    guard let fields = fields(of: node, in: "an allow rule", known: known) else { return nil }
    for name in ["id", "reason"] where fields[name] == nil {
      report("the allow rule has no '\(name)'; add it: an exception must be explained", at: node)
    }
    if fields["filter"] == nil, fields["query-name"] == nil, fields["container"] == nil {
      report(
        "the allow rule has neither 'filter' nor 'query-name' nor 'container' and would allow everything; add one",
        at: node)
    }
    let id = fields["id"].flatMap { identifier($0, "id") }
    let reason = fields["reason"].flatMap { sentence($0, "reason") }
    let filter = fields["filter"].flatMap { self.filter($0) }
    let names = fields["query-name"].map { self.names($0, "query-name") }
    let containers = fields["container"].map { self.containers($0) }
    let expires = fields["expires"].flatMap { self.expires($0) }
    guard let id, let reason, filter != nil || names?.isEmpty == false || containers?.isEmpty == false else {
      return nil
    }
    return AllowRule(
      id: id, reason: reason, filter: filter, queryNames: names ?? [], containers: containers ?? [], expires: expires,
      origin: origin(of: node))
  }

  private mutating func containers(_ node: Node) -> [String] {
    let list = items(of: node)
    if list.isEmpty { report("container names nothing; give a name or remove the line", at: node) }
    return list.compactMap { identifier($0, "container") }
  }

  /// Names in their form for comparison: in lower case, without a trailing dot. A leading dot means the names below.
  mutating func names(_ node: Node, _ field: String) -> [String] {
    let list = items(of: node)
    if list.isEmpty { report("\(field) names nothing; give a name or remove the line", at: node) }
    return list.compactMap { item in
      guard let text = text(item, field) else { return nil }
      let suffix = text.hasPrefix(".")
      guard let name = hostName(suffix ? String(text.dropFirst()) : text) else {
        report("\(field) holds \(quoted(text)); write example.org, or .example.org for the names below it", at: item)
        return nil
      }
      return canonicalName(suffix ? "." + name : name)
    }
  }

  /// The rule allows until the end of the day that it names, in UTC.
  private mutating func expires(_ node: Node) -> (moment: Timestamp, text: String)? {
    guard let text = text(node, "expires") else { return nil }
    guard let end = CivilDate(text)?.end else {
      report("expires holds \(quoted(text)); write a day as YYYY-MM-DD", at: node)
      return nil
    }
    return (end, text)
  }
}
