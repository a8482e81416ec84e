import PacketFilter
package import Policy
package import TextFiles
import Yams

/// A file of label rules: a part of the shipped pack, or one that `--rules` adds.
package struct RuleFile: Sendable {
  /// In the order of the file.
  package let rules: [LabelRule]

  /// Reads the text of a rule file. Throws everything that is wrong with it. Filters that are not compiled now are
  /// compiled at their first use, and are not known to be right.
  package init(_ text: String, fileName: String, compilesFilters: Bool = true) throws(PolicyFileError) {
    var reader = YAMLReader(file: fileName)
    reader.compilesFilters = compilesFilters
    rules = reader.root(of: text).map { reader.ruleFile($0) } ?? []
    try reader.throwProblems()
  }

  /// Reads a rule file from disk.
  package static func read(_ path: String) throws(PolicyFileError) -> RuleFile {
    try RuleFile(yamlText(of: path), fileName: path)
  }

  /// The rules of every `*.yaml` and `*.yml` file in a directory, in the order in which they are asked. Throws
  /// everything that is wrong in any of them, an id that two files use, and a directory without such files.
  package static func readDirectory(_ path: String) throws(PolicyFileError) -> [LabelRule] {
    let paths: [String]
    do { paths = try TextFile.yamlFiles(in: path) } catch { throw PolicyFileError([error]) }
    guard !paths.isEmpty else {
      throw PolicyFileError([PolicyFileProblem(file: path, message: "the directory holds no .yaml or .yml file")])
    }
    var files = RuleFiles()
    for path in paths { files.add(path) { () throws(PolicyFileError) in try read(path) } }
    return try files.joined()
  }
}

/// The text of a YAML file on disk, which must be UTF-8.
func yamlText(of path: String) throws(PolicyFileError) -> String {
  let bytes: [UInt8]
  do { bytes = try TextFile.bytes(of: path) } catch { throw PolicyFileError([error]) }
  guard let text = String(validating: bytes, as: UTF8.self) else {
    throw PolicyFileError([PolicyFileProblem(file: path, message: "it is not UTF-8 text; save it as UTF-8")])
  }
  return text
}

extension YAMLReader {
  mutating func ruleFile(_ root: Node) -> [LabelRule] {
    guard let fields = fields(of: root, in: "a rule file", known: ["rules"]) else { return [] }
    guard let list = fields["rules"] else {
      report("a rule file needs 'rules:', a list", at: root)
      return []
    }
    return labelRules(list)
  }

  /// A list of label rules with distinct ids, in a rule file or in a policy.
  mutating func labelRules(_ list: Node) -> [LabelRule] {
    var lines: [String: String] = [:]
    return items(of: list).compactMap { node in
      guard let rule = labelRule(node) else { return nil }
      if let place = lines.updateValue(rule.origin, forKey: rule.id) {
        report("the rule '\(rule.id)' is already defined in \(place); rename one", at: node)
      }
      return rule
    }
  }

  private mutating func labelRule(_ node: Node) -> LabelRule? {
    let known = [
      "id", "label", "severity", "by", "flow", "title", "why", "reference", "filter", "server-name", "query-name",
    ]
    guard let fields = fields(of: node, in: "a rule", known: known) else { return nil }
    let required = ["id", "label", "severity", "title"]
    for name in required where fields[name] == nil { report("the rule has no '\(name)'; add it", at: node) }
    if fields["filter"] == nil, fields["server-name"] == nil, fields["query-name"] == nil {
      report(
        "the rule has no 'filter', nor 'server-name' nor 'query-name', and would name everything; add one", at: node)
    }
    let id = fields["id"].flatMap { identifier($0, "id") }
    let label = fields["label"].flatMap { self.label($0) }
    let severity: Severity? = fields["severity"].flatMap { choice($0, "severity") }
    let basis: RuleBasis? = fields["by"].flatMap { choice($0, "by") }
    let namesFlow = fields["flow"].flatMap { flag($0, "flow") }
    let title = fields["title"].flatMap { sentence($0, "title") }
    let why = fields["why"].flatMap { sentence($0, "why") }
    let reference = fields["reference"].flatMap { sentence($0, "reference") }
    let filter = fields["filter"].flatMap { self.filter($0) }
    let servers = fields["server-name"].map { names($0, "server-name") } ?? []
    let queries = fields["query-name"].map { names($0, "query-name") } ?? []
    guard let id, let label, let severity, let title, filter != nil || !servers.isEmpty || !queries.isEmpty else {
      return nil
    }
    return LabelRule(
      id: id, label: label, severity: severity, title: title, why: why ?? "", reference: reference ?? "",
      basis: basis ?? .header, filter: filter, serverNames: servers, queryNames: queries, namesFlow: namesFlow ?? false,
      origin: origin(of: node))
  }

  /// Structural reasons are no labels: rules name a leak, they never decide whether it is one.
  private mutating func label(_ node: Node) -> LeakReason? {
    guard let text = text(node, "label") else { return nil }
    guard let label = LeakReason(rawValue: text), LeakReason.labels.contains(label) else {
      let labels = LeakReason.labels.map(\.rawValue).joined(separator: ", ")
      report("label is \(quoted(text)); it must be one of: \(labels)", at: node)
      return nil
    }
    return label
  }

  /// A pcap-filter(7) expression. Reports libpcap's own message.
  mutating func filter(_ node: Node) -> PacketFilter? {
    guard let text = text(node, "filter") else { return nil }
    let expression = onOneLine(text)
    do {
      return compilesFilters ? try PacketFilter(expression) : PacketFilter(onDemand: expression)
    } catch {
      report("the filter \(quoted(text)) does not compile: \(error.message); see pcap-filter(7)", at: node)
      return nil
    }
  }
}
