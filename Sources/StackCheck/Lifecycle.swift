import ComposeFiles
import PolicyFiles
import ShellScript
import TextFiles
import Wire

/// The states that a gateway's network namespace goes through, as its files make them: the start-up scripts, then
/// wg-quick with its hooks, then wg-quick down.
struct Lifecycle: Sendable {
  /// After the start-up scripts. It stays this way if wg-quick refuses its configuration.
  private(set) var afterScripts: NetworkNamespace
  /// After wg-quick up, with the hooks; the same as before if nothing comes up.
  private(set) var up: NetworkNamespace
  /// After wg-quick down.
  private(set) var down: NetworkNamespace
  /// After the scripts, with only the tunnels that others call: the state if a client's tunnel does not come up. Nil
  /// unless there are tunnels of both sorts.
  private(set) var served: NetworkNamespace?
  /// The interfaces of the container's networks.
  let networks: [String]
  private(set) var possibleEnds: [ScriptHost.PossibleEnd] = []
  /// The possible ends of hooks, which wg-quick runs under `set -e`.
  private(set) var hookEnds: [ScriptHost.PossibleEnd] = []
  private(set) var skipped: [SkippedCommand] = []
  private(set) var refusedCommands: [(place: SourcePlace, text: String, reason: String)] = []
  /// Files that scripts and hooks run or load.
  private(set) var filesRead: [String] = []
  /// Rules of a start-up script that a configuration's hook takes away.
  private(set) var deletions: [(rule: FilterRule, place: SourcePlace)] = []
  /// Configurations in the order in which they come up, with the place of the script command that brings them up, if
  /// any.
  private(set) var order: [(config: WireGuardConfig, script: SourcePlace?)] = []
  /// The host before anything ran.
  let initial: ScriptHost
  let environment: [String: String]

  /// `subnet` is that of the network by which the gateway reaches the outside, if the files state it. `first` runs
  /// before the start-up scripts.
  init(_ gateway: TunnelGateway, subnet: IPPrefix? = nil, first: TunnelGateway.StartupScript? = nil) {
    var namespace = NetworkNamespace()
    if let disabled = gateway.service.sysctls["net.ipv6.conf.all.disable_ipv6"], disabled.value == "1" {
      namespace.ipv6Disabled = disabled.place
    }
    var host = ScriptHost(namespace, configs: gateway.configs)
    host.files = { gateway.file(at: $0) }
    host.isRoot = !gateway.service.unreadKeys.contains { $0.name == "user" }
    host.writesKernelSettings = gateway.service.isPrivileged?.value == true
    if let subnet, subnet.address.isIPv4 {
      host.gatewayAddress = subnet.address.next
      host.ownAddress = gateway.service.networks.first?.ipv4Address?.value ?? subnet.address.next.next
    }
    self.init(
      host, networks: gateway.service.interfaceNames, scripts: (first.map { [$0] } ?? []) + gateway.scripts,
      environment: gateway.service.environment.mapValues(\.value),
      isStarted: { Self.isStarted($0, gateway) })
  }

  /// Scripts and configurations by themselves, as wg-quick runs them on a machine: all configurations come up.
  init(scripts: [TunnelGateway.StartupScript], configs: [WireGuardConfig]) {
    let host = ScriptHost(NetworkNamespace(), configs: configs.map { ("/etc/wireguard/\($0.interfaceName).conf", $0) })
    self.init(host, networks: ["eth0"], scripts: scripts, environment: [:], isStarted: { _ in true })
  }

  init(
    _ initial: ScriptHost, networks: [String], scripts: [TunnelGateway.StartupScript], environment: [String: String],
    isStarted: (String) -> Bool
  ) {
    self.networks = networks
    var host = initial
    host.onlyNetwork = networks.count == 1 ? networks[0] : nil
    self.initial = host
    self.environment = environment
    for script in scripts {
      host.file = script.path
      var shell = ShellInterpreter(host, variables: environment, own: host.ownVariables)
      shell.run(script.text)
      host = shell.host
    }
    possibleEnds = host.possibleEnds
    let scriptRules = Set(host.namespace.ruleset.chains.values.flatMap(\.rules).map(\.place))
    afterScripts = host.namespace

    let byScript = host.broughtUp.map { ($0.config, Optional($0.place)) }
    // linuxserver brings up what is in wg_confs, or else the one wg0.conf. Other files come up only if a script does
    // it.
    let byImage = host.configs.filter { path, config in
      !byScript.contains { $0.0.fileName == config.fileName } && isStarted(path)
    }
    order = byScript + byImage.map { ($0.config, nil) }
    let servers = order.filter { !$0.config.isClient }
    if !servers.isEmpty, servers.count < order.count {
      var other = host
      for (config, _) in servers { Self.bringUp(config, environment, &other) }
      served = other.namespace
    }
    for (config, _) in order { Self.bringUp(config, environment, &host) }
    up = host.namespace
    for (config, _) in order.reversed() {
      Self.runHooks(.preDown, of: config, environment, &host)
      for tunnel in host.namespace.tunnels where tunnel.interface == config.interfaceName {
        host.namespace.route(through: tunnel, isUp: false)
      }
      host.namespace.tunnels.removeAll { $0.interface == config.interfaceName }
      Self.runHooks(.postDown, of: config, environment, &host)
    }
    down = host.namespace
    hookEnds = Array(host.possibleEnds.dropFirst(possibleEnds.count))
    skipped = host.skipped
    refusedCommands = host.refusedCommands
    filesRead = host.filesRead
    deletions = host.deletions.filter { scriptRules.contains($0.rule.place) }
  }

