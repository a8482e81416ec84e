import TextFiles

extension ComposeReading {
  // MARK: - Canonical forms

  /// A volume in the long form: `type`, `source`, `target`, `read_only`.
  mutating func volume(_ node: ComposeNode, scope: Int) -> ComposeNode? {
    guard var fields = node.mapping else { return shortVolume(node, scope: scope) }
    guard let kind = fields["type"]?.scalar else {
      report("a volume names no 'type'; write bind, volume or tmpfs", at: node.place)
      return nil
    }
    guard ["bind", "volume", "tmpfs", "npipe", "cluster", "image"].contains(kind) else {
      report(
        "\(quoted(kind)) is not a type of volume; write bind, volume or tmpfs", at: fields["type"]?.place ?? node.place)
      return nil
    }
    guard let target = fields["target"], let path = target.scalar, !path.isEmpty else {
      report("a volume names no 'target'", at: node.place)
      return nil
    }
    if kind == "bind" {
      guard let source = fields["source"], let path = source.scalar, !path.isEmpty else {
        report("a bind names no 'source'", at: node.place)
        return nil
      }
      let local = localPath(path, scope: scope, at: source.place)
      fields.set("source", to: ComposeNode(.scalar(local), at: source.place))
    }
    return ComposeNode(.mapping(fields), at: node.place)
  }

  /// `SOURCE:TARGET:OPTIONS`, `SOURCE:TARGET`, or `TARGET` alone for a volume without a name.
  private mutating func shortVolume(_ node: ComposeNode, scope: Int) -> ComposeNode? {
    let parts = (node.scalar ?? "").split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard (1...3).contains(parts.count), parts.prefix(2).allSatisfy({ !$0.isEmpty }) else {
      report("\(quoted(node.scalar ?? "")) is not a volume; write source:target or source:target:ro", at: node.place)
      return nil
    }
    var fields = ComposeMapping()
    func set(_ name: String, _ value: String) {
      fields.set(name, to: ComposeNode(.scalar(value), at: node.place))
    }
    set("target", parts.count == 1 ? parts[0] : parts[1])
    let source = parts.count == 1 ? nil : parts[0]
    let isBind = source.map { source in [".", "/", "~"].contains { source.hasPrefix($0) } } ?? false
    set("type", isBind ? "bind" : "volume")
    if let source { set("source", isBind ? localPath(source, scope: scope, at: node.place) : source) }
    if parts.count == 3, parts[2].split(separator: ",").contains("ro") { set("read_only", "true") }
    return ComposeNode(.mapping(fields), at: node.place)
  }

  /// A config or secret of a service in the long form: `source`, `target`.
  mutating func reference(_ node: ComposeNode, kind: String) -> ComposeNode? {
    var fields = node.mapping ?? ComposeMapping()
    if node.scalar != nil { fields.set("source", to: node) }
    guard fields["source"]?.scalar != nil else {
      report("one of \(kind) names no 'source'", at: node.place)
      return nil
    }
    return ComposeNode(.mapping(fields), at: node.place)
  }

  // MARK: - Mounts

  /// What the service's container paths show. The last statement for a path wins.
  mutating func mounts(of service: ComposeMapping, in model: ComposeMapping) -> [ComposeService.Mount] {
    var mounts = (service["volumes"]?.items ?? []).compactMap { mount($0, in: model) }
    for node in service["tmpfs"]?.items ?? [] {
      guard let text = node.scalar else { continue }
      let target = PathText.clean(String(text.prefix { $0 != ":" }))
      mounts.append(.init(kind: .tmpfs, target: target, isReadOnly: false, place: node.place))
    }
    for kind in ["configs", "secrets"] {
      for node in service[kind]?.items ?? [] {
        if let mount = file(node, kind: kind, in: model) { mounts.append(mount) }
      }
    }
    var positions: [String: Int] = [:]
    var result: [ComposeService.Mount] = []
    for mount in mounts {
      if let position = positions[mount.target] {
        result[position] = mount
      } else {
        positions[mount.target] = result.count
        result.append(mount)
      }
    }
    return result
  }

  private mutating func mount(_ node: ComposeNode, in model: ComposeMapping) -> ComposeService.Mount? {
    guard let fields = node.mapping, let target = fields["target"]?.scalar else { return nil }
    let source = fields["source"]?.scalar
    let kind: ComposeService.Mount.Kind
    switch fields["type"]?.scalar {
    case "bind": kind = .bind(source ?? "")
    case "tmpfs": kind = .tmpfs
    case "volume":
      if let source, model["volumes"]?.mapping?.entry(source) == nil {
        report("the volume \(quoted(source)) is not defined; add it to 'volumes' at the top", at: node.place)
      }
      kind = .volume(source)
    default:
      warn("a mount of the type \(quoted(fields["type"]?.scalar ?? "")) is not checked", at: node.place)
      kind = .volume(nil)
    }
    return .init(
      kind: kind, target: PathText.clean(target), isReadOnly: flag(fields["read_only"], "read_only") ?? false,
      place: node.place)
  }

  /// A config or secret as a file in the container.
  private mutating func file(
    _ node: ComposeNode, kind: String, in model: ComposeMapping
  ) -> ComposeService.Mount? {
    guard let fields = node.mapping, let source = fields["source"]?.scalar else { return nil }
    let word = String(kind.dropLast())
    guard let entry = model[kind]?.mapping?.entry(source) else {
      report("the \(word) \(quoted(source)) is not defined; add it to \(quoted(kind)) at the top", at: node.place)
      return nil
    }
    let definition = entry.value.mapping ?? ComposeMapping()
    let content: ComposeService.Mount.Kind
    if let text = definition["content"]?.scalar {
      content = .content(text)
    } else if let path = definition["file"]?.scalar {
      content = .bind(path)
    } else {
      // Whether that matters depends on who looks for a file there.
      warn("the \(word) \(quoted(source)) is kept elsewhere; it is not read", at: node.place)
      content = .volume(nil)
    }
    let target = fields["target"]?.scalar.flatMap { $0.isEmpty ? nil : $0 } ?? source
    let folder = kind == "secrets" ? "/run/secrets" : "/"
    return .init(kind: content, target: PathText.join(folder, target), isReadOnly: true, place: node.place)
  }
}
