import ComposeFiles
import Policy
import PolicyFiles
import TextFiles
import Wire

/// What the compose file says: who shares the tunnel's namespace, with which powers, and from when on.
extension StackJudge {
  mutating func judgeServices(_ stack: VPNStack, allowed: Set<String>) {
    for gateway in stack.gateways {
      judgeGateway(gateway)
      judgeConsumers(stack.consumers(of: gateway), of: gateway, stack.project)
    }
    judgeOutsiders(stack, allowed: allowed)
    judgeReach(stack, allowed: allowed)
  }

  private mutating func judgeGateway(_ gateway: TunnelGateway) {
    let service = gateway.service
    // For other images, it is not known what they set by themselves, and whom they ask.
    guard gateway.image == .wgQuick else { return }
    let key = "net.ipv4.conf.all.src_valid_mark"
    if case .host? = service.networkMode?.value {
      // Whether the machine has the value that wg-quick needs, its files do not say.
      for sysctl in service.sysctls.sorted(by: { $0.key < $1.key }) where sysctl.key.hasPrefix("net.") {
        report.problems.append(
          PolicyFileProblem(
            file: sysctl.value.place.file, line: sysctl.value.place.line,
            message:
              "Docker does not start a container in the machine's network that sets \(sysctl.key): set it on the "
              + "machine itself"))
      }
    } else if gateway.configs.contains(where: { $0.config.makesDefaultRoute }), service.isPrivileged?.value != true,
      service.sysctls[key]?.value != "1"
    {
      add(
        .srcValidMark, .medium, at: service.sysctls[key]?.place ?? service.place,
        "the service '\(service.name)' does not set \(key)=1")
    }
    if service.resolvers.isEmpty, gateway.configs.contains(where: { $0.config.isClient }) {
      add(
        .dockerResolverOpen, .medium, at: service.place,
        "the service '\(service.name)' has no dns: its queries go to the machine's resolver while the tunnel is down"
      )
    }
    if let check = service.healthCheck, !check.value.isDisabled, let text = check.value.test?.text, Self.isBlind(text) {
      add(.healthCheckBlind, .low, at: check.place, "'\(text)' uses any route that there is, even in clear")
    }
  }

  /// Whether the service starts only when the other is healthy, itself or through services that it waits for.
  static func waits(_ service: ComposeService, forHealthOf name: String, _ project: ComposeProject) -> Bool {
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

  /// Whether the text calls programs that ask the network, with nothing that ties them to the tunnel.
  static func isBlind(_ text: String) -> Bool {
    let words = text.split { $0.isWhitespace || ";&|'\"()[]".contains($0) }.map(String.init)
    let programs = words.map { $0.split(separator: "/").last.map(String.init) ?? $0 }
    guard
      programs.contains(
        where: ["ping", "ping6", "curl", "wget", "nc", "dig", "nslookup", "host", "traceroute"].contains)
    else { return false }
    // A program that looks at the tunnel itself, or is bound to it, fails without it.
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
