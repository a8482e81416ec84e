import TextFiles

/// A piece of a Compose file after interpolation, with the place that states it. Merging works on these.
struct ComposeNode {
  var place: SourcePlace
  var tag = Tag.none
  var content: Content

  enum Content {
    case null
    case scalar(String)
    case sequence([ComposeNode])
    case mapping(ComposeMapping)
  }

  /// What a later file does to the value of an earlier one (compose-spec, merge).
  enum Tag {
    case none
    /// `!reset`: the value is removed.
    case reset
    /// `!override`: the value replaces the earlier one as a whole.
    case override
  }

  init(_ content: Content, at place: SourcePlace, tag: Tag = .none) {
    self.content = content
    self.place = place
    self.tag = tag
  }

  var isNull: Bool { if case .null = content { true } else { false } }
  var scalar: String? { if case .scalar(let text) = content { text } else { nil } }
  var sequence: [ComposeNode]? { if case .sequence(let items) = content { items } else { nil } }
  var mapping: ComposeMapping? { if case .mapping(let mapping) = content { mapping } else { nil } }
}

/// A map that keeps the order of its keys and the place of each.
struct ComposeMapping {
  struct Entry {
    let key: String
    var keyPlace: SourcePlace
    var value: ComposeNode
  }

  /// Nil for a removed key: closing the gap each time would take quadratic time.
  private var slots: [Entry?] = []
  private var positions: [String: Int] = [:]

  var entries: [Entry] { slots.compactMap { $0 } }
  var isEmpty: Bool { positions.isEmpty }
  var count: Int { positions.count }

  func entry(_ key: String) -> Entry? { positions[key].flatMap { slots[$0] } }

  subscript(key: String) -> ComposeNode? { entry(key)?.value }

  mutating func set(_ key: String, at keyPlace: SourcePlace, to value: ComposeNode) {
    let entry = Entry(key: key, keyPlace: keyPlace, value: value)
    if let position = positions[key] {
      slots[position] = entry
    } else {
      positions[key] = slots.count
      slots.append(entry)
    }
  }

  mutating func set(_ key: String, to value: ComposeNode) { set(key, at: value.place, to: value) }

  mutating func remove(_ key: String) {
    if let position = positions.removeValue(forKey: key) { slots[position] = nil }
  }
}

// MARK: - Merging

extension ComposeMapping {
  /// Lays a later file's map over this one.
  ///
  /// Maps merge, lists append, and single values and `command`-like lists replace. A later null keeps the earlier
  /// value, except in `environment`, where it means the value of the project's environment.
  mutating func merge(_ later: ComposeMapping, nothingReplaces: Bool = false) {
    for entry in later.entries {
      if entry.value.tag == .reset {
        remove(entry.key)
        continue
      }
      let value = entry.value.withoutResets
      guard entry.value.tag == .none, let earlier = self[entry.key] else {
        set(entry.key, at: entry.keyPlace, to: value)
        continue
      }
      switch (earlier.content, value.content) {
      case (_, .null) where !nothingReplaces:
        set(entry.key, at: entry.keyPlace, to: earlier)
      case (.mapping(var mapping), .mapping):
        // The later map as it was written: its resets remove values of the earlier map.
        guard let later = entry.value.mapping else { continue }
        mapping.merge(later, nothingReplaces: entry.key == "environment")
        set(entry.key, at: entry.keyPlace, to: ComposeNode(.mapping(mapping), at: value.place))
      case (.sequence(let items), .sequence(let more)) where !["test", "entrypoint", "command"].contains(entry.key):
        set(entry.key, at: entry.keyPlace, to: ComposeNode(.sequence(items + more), at: value.place))
      default:
        set(entry.key, at: entry.keyPlace, to: value)
      }
    }
  }

  var withoutResets: ComposeMapping {
    var kept = ComposeMapping()
    for entry in entries where entry.value.tag != .reset {
      kept.set(entry.key, at: entry.keyPlace, to: entry.value.withoutResets)
    }
    return kept
  }
}

extension ComposeNode {
  /// The node without anything that `!reset` marks.
  var withoutResets: ComposeNode {
    switch content {
    case .null, .scalar: ComposeNode(content, at: place)
    case .sequence(let items):
      ComposeNode(.sequence(items.filter { $0.tag != .reset }.map(\.withoutResets)), at: place)
    case .mapping(let mapping): ComposeNode(.mapping(mapping.withoutResets), at: place)
    }
  }
}

extension ComposeNode {
  /// The number of nodes in it, including itself.
  var size: Int {
    switch content {
    case .null, .scalar: 1
    case .sequence(let items): items.reduce(1) { $0 + $1.size }
    case .mapping(let mapping): mapping.entries.reduce(1) { $0 + $1.value.size }
    }
  }
}
