import TextFiles

/// A key of a service: the form in which files are merged, and what is read of it. A new key is one entry of the table.
struct ComposeServiceKey: Sendable {
  let name: String
  let use: Use

  enum Use: Sendable {
    /// Read when all files are merged. Without a reader of its own, another key's reader reads it.
    case read(Form, Reader?)
    /// Says nothing about where packets go, or who may decide it.
    case harmless
    /// May say something about it, but is not read.
    case unread(ComposeService.UnreadKey.Concern, because: String, unless: @Sendable (ComposeNode) -> Bool)
  }

  typealias Form = @Sendable (inout ComposeReading, ComposeNode, _ scope: Int) -> ComposeNode
  typealias Reader = @Sendable (inout ComposeReading, Merged, inout ComposeService) -> Void

  /// A service after merging.
  struct Merged {
    var fields: ComposeMapping
    var model: ComposeMapping
  }

  private init(_ name: String, _ use: Use) {
    self.name = name
    self.use = use
  }

  static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })

  /// In the order in which they are read: networks need the mode, variables need the profiles.
  static let all: [Self] =
    [
      text("image") { $1.image = $0 },
      text("container_name") { $1.containerName = $0 },
      text("network_mode") { mode, service in
        service.networkMode = mode.value.isEmpty ? nil : Located(.init(mode.value), at: mode.place)
      },
      .init(
        "entrypoint",
        .read(list("entrypoint", takesScalar: true)) { $2.entrypoint = $0.commandLine($1.fields["entrypoint"]) }),
      .init("command", .read(list("command", takesScalar: true)) { $2.command = $0.commandLine($1.fields["command"]) }),
      hook("post_start"), hook("pre_stop"),
      .init("cap_add", .read(list("cap_add")) { $2.addedCapabilities = $0.capabilities($1.fields["cap_add"]) }),
      .init("cap_drop", .read(list("cap_drop")) { $2.droppedCapabilities = $0.capabilities($1.fields["cap_drop"]) }),
      switchKey("privileged") { $1.isPrivileged = $0 },
      switchKey("use_api_socket") { $1.usesEngineSocket = $0 },
      .init("profiles", .read(list("profiles")) { $2.profiles = $0.texts($1.fields["profiles"]) }),
      .init(
        "environment",
        .read({ $0.environment($1, scope: $2) }) { reading, merged, service in
          service.environment = reading.environment(of: merged.fields, isStarted: service.profiles.isEmpty)
        }),
      .init("env_file", .read(list("env_file", takesScalar: true) { $0.environmentFile($1, scope: $2) }, nil)),
      .init(
        "volumes",
        .read(list("volumes") { $0.volume($1, scope: $2) }) { $2.mounts = $0.mounts(of: $1.fields, in: $1.model) }),
      .init("tmpfs", .read(list("tmpfs", takesScalar: true), nil)),
      .init("configs", .read(list("configs") { reading, node, _ in reading.reference(node, kind: "configs") }, nil)),
      .init("secrets", .read(list("secrets") { reading, node, _ in reading.reference(node, kind: "secrets") }, nil)),
      .init(
        "ports", .read(list("ports") { reading, node, _ in reading.port(node) }) { $2.ports = $0.ports(of: $1.fields) }),
      .init(
        "sysctls",
        .read({ reading, node, _ in reading.mapping(node, of: "sysctls", separator: "=") }) {
          $2.readSysctls($1.fields)
        }),
      .init(
        "healthcheck",
        .read(map("healthcheck", of: "test")) { $2.healthCheck = $0.healthCheck($1.fields["healthcheck"]) }),
      .init(
        "depends_on",
        .read({ reading, node, _ in reading.mapping(node, of: "depends_on", separator: nil) }) {
          reading, merged, service in
          service.dependencies = reading.dependencies(of: merged.fields, mode: service.networkMode)
        }),
      .init("links", .read(list("links"), nil)),
      .init("ipc", .read(scalar("ipc"), nil)),
      text("restart") { $1.restart = $0 },
      .init(
        "deploy",
        .read(map("deploy", of: "restart_policy")) { $2.restart = $0.restart($1.fields["deploy"]) ?? $2.restart }),
      .init("dns", .read(list("dns", takesScalar: true)) { $2.resolvers = $0.texts($1.fields["dns"]) }),
      .init(
        "networks",
        .read({ reading, node, _ in reading.mapping(node, of: "networks", separator: nil) }) {
          $2.networks = $0.attachments(of: $2, $1.fields)
        }),
      .init("mac_address", .read(scalar("mac_address"), nil)),
      text("pid") { $1.processes = $0 },
      .init("volumes_from", .read(list("volumes_from")) { $2.mountsOf = $0.mountsOf($1.fields["volumes_from"]) }),
    ] + unread
    + [
      "annotations", "attach", "blkio_config", "build", "cgroup", "cgroup_parent", "cpu_count", "cpu_percent",
      "cpu_period", "cpu_quota", "cpu_rt_period", "cpu_rt_runtime", "cpu_shares", "cpus", "cpuset", "credential_spec",
      "dns_opt", "dns_search", "domainname", "expose", "extends", "external_links", "extra_hosts", "gpus",
      "group_add", "hostname", "init", "isolation", "label_file", "labels", "logging", "mem_limit", "mem_reservation",
      "mem_swappiness", "memswap_limit", "models", "oom_kill_disable", "oom_score_adj", "pids_limit", "platform",
      "provider", "pull_policy", "read_only", "scale", "security_opt", "shm_size", "stdin_open", "stop_grace_period",
      "stop_signal", "storage_opt", "tty", "ulimits", "userns_mode", "uts", "working_dir",
    ].map { .init($0, .harmless) }

  private static let unread: [Self] = [
    .init(
      "user",
      .unread(.gateway, because: "it is not known whether this user may make rules") { node in
        ["", "0", "root"].contains(node.scalar?.prefix { $0 != ":" } ?? "?")
      }),
    .init(
      "runtime",
      .unread(.gateway, because: "this runtime may have its own rules and networks") { $0.scalar == "runc" }),
    .init(
      "develop",
      .unread(.gateway, because: "while 'docker compose watch' runs, it changes files and runs programs there") { _ in
        false
      }),
    .init(
      "devices",
      .unread(.anyone, because: "such a device may give access to the machine") { node in
        node.items.allSatisfy { isHarmlessDevice($0.scalar ?? $0.mapping?["source"]?.scalar) }
      }),
    .init(
      "device_cgroup_rules",
      .unread(.anyone, because: "whoever may create devices for the machine's disks can reach its files") { node in
        node.items.allSatisfy { $0.scalar?.hasPrefix("c ") == true }
      }),
  ]

  /// Devices that give no access to the machine's disks or its memory.
  private static func isHarmlessDevice(_ text: String?) -> Bool {
    guard let path = text?.prefix(while: { $0 != ":" }), path.hasPrefix("/") else { return text != nil }
    // A path with `..` may lead to another device.
    if path.contains("..") { return false }
    let folders = [
      "/dev/bus/usb", "/dev/dri", "/dev/dvb", "/dev/input", "/dev/net/tun", "/dev/serial", "/dev/snd", "/dev/usb",
    ]
    if folders.contains(where: { path == $0 || path.hasPrefix($0 + "/") }) { return true }
    let names = [
      "accel", "apex_", "cdrom", "fuse", "hidraw", "kfd", "mali", "media", "mpp_service", "nvidia", "nvram", "rga",
      "sr", "tty", "vchiq", "video",
    ]
    return names.contains { path.hasPrefix("/dev/" + $0) }
  }

  // MARK: - Kinds of keys

  private static func text(_ name: String, _ read: @escaping @Sendable (Located<String>, inout ComposeService) -> Void)
    -> Self
  {
    .init(
      name,
      .read(scalar(name)) { reading, merged, service in
        if let text = reading.located(merged.fields[name]) { read(text, &service) }
      })
  }

  private static func switchKey(
    _ name: String, _ read: @escaping @Sendable (Located<Bool>, inout ComposeService) -> Void
  ) -> Self {
    .init(
      name,
      .read(scalar(name)) { reading, merged, service in
        guard let node = merged.fields[name], let flag = reading.flag(node, name) else { return }
        read(Located(flag, at: node.place), &service)
      })
  }

  private static func hook(_ name: String) -> Self {
    .init(
      name,
      .read({ _, node, _ in node }) { _, merged, service in
        guard let node = merged.fields[name], !node.items.isEmpty else { return }
        service.hooks.append(Located(name, at: node.place))
      })
  }

  // MARK: - Forms

  private static func scalar(_ name: String) -> Form {
    { reading, node, _ in
      guard node.scalar == nil else { return node }
      reading.report("\(quoted(name)) must be a single value, not a list or a map", at: node.place)
      return ComposeNode(.null, at: node.place)
    }
  }

  private static func list(
    _ name: String, takesScalar: Bool = false,
    _ item: @escaping @Sendable (inout ComposeReading, ComposeNode, _ scope: Int) -> ComposeNode? = {
      reading, node, _ in
      reading.text(node)
    }
  ) -> Form {
    { reading, node, scope in
      reading.list(node, of: name, takesScalar: takesScalar) { item(&$0, $1, scope) }
    }
  }

  private static func map(_ name: String, of key: String) -> Form {
    { reading, node, _ in
      guard node.mapping == nil else { return node }
      reading.report("\(quoted(name)) must be a map of \(quoted(key)) and the like", at: node.place)
      return ComposeNode(.null, at: node.place)
    }
  }
}
