import TextFiles

extension ComposeReading {
  /// The services of one file in canonical form, each laid over the one that it extends.
  mutating func services(
    _ node: ComposeNode, of file: ComposeMapping, path: String, scope: Int, earlier: ComposeMapping
  ) -> ComposeNode {
    var result = ComposeMapping()
    guard let services = node.mapping else {
      if !node.isNull { report("'services' must be a map of names and services", at: node.place) }
      return ComposeNode(.null, at: node.place)
    }
    var extended = ExtendedServices(earlier: earlier["services"]?.mapping)
    extended.files[path] = services
    for entry in services.entries {
      guard entry.value.tag != .reset else {
        result.set(entry.key, at: entry.keyPlace, to: entry.value)
        continue
      }
      guard !entry.key.hasPrefix("x-") else { continue }
      guard
        let service = service(
          ServiceKey(file: path, name: entry.key), scope: scope, in: &extended, chain: [], named: entry.keyPlace)
      else { continue }
      result.set(
        entry.key, at: entry.keyPlace,
        to: ComposeNode(.mapping(service), at: entry.value.place, tag: entry.value.tag))
    }
    return ComposeNode(.mapping(result), at: node.place, tag: node.tag)
  }

  private struct ServiceKey: Hashable {
    var file: String
    var name: String
  }

  /// What was read while following `extends`.
  private struct ExtendedServices {
    /// The services of earlier files, which a later file may extend, too.
    let earlier: ComposeMapping?
    /// As written.
    var files: [String: ComposeMapping] = [:]
    var done: [ServiceKey: ComposeMapping] = [:]
    var folders: [String: Int] = [:]

    init(earlier: ComposeMapping?) { self.earlier = earlier }
  }

  private mutating func service(
    _ key: ServiceKey, scope: Int, in known: inout ExtendedServices, chain: [ServiceKey], named place: SourcePlace
  ) -> ComposeMapping? {
    if let done = known.done[key] {
      // A service that many extend is written out for each of them.
      return mayAdd(nodes: ComposeNode(.mapping(done), at: place).size, at: place) ? done : nil
    }
    guard !isOver else { return nil }
    guard !chain.contains(key) else {
      report("\(quoted(key.name)) extends itself; remove one of the 'extends'", at: place)
      return nil
    }
    guard chain.count < Self.chainLimit else {
      report("'extends' nests deeper than \(Self.chainLimit) services; this is probably a mistake", at: place)
      return nil
    }
    guard let node = known.files[key.file]?[key.name] else {
      if let earlier = known.earlier?[key.name], let fields = earlier.mapping {
        return mayAdd(nodes: earlier.size, at: place) ? fields : nil
      }
      report("it extends \(quoted(key.name)), which \(PathText.shown(key.file)) does not define", at: place)
      return nil
    }
    guard var fields = node.mapping else {
      report("service \(quoted(key.name)) must be a map", at: node.isNull ? place : node.place)
      return nil
    }
    let base = fields["extends"]
    fields.remove("extends")
    var service = canonicalService(fields, scope: scope)
    if let base {
      guard let base = extended(base, of: key, scope: scope, in: &known, chain: chain + [key]) else { return nil }
      var merged = base
      merged.merge(service)
      // What is reset or overridden here is reset or overridden in earlier files, too.
      for entry in service.entries where entry.value.tag != .none {
        var value = merged[entry.key] ?? entry.value
        value.tag = entry.value.tag
        merged.set(entry.key, at: entry.keyPlace, to: value)
      }
      service = merged
    }
    known.done[key] = service
    return service
  }

  private mutating func extended(
    _ node: ComposeNode, of key: ServiceKey, scope: Int, in known: inout ExtendedServices, chain: [ServiceKey]
  ) -> ComposeMapping? {
    let name: String?
    var base = key
    var scope = scope
    switch node.content {
    case .scalar(let text): name = text
    case .mapping(let fields):
      name = fields["service"]?.scalar
      guard let file = fields["file"], let path = file.scalar else { break }
      base.file = PathText.join(scopes[scope].folder, path)
      // Relative paths of the other file start at its own folder; its variables are the project's.
      if let folder = known.folders[base.file] {
        scope = folder
      } else {
        scopes.append(Scope(folder: PathText.folder(of: base.file), environment: scopes[scope].environment))
        scope = scopes.count - 1
        known.folders[base.file] = scope
      }
      if known.files[base.file] == nil {
        guard let other = self.file(base.file, scope: scope, named: file.place) else { return nil }
        known.files[base.file] = other["services"]?.mapping ?? ComposeMapping()
      }
    default: name = nil
    }
    guard let name else {
      report("'extends' must name a service", at: node.place)
      return nil
    }
    base.name = name
    return service(base, scope: scope, in: &known, chain: chain, named: node.place)
  }
}
