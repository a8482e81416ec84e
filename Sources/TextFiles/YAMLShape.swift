import CYaml

/// The size of a YAML text with every alias written out, computed from libyaml's events before anything is built of
/// them.
///
/// Yams shares what aliases name, but walks it when it compares the keys of a map. And a tree that nests through
/// aliases takes a thread's stack when it is released. libyaml tells comments, quotes and blocks apart.
struct YAMLShape {
  /// Values, keys and bytes of text, with every alias written out; at most `Int.max`.
  private(set) var size = 0
  /// Levels of maps and lists, with every alias written out.
  private(set) var depth = 0
  /// Whether an alias is a key of a map, or part of one.
  private(set) var hasAliasInKey = false

  private struct Node {
    var size = 1
    /// Levels below and including this node.
    var depth = 0
  }

  private struct Open {
    var node = Node(size: 1, depth: 1)
    var anchor: String?
    let isMapping: Bool
    /// For a map: whether its next node is a key.
    var isAtKey = true
    /// Whether this is a key, or part of one.
    let isInKey: Bool
  }

  private var anchors: [String: Node] = [:]
  private var open: [Open] = []

  /// Reads to the end, or to the first error. The code that builds the nodes meets this error, too.
  ///
  /// Calls libyaml, hence `unsafe`. Sound: the text outlives the parser, and each event is read before it is deleted.
  init(of text: String) {
    var text = text
    text.withUTF8 { bytes in
      var parser = unsafe yaml_parser_t()
      guard unsafe yaml_parser_initialize(&parser) == 1 else { return }
      defer { unsafe yaml_parser_delete(&parser) }
      unsafe yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING)
      unsafe yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
      while true {
        var event = unsafe yaml_event_t()
        guard unsafe yaml_parser_parse(&parser, &event) == 1 else { return }
        defer { unsafe yaml_event_delete(&event) }
        if unsafe event.type == YAML_STREAM_END_EVENT || event.type == YAML_NO_EVENT { return }
        unsafe add(event)
      }
    }
  }

  private mutating func add(_ event: yaml_event_t) {
    switch unsafe event.type {
    case YAML_SCALAR_EVENT:
      let scalar = unsafe event.data.scalar
      close(Node(size: unsafe 1 + scalar.length), anchor: unsafe Self.name(scalar.anchor))
    case YAML_ALIAS_EVENT:
      if isInKey { hasAliasInKey = true }
      // An alias without an anchor before it is an error of the file, or is inside of what it names.
      close(unsafe Self.name(event.data.alias.anchor).flatMap { anchors[$0] } ?? Node(), anchor: nil)
    case YAML_SEQUENCE_START_EVENT: begin(unsafe Self.name(event.data.sequence_start.anchor), isMapping: false)
    case YAML_MAPPING_START_EVENT: begin(unsafe Self.name(event.data.mapping_start.anchor), isMapping: true)
    case YAML_SEQUENCE_END_EVENT, YAML_MAPPING_END_EVENT:
      guard let last = open.popLast() else { return }
      close(last.node, anchor: last.anchor)
    default: break
    }
  }

  private var isInKey: Bool { open.last.map { $0.isInKey || $0.isMapping && $0.isAtKey } ?? false }

  private mutating func begin(_ anchor: String?, isMapping: Bool) {
    open.append(Open(anchor: anchor, isMapping: isMapping, isInKey: isInKey))
    depth = max(depth, open.count)
  }

  /// Adds a complete node to the one that holds it.
  private mutating func close(_ node: Node, anchor: String?) {
    if let anchor { anchors[anchor] = node }
    depth = max(depth, open.count + node.depth)
    guard let last = open.indices.last else {
      size = Self.sum(size, node.size)
      return
    }
    open[last].node.size = Self.sum(open[last].node.size, node.size)
    open[last].node.depth = max(open[last].node.depth, node.depth + 1)
    open[last].isAtKey.toggle()
  }

  private static func sum(_ one: Int, _ other: Int) -> Int {
    let (sum, isOver) = one.addingReportingOverflow(other)
    return isOver ? .max : sum
  }

  private static func name(_ bytes: UnsafePointer<yaml_char_t>?) -> String? {
    guard let bytes = unsafe bytes else { return nil }
    return unsafe String(cString: bytes)
  }
}
