extension ComposeReading {
  /// The keys of a service that are read.
  static let readKeys: Set<String> = [
    "image", "container_name", "network_mode", "networks", "entrypoint", "command", "post_start", "pre_stop", "cap_add",
    "cap_drop", "privileged",
    "environment",
    "env_file",
    "volumes", "volumes_from", "tmpfs", "configs", "secrets", "ports", "sysctls", "healthcheck", "depends_on",
    "restart",
    "dns", "profiles", "mac_address", "links", "pid", "ipc", "use_api_socket",
  ]

  /// The keys that say nothing of where packets go.
  static let otherKeys: Set<String> = [
    "annotations", "attach", "blkio_config", "build", "cgroup", "cgroup_parent", "configs", "cpu_count",
    "cpu_percent", "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares", "cpus", "cpuset",
    "credential_spec", "deploy", "develop", "device_cgroup_rules", "devices", "dns_opt", "dns_search", "domainname",
    "expose", "external_links", "extra_hosts", "gpus", "group_add", "hostname", "init", "isolation",
    "label_file", "labels", "logging", "mem_limit", "mem_reservation", "mem_swappiness", "memswap_limit", "models",
    "oom_kill_disable", "oom_score_adj", "pids_limit", "platform", "provider", "pull_policy",
    "read_only", "runtime", "scale", "security_opt", "shm_size", "stdin_open", "stop_grace_period", "stop_signal",
    "storage_opt", "tty", "ulimits", "user", "userns_mode", "uts", "working_dir",
  ]

  /// The service's fields that are read, each in the one form that merging knows, with paths and the project's
  /// variables filled in.
  mutating func canonicalService(_ fields: ComposeMapping, scope: Int) -> ComposeMapping {
    var result = ComposeMapping()
    for entry in fields.entries {
      guard Self.readKeys.contains(entry.key) else {
        if !Self.otherKeys.contains(entry.key), !entry.key.hasPrefix("x-") {
          warn("a service knows no \(quoted(entry.key)); Compose refuses it", at: entry.keyPlace)
        }
        continue
      }
      var value = entry.value
      if !value.isNull, value.tag != .reset {
        value = canonical(entry, scope: scope)
        value.tag = entry.value.tag
      }
      result.set(entry.key, at: entry.keyPlace, to: value)
    }
    return result
  }

  private mutating func canonical(_ entry: ComposeMapping.Entry, scope: Int) -> ComposeNode {
    let node = entry.value
    switch entry.key {
    case "environment": return environment(node, scope: scope)
    case "sysctls": return mapping(node, of: "sysctls", separator: "=")
    case "networks", "depends_on": return mapping(node, of: entry.key, separator: nil)
    case "cap_add", "cap_drop", "profiles", "links", "volumes_from": return list(node, of: entry.key)
    case "dns", "tmpfs", "entrypoint", "command": return list(node, of: entry.key, takesScalar: true)
    case "env_file": return list(node, of: entry.key, takesScalar: true) { $0.environmentFile($1, scope: scope) }
    case "ports": return list(node, of: entry.key) { $0.port($1) }
    case "volumes": return list(node, of: entry.key) { $0.volume($1, scope: scope) }
    case "configs", "secrets": return list(node, of: entry.key) { $0.reference($1, kind: entry.key) }
    case "post_start", "pre_stop": return node
    case "healthcheck":
      guard node.mapping == nil else { return node }
      report("'healthcheck' must be a map of 'test' and the like", at: node.place)
    default:
      guard node.scalar == nil else { return node }
      report("\(quoted(entry.key)) must be a single value, not a list or a map", at: node.place)
    }
    return ComposeNode(.null, at: node.place)
  }

  // MARK: - Lists and maps

  /// A list, each of its items in canonical form.
  private mutating func list(
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

  private mutating func text(_ node: ComposeNode) -> ComposeNode? {
    guard node.scalar == nil else { return node }
    report("an item here must be a single value, not a list or a map", at: node.place)
    return nil
  }

  /// A map, or a list of keys, with values behind the separator if there is one.
  private mutating func mapping(_ node: ComposeNode, of name: String, separator: Character?) -> ComposeNode {
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

  private mutating func environment(_ node: ComposeNode, scope: Int) -> ComposeNode {
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

  /// `path`, `required`, `format`, and the scope whose variables its values may refer to.
  private mutating func environmentFile(_ node: ComposeNode, scope: Int) -> ComposeNode? {
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
    guard path == "~" || path.hasPrefix("~/") else { return ComposePath.join(scope.folder, path) }
    guard let home = scope.environment["HOME"], !home.isEmpty else {
      warn("\(quoted(path)) starts at a home folder, and HOME is not set; set it", at: place)
      return path
    }
    return ComposePath.join(home, String(path.dropFirst(2)))
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
          warn("the variable \(quoted(name)) is not set; a blank stands in for it", at: variable.place)
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
