import Policy
import PolicyFiles
import Wire

/// What the compose file says: who shares the tunnel's namespace, with which powers, and from when on.
extension StackReport {
  mutating func judgeServices(_ stack: VPNStack, allowed: Set<String>) {
    for gateway in stack.gateways {
      judgeGateway(gateway, hasConsumers: !stack.consumers(of: gateway).isEmpty)
      for consumer in stack.consumers(of: gateway) { judgeConsumer(consumer, gateway: gateway, stack.project) }
    }
    guard !stack.gateways.isEmpty else { return }
    for service in stack.outsiders where allowed.isDisjoint(with: [service.name, stack.containerName(service)]) {
      let isHost = service.networkMode?.value == .host
      // The auditor itself is on the host's network, and has to be.
      if isHost, service.image?.value.contains("leakaudit") == true { continue }
      add(
        .outsideKillSwitch, isHost ? .medium : .high, at: service.networkMode?.place ?? service.place,
        isHost
          ? "the service '\(service.name)' is on the host's own network"
          : "the service '\(service.name)' has a network of its own")
    }
  }

  private mutating func judgeGateway(_ gateway: TunnelGateway, hasConsumers: Bool) {
    let service = gateway.service
    if gateway.image == .gluetun { return judgeGluetun(service) }
    let key = "net.ipv4.conf.all.src_valid_mark"
    if gateway.configs.contains(where: { $0.config.makesDefaultRoute }), service.isPrivileged?.value != true,
      service.sysctls[key]?.value != "1"
    {
      add(
        .srcValidMark, .medium, at: service.sysctls[key]?.place ?? service.place,
        "the service '\(service.name)' does not set \(key)=1")
    }
    if service.resolvers.isEmpty, gateway.configs.contains(where: { $0.config.isClient }) {
      add(
        .dockerResolverOpen, .medium, at: service.place,
        "the service '\(service.name)' has no dns: its names are asked of the machine's resolver while the tunnel is not up"
      )
    }
    if let check = service.healthCheck, !check.value.isDisabled, let text = check.value.test?.text, Self.isBlind(text) {
      add(.healthCheckBlind, .low, at: check.place, "'\(text)' takes whatever way there is, in clear, too")
    }
  }

  private mutating func judgeConsumer(
    _ consumer: ComposeService, gateway: TunnelGateway, _ project: ComposeProject
  ) {
    let powers = consumer.addedCapabilities.filter { $0.value == "NET_ADMIN" || $0.value == "ALL" }
    if let place = consumer.isPrivileged.flatMap({ $0.value ? $0.place : nil }) ?? powers.first?.place {
      add(
        .consumerNetAdmin, .high, at: place,
        "the service '\(consumer.name)' may change the rules of '\(gateway.service.name)', and mark its own packets")
    } else if gateway.image == .wgQuick {
      let dropped = consumer.droppedCapabilities.map(\.value)
      let added = consumer.addedCapabilities.first { $0.value == "NET_RAW" }
      if added != nil || !(dropped.contains("ALL") || dropped.contains("NET_RAW")) {
        add(
          .consumerNetRaw, .low, at: added?.place ?? consumer.place,
          "the service '\(consumer.name)' does not drop it")
      }
    }
    for port in consumer.ports {
      add(
        .portOnConsumer, .medium, at: port.place,
        "the service '\(consumer.name)' uses the network of '\(gateway.service.name)' and cannot publish ports")
    }
    let dependency = consumer.dependencies.first { $0.value.service == gateway.service.name }
    if !Self.waits(consumer, forHealthOf: gateway.service.name, project) {
      add(
        .startsBeforeTunnel, .medium, at: dependency?.place ?? consumer.place,
        dependency == nil
          ? "the service '\(consumer.name)' does not depend on '\(gateway.service.name)'"
          : "the service '\(consumer.name)' waits for '\(gateway.service.name)' to be started, not to be healthy")
    }
    // A gateway whose own first command is the kill switch is closed before anything can join it.
    let closesFirst = gateway.scripts.contains { gateway.service.entrypoint?.value.contains($0.target) == true }
    if !closesFirst, let restart = consumer.restart, ["always", "unless-stopped"].contains(restart.value) {
      add(
        .restartRace, .medium, at: restart.place,
        "the service '\(consumer.name)' is restarted as '\(restart.value)', without depends_on")
    }
  }

  /// Whether the service starts only when the other is healthy, itself or through services that it waits for.
  private static func waits(_ service: ComposeService, forHealthOf name: String, _ project: ComposeProject) -> Bool {
    var waiting = [service]
    var seen: Set<String> = [service.name]
    while let next = waiting.popLast() {
      for dependency in next.dependencies.map(\.value) {
        let isHealth = dependency.condition == "service_healthy"
        if dependency.service == name { if isHealth { return true } else { continue } }
        guard
          isHealth || dependency.condition == "service_completed_successfully"
            || dependency.condition == "service_started",
          seen.insert(dependency.service).inserted, let other = project.service(dependency.service)
        else { continue }
        waiting.append(other)
      }
    }
    return false
  }

  /// gluetun has a firewall of its own, which variables open.
  private mutating func judgeGluetun(_ service: ComposeService) {
    if let firewall = service.environment["FIREWALL"],
      ["off", "no", "false", "disabled"].contains(firewall.value.lowercased())
    {
      add(.noKillSwitch, .high, at: firewall.place, "FIREWALL=\(firewall.value) turns gluetun's firewall off")
    }
    for name in ["FIREWALL_OUTBOUND_SUBNETS", "EXTRA_SUBNETS"] {
      guard let subnets = service.environment[name], !subnets.value.isEmpty else { continue }
      add(
        .lanDNSAccepted, .medium, at: subnets.place,
        "\(name)=\(subnets.value) lets out everything to these networks, port 53, too")
    }
  }

  /// Programs that ask the network, when nothing ties them to the tunnel.
  static func isBlind(_ text: String) -> Bool {
    let words = text.split { $0.isWhitespace || ";&|'\"()[]".contains($0) }.map(String.init)
    let programs = words.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    guard
      programs.contains(
        where: ["ping", "ping6", "curl", "wget", "nc", "dig", "nslookup", "host", "traceroute"].contains)
    else { return false }
    // What looks at the tunnel itself, or is bound to it, does not pass without one.
    if words.contains(where: {
      $0.hasPrefix("wg") || $0.hasPrefix("tun") || $0.hasPrefix("-Iwg") || $0.hasSuffix("=wg0")
    }) {
      return false
    }
    return !text.contains("localhost") && !text.contains("127.0.0.1")
  }
}

extension ComposeService.HealthCheck.Test {
  var text: String {
    switch self {
    case .shell(let text): text
    case .arguments(let words): words.joined(separator: " ")
    }
  }
}
