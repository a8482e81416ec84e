import TextFiles
import Wire

extension ComposeReading {
  /// The service as the merged model states it.
  mutating func service(
    _ entry: ComposeMapping.Entry, in model: ComposeMapping
  ) -> ComposeService {
    let fields = entry.value.mapping ?? ComposeMapping()
    var service = ComposeService(name: entry.key, place: entry.keyPlace)
    let merged = ComposeServiceKey.Merged(fields: fields, model: model)
    for key in ComposeServiceKey.all {
      if case .read(_, let reader?) = key.use { reader(&self, merged, &service) }
    }
    service.unreadKeys = fields.entries.compactMap { entry in
      guard !entry.value.isNull else { return nil }
      switch ComposeServiceKey.byName[entry.key]?.use {
      case .unread(let concern, let reason, let isPlain)?:
        return isPlain(entry.value)
          ? nil : .init(name: entry.key, concern: concern, reason: reason, place: entry.keyPlace)
      case nil:
        return .init(
          name: entry.key, concern: .anyone, reason: "its effect on a service is not known", place: entry.keyPlace)
      default: return nil
      }
    }
    return service
  }

  // MARK: - Values

  func commandLine(_ node: ComposeNode?) -> Located<String>? {
    guard let node else { return nil }
    let words = node.items.compactMap(\.scalar)
    return words.isEmpty ? nil : Located(words.joined(separator: " "), at: node.place)
  }

  func located(_ node: ComposeNode?) -> Located<String>? {
    node.flatMap { node in node.scalar.map { Located($0, at: node.place) } }
  }

  /// The items of a list, each once.
  func texts(_ node: ComposeNode?) -> [Located<String>] {
    var known: Set<String> = []
    return (node?.items ?? []).compactMap(located).filter { known.insert($0.value).inserted }
  }

  mutating func flag(_ node: ComposeNode?, _ name: String) -> Bool? {
    guard let node, let text = node.scalar else { return nil }
    guard let flag = ComposeScalar.flag(text) else {
      report("\(quoted(name)) is \(quoted(text)); write true or false", at: node.place)
      return nil
    }
    return flag
  }

  func capabilities(_ node: ComposeNode?) -> [Located<String>] {
    var known: Set<String> = []
    return texts(node).compactMap { text in
      let name = text.value.uppercased()
      let capability = name.hasPrefix("CAP_") ? String(name.dropFirst(4)) : name
      return known.insert(capability).inserted ? Located(capability, at: text.place) : nil
    }
  }

  /// The services whose mounts this service has, too.
  mutating func mountsOf(_ node: ComposeNode?) -> [Located<String>] {
    for node in node?.items ?? [] {
      warn(
        "'volumes_from' is not read; the mounts of \(quoted(node.scalar ?? "")) are left out here",
        at: node.place)
    }
    return texts(node)
  }

  // MARK: - Environment

  /// The `env_file` entries in order, with `environment` over them.
  mutating func environment(of fields: ComposeMapping, isStarted: Bool) -> [String: Located<String>] {
    var result: [String: Located<String>] = [:]
    for node in fields["env_file"]?.items ?? [] {
      guard !isOver, let file = node.mapping, let path = file["path"]?.scalar else { continue }
      for variable in variables(file, path: path, at: node.place, isStarted: isStarted, earlier: result) {
        guard mayAdd(nodes: 1, at: variable.place), mayAdd(bytes: variable.value?.utf8.count ?? 0, at: variable.place)
        else { break }
        result[variable.name] = variable.value.map { Located($0, at: variable.place) }
      }
    }
    for entry in fields["environment"]?.mapping?.entries ?? [] {
      if entry.value.mapping != nil || entry.value.sequence != nil {
        report("the variable \(quoted(entry.key)) must be a single value, not a list or a map", at: entry.value.place)
      }
      result[entry.key] = located(entry.value)
    }
    return result
  }

  private mutating func variables(
    _ file: ComposeMapping, path: String, at place: SourcePlace, isStarted: Bool, earlier: [String: Located<String>]
  ) -> [EnvironmentFile.Variable] {
    let isRequired = flag(file["required"], "required") ?? true
    let text: String
    switch self.text(of: path) {
    case .text(let contents): text = contents
    case .missing:
      guard isRequired else { return [] }
      // Compose reads the files of a service only if its profile is active.
      if isStarted { report(Self.missing(path), at: place) } else { warn(Self.missing(path), at: place) }
      return []
    case .unusable: return []
    }
    let scope = file["scope"]?.scalar.flatMap { Int($0) } ?? 0
    let environment = scopes.indices.contains(scope) ? scopes[scope].environment : [:]
    do throws(PolicyFileProblem) {
      let read = try EnvironmentFile(text, file: path, fillsIn: file["format"]?.scalar != "raw") {
        environment[$0] ?? earlier[$0]?.value
      }
      for warning in read.warnings { warn(warning) }
      return read.variables
    } catch {
      report(error)
      return []
    }
  }

