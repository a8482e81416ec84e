import TextFiles

extension ComposeReading {
  /// Merges the files, with what they include and extend, in canonical forms.
  ///
  /// `ancestors` are the files that include these.
  mutating func model(
    of files: [String], scope: Int, ancestors: [String] = [], named place: SourcePlace? = nil
  ) -> ComposeMapping {
    var model = ComposeMapping()
    for path in files {
      guard !isOver, let file = file(path, scope: scope, named: place) else { continue }
      var own = ComposeMapping()
      for entry in file.entries {
        switch entry.key {
        case "include": continue
        case "services":
          let services = services(entry.value, of: file, path: path, scope: scope, earlier: model)
          own.set(entry.key, at: entry.keyPlace, to: services)
        case "name": own.set(entry.key, at: entry.keyPlace, to: entry.value)
        default:
          own.set(entry.key, at: entry.keyPlace, to: canonicalResources(entry.value, kind: entry.key, scope: scope))
        }
      }
      model.merge(own)
      if let included = file["include"] {
        include(included, into: &model, scope: scope, ancestors: ancestors + files)
      }
    }
    return model
  }

  // MARK: - Include

  private mutating func include(
    _ node: ComposeNode, into model: inout ComposeMapping, scope: Int, ancestors: [String]
  ) {
    guard let items = node.sequence else {
      if !node.isNull { report("'include' must be a list of files", at: node.place) }
      return
    }
    for item in items {
      guard !isOver else { return }
      switch item.content {
      case .scalar: include([item], folder: nil, environmentFiles: nil, item, &model, scope, ancestors)
      case .mapping(let fields):
        let paths = fields["path"].map(\.items) ?? []
        guard !paths.isEmpty else {
          report("an include names no 'path'", at: item.place)
          continue
        }
        include(
          paths, folder: fields["project_directory"]?.scalar, environmentFiles: fields["env_file"]?.items, item, &model,
          scope, ancestors)
      default: report("an include must be a path, or a map with 'path'", at: item.place)
      }
    }
  }

  private mutating func include(
    _ paths: [ComposeNode], folder: String?, environmentFiles: [ComposeNode]?, _ item: ComposeNode,
    _ model: inout ComposeMapping, _ scope: Int, _ ancestors: [String]
  ) {
    let parent = scopes[scope]
    let texts = paths.compactMap(\.scalar)
    if let remote = texts.first(where: Self.isRemote) {
      leaveOut("\(PathText.shown(remote)) is not on this machine; what it includes is left out", at: item.place)
      return
    }
    let files = texts.map { PathText.join(parent.folder, $0) }
    guard let first = files.first else { return report("an include names no 'path'", at: item.place) }
    if let again = files.first(where: ancestors.contains) {
      return report("\(PathText.shown(again)) includes itself; remove one of the includes", at: item.place)
    }
    guard ancestors.count < Self.chainLimit else {
      return report("includes nest deeper than \(Self.chainLimit) files", at: item.place)
    }
    let home = folder.map { PathText.join(parent.folder, $0) } ?? PathText.folder(of: first)
    var environment = parent.environment
    if let environmentFiles {
      let files = environmentFiles.compactMap { node in
        node.scalar.map { (path: PathText.join(parent.folder, $0), place: Optional(node.place)) }
      }
      // /dev/null asks for no file at all.
      environment = self.environment(files.filter { $0.path != "/dev/null" }, over: environment, areRequired: true)
    } else {
      environment = self.environment(
        [(PathText.join(home, ".env"), nil)], over: environment, areRequired: false)
    }
    scopes.append(Scope(folder: home, environment: environment))
    let included = self.model(of: files, scope: scopes.count - 1, ancestors: ancestors, named: item.place)
    adopt(included, into: &model, place: item.place)
  }

  private static func isRemote(_ path: String) -> Bool {
    path.contains("://") || path.hasPrefix("git@") || path.hasPrefix("github.com/")
  }

  /// Takes over what an included project says. If both state different things, that is refused: Compose takes a
  /// difference for a mistake, and an `override` file is the way to change an included service.
  private mutating func adopt(_ included: ComposeMapping, into model: inout ComposeMapping, place: SourcePlace) {
    for section in included.entries where section.key != "name" {
      guard let theirs = section.value.mapping else { continue }
      var ours = model[section.key]?.mapping ?? ComposeMapping()
      guard mayAdd(nodes: ours.count, at: place) else { return }
      for entry in theirs.entries {
        guard let own = ours.entry(entry.key) else {
          ours.set(entry.key, at: entry.keyPlace, to: entry.value)
          continue
        }
        if !own.value.says(entry.value) {
          report(
            "\(section.key) \(quoted(entry.key)) is defined in \(own.keyPlace) and in the included \(entry.keyPlace); "
              + "change it in an override file", at: place)
        }
      }
      model.set(section.key, at: section.keyPlace, to: ComposeNode(.mapping(ours), at: section.value.place))
    }
  }
}

extension ComposeNode {
  /// The items of a list, or a single value as a list of one.
  var items: [ComposeNode] {
    switch content {
    case .null: []
    case .sequence(let items): items
    case .scalar, .mapping: [self]
    }
  }

  /// Whether both say the same, whatever their places are.
  func says(_ other: ComposeNode) -> Bool {
    switch (content, other.content) {
    case (.null, .null): true
    case (.scalar(let one), .scalar(let two)): one == two
    case (.sequence(let one), .sequence(let two)): one.count == two.count && zip(one, two).allSatisfy { $0.says($1) }
    case (.mapping(let one), .mapping(let two)):
      one.entries.count == two.entries.count
        && one.entries.allSatisfy { entry in two[entry.key].map { entry.value.says($0) } ?? false }
    default: false
    }
  }
}
