import TextFiles

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
