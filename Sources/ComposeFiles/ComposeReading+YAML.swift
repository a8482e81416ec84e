import TextFiles
import Yams

extension ComposeReading {
  /// The parts of a Compose file that are read. Everything else in it is left alone, including its variables.
  private static let sections: Set<String> = [
    "name", "services", "networks", "volumes", "configs", "secrets", "include",
  ]

  /// A Compose file with its variables filled in. Nil with a problem if it is not one.
  mutating func file(_ path: String, scope: Int, named place: SourcePlace? = nil) -> ComposeMapping? {
    let text: String
    switch self.text(of: path) {
    case .text(let contents): text = contents
    case .missing:
      if let place {
        report(Self.missing(path), at: place)
      } else {
        report("there is no such file; check the path", at: SourcePlace(path))
      }
      return nil
    case .unusable: return nil
    }
    var yaml = YAMLReader(file: path)
    guard let root = yaml.root(of: text, sharesAliases: true) else {
      for problem in yaml.problems.all { report(problem) }
      return nil
    }
    guard case .mapping(let pairs) = root else {
      report("a Compose file must be a map of 'services:' and the like", at: yaml.place(of: root))
      return nil
    }
    var file = ComposeMapping()
    // The whole file may refer to its name.
    if scopes[scope].takesName, let name = pairs.first(where: { $0.key.scalar?.string == "name" })?.value {
      scopes[scope].environment["COMPOSE_PROJECT_NAME"] = node(name, yaml: yaml, scope: scope, depth: 1)?.scalar
    }
    for (key, value) in pairs {
      guard case .scalar(let name) = key, Self.sections.contains(name.string) else {
        warnOfUnknown(key, yaml.place(of: key))
        continue
      }
      guard let node = node(value, yaml: yaml, scope: scope, depth: 1) else { return nil }
      file.set(name.string, at: yaml.place(of: key), to: node)
    }
    return file
  }

  private mutating func warnOfUnknown(_ key: Node, _ place: SourcePlace) {
    let name = key.scalar?.string ?? ""
    guard !["version", "models"].contains(name), !name.hasPrefix("x-") else { return }
    warn("a Compose file has no key \(quoted(name)) at its top; Compose refuses it", at: place)
  }

  /// The node with aliases and merge keys written out and variables filled in. Nil if a limit is reached.
  private mutating func node(_ node: Node, yaml: YAMLReader, scope: Int, depth: Int) -> ComposeNode? {
    let place = yaml.place(of: node)
    guard mayAdd(nodes: 1, at: place) else { return nil }
    guard depth <= Self.depthLimit else {
      reportDepth(at: place)
      return nil
    }
    let tag = Self.tag(of: node)
    switch node {
    case .alias: return ComposeNode(.null, at: place)
    case .scalar(let scalar):
      if yaml.isNothing(node) { return ComposeNode(.null, at: place, tag: tag) }
      return ComposeNode(.scalar(value(scalar, at: place, scope: scope)), at: place, tag: tag)
    case .sequence(let sequence):
      var items: [ComposeNode] = []
      for item in sequence {
        guard let item = self.node(item, yaml: yaml, scope: scope, depth: depth + 1) else { return nil }
        items.append(item)
      }
      return ComposeNode(.sequence(items), at: place, tag: tag)
    case .mapping(let pairs):
      var mapping = ComposeMapping()
      guard add(pairs, to: &mapping, yaml: yaml, scope: scope, depth: depth) else { return nil }
      return ComposeNode(.mapping(mapping), at: place, tag: tag)
    }
  }

  /// Adds what the map itself says, then what only its merge keys say (yaml.org/type/merge).
  private mutating func add(
    _ pairs: Node.Mapping, to mapping: inout ComposeMapping, yaml: YAMLReader, scope: Int, depth: Int
  ) -> Bool {
    var merged: [Node] = []
    for (key, value) in pairs {
      guard case .scalar(let name) = key else {
        report("a name must be a text, not a list or a map", at: yaml.place(of: key))
        continue
      }
      if name.string == "<<", name.style == .plain {
        merged += yaml.items(of: value)
      } else if mapping.entry(name.string) == nil {
        guard let node = node(value, yaml: yaml, scope: scope, depth: depth + 1) else { return false }
        mapping.set(name.string, at: yaml.place(of: key), to: node)
      }
    }
    for node in merged {
      guard case .mapping(let pairs) = node else {
        report("'<<' takes a map or a list of maps", at: yaml.place(of: node))
        continue
      }
      guard depth <= Self.depthLimit else {
        reportDepth(at: yaml.place(of: node))
        return false
      }
      // Keys that exist already are skipped, but still take time.
      guard mayAdd(nodes: 1 + pairs.count, at: yaml.place(of: node)) else { return false }
      guard add(pairs, to: &mapping, yaml: yaml, scope: scope, depth: depth + 1) else { return false }
    }
    return true
  }

  private mutating func reportDepth(at place: SourcePlace) {
    report("maps and lists nest deeper than \(Self.depthLimit) levels here; this is probably a mistake", at: place)
  }

  private mutating func value(_ scalar: Node.Scalar, at place: SourcePlace, scope: Int) -> String {
    let text = scalar.string
    guard text.utf8.contains(UInt8(ascii: "$")) else {
      return scalar.style == .plain ? ComposeScalar.canonical(text) : text
    }
    let environment = scopes[scope].environment
    do throws(ComposeTemplate.Failure) {
      let (value, unset) = try ComposeTemplate.expand(text) { environment[$0] }
      for name in unset { warnOfBlank(name, at: place) }
      return mayAdd(bytes: value.utf8.count, at: place) ? value : ""
    } catch {
      report("\(quoted(text)) cannot be filled in: \(error.reason)", at: place)
      return ""
    }
  }

  private static func tag(of node: Node) -> ComposeNode.Tag {
    switch node.tag.description {
    case "!reset": .reset
    case "!override": .override
    default: .none
    }
  }
}

extension YAMLReader {
  func place(of node: Node) -> SourcePlace { SourcePlace(file, line: node.mark?.line) }
}
