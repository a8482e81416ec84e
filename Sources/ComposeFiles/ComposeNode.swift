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
