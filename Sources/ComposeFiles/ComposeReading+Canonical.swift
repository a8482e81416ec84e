import TextFiles

extension ComposeReading {
  /// The service's fields that are read, each in the one form that merging knows, with paths and the project's
  /// variables filled in. Fields that would have to be read are kept, too.
  mutating func canonicalService(_ fields: ComposeMapping, scope: Int) -> ComposeMapping {
    var result = ComposeMapping()
    for entry in fields.entries where !entry.key.hasPrefix("x-") {
      let key = ComposeServiceKey.byName[entry.key]
      if key == nil { warn("a service has no key \(quoted(entry.key)); Compose refuses it", at: entry.keyPlace) }
      var value = entry.value
      switch key?.use {
      case .harmless?: continue
      case .read(let form, _)? where !value.isNull && value.tag != .reset:
        value = form(&self, value, scope)
        value.tag = entry.value.tag
      default: break
      }
      result.set(entry.key, at: entry.keyPlace, to: value)
    }
    return result
  }

  // MARK: - Lists and maps

  /// A list, each of its items in canonical form.
  mutating func list(
    _ node: ComposeNode, of name: String, takesScalar: Bool = false,
    _ item: (inout ComposeReading, ComposeNode) -> ComposeNode? = { reading, node in reading.text(node) }
  ) -> ComposeNode {
    if node.sequence == nil, !(takesScalar && node.scalar != nil) {
      report("\(quoted(name)) must be a list", at: node.place)
      return ComposeNode(.null, at: node.place)
    }
    let items = node.items.compactMap { $0.tag == .reset ? nil : item(&self, $0) }
    return ComposeNode(.sequence(items), at: node.place)
  }

  mutating func text(_ node: ComposeNode) -> ComposeNode? {
    guard node.scalar == nil else { return node }
    report("an item here must be a single value, not a list or a map", at: node.place)
    return nil
  }

  /// A map, or a list of keys, each with a value after the separator if there is one.
  mutating func mapping(_ node: ComposeNode, of name: String, separator: Character?) -> ComposeNode {
    if node.mapping != nil { return node }
    guard let items = node.sequence else {
      report("\(quoted(name)) must be a map or a list", at: node.place)
      return ComposeNode(.null, at: node.place)
    }
    var result = ComposeMapping()
    for item in items where item.tag != .reset {
      guard let text = text(item)?.scalar else { continue }
      guard let separator, let split = text.firstIndex(of: separator) else {
        result.set(text, to: ComposeNode(.null, at: item.place))
        continue
      }
      let value = String(text[text.index(after: split)...])
      result.set(String(text[..<split]), to: ComposeNode(.scalar(value), at: item.place))
    }
    return ComposeNode(.mapping(result), at: node.place)
  }

  mutating func environment(_ node: ComposeNode, scope: Int) -> ComposeNode {
    let node = mapping(node, of: "environment", separator: "=")
    guard let mapping = node.mapping else { return node }
    var result = mapping
    for entry in mapping.entries where entry.value.isNull && entry.value.tag != .reset {
      guard let value = scopes[scope].environment[entry.key] else { continue }
      guard mayAdd(bytes: value.utf8.count, at: entry.value.place) else { break }
      result.set(entry.key, at: entry.keyPlace, to: ComposeNode(.scalar(value), at: entry.value.place))
    }
    return ComposeNode(.mapping(result), at: node.place)
  }

  /// An env_file as a map: `path`, `required`, `format`, and the scope whose variables its values may refer to.
  mutating func environmentFile(_ node: ComposeNode, scope: Int) -> ComposeNode? {
    var fields = node.mapping ?? ComposeMapping()
    if node.scalar != nil { fields.set("path", to: node) }
    guard let path = fields["path"], let text = path.scalar else {
      report("an env_file names no 'path'", at: node.place)
      return nil
    }
    let place = path.place
    fields.set("path", to: ComposeNode(.scalar(localPath(text, scope: scope, at: place)), at: place))
    fields.set("scope", to: ComposeNode(.scalar(String(scope)), at: place))
    return ComposeNode(.mapping(fields), at: place)
  }

  // MARK: - Paths

  /// A path of the machine that can be opened from here; `~` is the user's home.
  mutating func localPath(_ path: String, scope: Int, at place: SourcePlace) -> String {
    let scope = scopes[scope]
    guard path == "~" || path.hasPrefix("~/") else { return PathText.join(scope.folder, path) }
    guard let home = scope.environment["HOME"], !home.isEmpty else {
      warn("\(quoted(path)) starts at a home folder, and HOME is not set; set it", at: place)
      return path
    }
    return PathText.join(home, String(path.dropFirst(2)))
  }

  // MARK: - Top level

  /// Networks, volumes, configs or secrets with paths and the project's variables filled in.
  mutating func canonicalResources(_ node: ComposeNode, kind: String, scope: Int) -> ComposeNode {
    guard let mapping = node.mapping else {
      if !node.isNull { report("\(quoted(kind)) must be a map of names and what they are", at: node.place) }
      return ComposeNode(.null, at: node.place)
    }
    var result = ComposeMapping()
    for entry in mapping.entries where !entry.key.hasPrefix("x-") {
      guard ["configs", "secrets"].contains(kind), var fields = entry.value.mapping else {
        if entry.value.mapping == nil, !entry.value.isNull {
          report("\(kind) \(quoted(entry.key)) must be a map", at: entry.value.place)
        } else {
          result.set(entry.key, at: entry.keyPlace, to: entry.value)
        }
        continue
      }
      if let file = fields["file"], let path = file.scalar {
        fields.set("file", to: ComposeNode(.scalar(localPath(path, scope: scope, at: file.place)), at: file.place))
      }
      if let variable = fields["environment"], let name = variable.scalar {
        let value = scopes[scope].environment[name]
        if value == nil {
          warn("the variable \(quoted(name)) is not set; it counts as empty", at: variable.place)
        }
        guard mayAdd(bytes: value?.utf8.count ?? 0, at: variable.place) else { break }
        fields.set("content", to: ComposeNode(.scalar(value ?? ""), at: variable.place))
      }
      result.set(
        entry.key, at: entry.keyPlace, to: ComposeNode(.mapping(fields), at: entry.value.place, tag: entry.value.tag))
    }
    return ComposeNode(.mapping(result), at: node.place, tag: node.tag)
  }
}