  // MARK: - Health

  mutating func healthCheck(_ node: ComposeNode?) -> Located<ComposeService.HealthCheck>? {
    guard let node, let fields = node.mapping else { return nil }
    if let disable = fields["disable"], flag(disable, "disable") == true {
      return Located(.init(isDisabled: true, test: nil), at: disable.place)
    }
    guard let test = fields["test"], !test.isNull else {
      return Located(.init(isDisabled: false, test: nil), at: node.place)
    }
    if let shell = test.scalar {
      return Located(.init(isDisabled: false, test: .shell(shell)), at: test.place)
    }
    let words = (test.sequence ?? []).compactMap(\.scalar)
    guard let check = ComposeService.HealthCheck(test: words) else {
      report("'test' must be a text, or a list that starts with NONE, CMD or CMD-SHELL", at: test.place)
      return nil
    }
    return Located(check, at: test.place)
  }

  // MARK: - Restarts

  /// What `deploy` says of restarts, in the words of `restart`. Compose lets it decide over `restart`
  /// (docker/compose, pkg/compose/create.go, getRestartPolicy).
  func restart(_ deploy: ComposeNode?) -> Located<String>? {
    guard let policy = deploy?.mapping?["restart_policy"], let fields = policy.mapping else { return nil }
    // The specification's default is `any`, but Compose passes an empty name to the engine, which then restarts nothing.
    guard let condition = located(fields["condition"]) else { return Located("no", at: policy.place) }
    switch condition.value {
    case "any": return Located("always", at: condition.place)
    case "none": return Located("no", at: condition.place)
    default: return condition
    }
  }

  // MARK: - Dependencies

  /// The entries of `depends_on`, and what Compose adds if one service lives in another's namespace.
  mutating func dependencies(
    of fields: ComposeMapping, mode: Located<ComposeService.NetworkMode>?
  ) -> [Located<ComposeService.Dependency>] {
    var result: [Located<ComposeService.Dependency>] = []
    for entry in fields["depends_on"]?.mapping?.entries ?? [] {
      let options = entry.value.mapping ?? ComposeMapping()
      let condition = options["condition"]
      let name = condition?.scalar ?? "service_started"
      if !["service_started", "service_healthy", "service_completed_successfully"].contains(name) {
        report(
          "\(quoted(name)) is not a condition; write service_started, service_healthy or service_completed_successfully",
          at: condition?.place ?? entry.keyPlace)
      }
      let restarts = flag(options["restart"], "restart") ?? false
      result.append(
        Located(.init(service: entry.key, condition: name, restarts: restarts), at: entry.keyPlace))
    }
    func add(_ name: String, _ place: SourcePlace, restarts: Bool = true) {
      guard !result.contains(where: { $0.value.service == name }) else { return }
      result.append(Located(.init(service: name, condition: "service_started", restarts: restarts), at: place))
    }
    if let mode, case .service(let name) = mode.value { add(name, mode.place) }
    for key in ["pid", "ipc"] {
      guard let text = located(fields[key]), text.value.hasPrefix("service:") else { continue }
      add(String(text.value.dropFirst(8)), text.place)
    }
    for link in texts(fields["links"]) { add(String(link.value.prefix { $0 != ":" }), link.place) }
    for source in texts(fields["volumes_from"]) where !source.value.hasPrefix("container:") {
      add(String(source.value.prefix { $0 != ":" }), source.place, restarts: false)
    }
    return result
  }
}

extension ComposeService {
  mutating func readSysctls(_ fields: ComposeMapping) {
    for entry in fields["sysctls"]?.mapping?.entries ?? [] {
      guard let value = entry.value.scalar else { continue }
      sysctls[entry.key] = Located(value, at: entry.value.place)
    }
  }
}

extension ComposeService.NetworkMode {
  init(_ text: String) {
    switch text {
    case "host": self = .host
    case "none": self = .none
    case "bridge": self = .bridge
    default:
      if text.hasPrefix("service:") {
        self = .service(String(text.dropFirst(8)))
      } else if text.hasPrefix("container:") {
        self = .container(String(text.dropFirst(10)))
      } else {
        self = .other(text)
      }
    }
  }
}