  /// A namespace in its current state, which stands for all states.
  init(now host: ScriptHost, networks: [String], order configs: [WireGuardConfig]) {
    self.networks = networks
    (initial, environment) = (host, [:])
    (afterScripts, up, down) = (host.namespace, host.namespace, host.namespace)
    skipped = host.skipped
    refusedCommands = host.refusedCommands
    order = configs.map { ($0, nil) }
  }

  /// Brings up a configuration even if wg-quick will refuse the file. That is a fault of its own; the hooks are judged
  /// as if the line were right.
  private static func bringUp(_ config: WireGuardConfig, _ environment: [String: String], _ host: inout ScriptHost) {
    runHooks(.preUp, of: config, environment, &host)
    let tunnel = NetworkNamespace.Tunnel(
      interface: config.interfaceName, config: config, mark: host.namespace.mark(for: config))
    host.namespace.tunnels.append(tunnel)
    host.namespace.route(through: tunnel, isUp: true)
    runHooks(.postUp, of: config, environment, &host)
  }

  /// What decides which packets are the tunnels', from all client configurations that come up.
  var facts: LeakSpace.Facts {
    LeakSpace.Facts(
      networks: networks,
      configs: order.filter { $0.config.isClient }.map { entry in
        WireGuardFacts(
          endpoints: entry.config.peers.compactMap { peer in
            guard case .address(let endpoint)? = peer.endpoint?.value else { return nil }
            return endpoint
          },
          addresses: entry.config.addresses.map(\.value.address), resolvers: entry.config.resolvers.map(\.value))
      })
  }

  /// Where a script or a hook turns on routing for others.
  var routesOthers: SourcePlace? { up.routesOthers ?? afterScripts.routesOthers }

  /// Replaces the states at rest, and drops what happened on the way to them.
  mutating func change(_ body: (NetworkNamespace) -> NetworkNamespace) {
    afterScripts = body(afterScripts)
    served = served.map(body)
    up = body(up)
    down = body(down)
    possibleEnds = []
    hookEnds = []
    refusedCommands = []
    deletions = []
  }

  /// Adds what runs beside the scripts and was not read.
  mutating func hide(behind unread: [SkippedCommand]) { skipped = unread + skipped }

  /// Replaces the rules and routes that were worked out; what is known about the tunnels stays.
  mutating func replace(
    afterScripts first: NetworkNamespace, up second: NetworkNamespace, down third: NetworkNamespace,
    served other: NetworkNamespace?
  ) {
    let former = (afterScripts.tunnels, up.tunnels, down.tunnels, served?.tunnels)
    (afterScripts, up, down, served) = (first, second, third, other)
    (afterScripts.tunnels, up.tunnels, down.tunnels) = (former.0, former.1, former.2)
    served?.tunnels = former.3 ?? []
    deletions = []
  }

  /// Drops the notes that lines of these files were not understood.
  mutating func forget(unreadIn files: Set<String>) { skipped.removeAll { files.contains($0.place.file) } }

  /// Whether a line that was not understood may have made or removed rules. The rules that the other lines make may
  /// then differ from the real ones.
  var hidesRules: Bool { skipped.contains(where: \.mayMakeRules) }

  private static func isStarted(_ path: String, _ gateway: TunnelGateway) -> Bool {
    if path.hasPrefix("/config/wg_confs/") || path.hasPrefix("/etc/wireguard/") { return true }
    let hasFolder = gateway.configs.contains { $0.path.hasPrefix("/config/wg_confs/") }
    return !path.hasPrefix("/config/") || (path == "/config/wg0.conf" && !hasFolder)
  }

  /// Runs hooks as wg-quick does (wg-quick, `set -e`): `%i` is the interface, and the first hook that fails is the
  /// last.
  private static func runHooks(
    _ moment: WireGuardConfig.Hook.Moment, of config: WireGuardConfig, _ variables: [String: String],
    _ host: inout ScriptHost
  ) {
    for hook in config.hooks where hook.value.moment == moment {
      host.file = config.fileName
      var shell = ShellInterpreter(host, variables: variables, own: host.ownVariables)
      shell.run(hook.value.command.replacing("%i", with: config.interfaceName), firstLine: hook.line, endsOnError: true)
      host = shell.host
      if shell.hasFailed { break }
    }
  }
}

extension IPAddress {
  /// The address after this one.
  fileprivate var next: IPAddress {
    isIPv4 ? IPAddress(v4: UInt32(truncatingIfNeeded: low) &+ 1) : IPAddress(v6High: high, low: low &+ 1)
  }
}
