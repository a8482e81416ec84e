import ComposeFiles
import Policy
import PolicyFiles
import TextFiles
import Wire

/// What the service that holds the tunnel does, as far as its image and the project's files tell.
extension StackJudge {
  mutating func judge(_ gateway: TunnelGateway, _ stack: VPNStack, _ rehearse: Rehearse? = nil) {
    let network = gateway.service.networks.first.flatMap { stack.project.network($0.network) }
    let subnet = network?.subnets.first { $0.value.address.isIPv4 }?.value
    report.files += gateway.configs.map(\.config.fileName).filter { $0 != gateway.service.place.file }
    let start = GatewayStart(gateway)
    if case .host? = gateway.service.networkMode?.value, let place = gateway.service.networkMode?.place {
      add(
        .hostNetwork, .high, at: place,
        "the service '\(gateway.service.name)' holds the tunnel in the machine's network: its rules in OUTPUT do not apply to "
          + "other containers, only rules in DOCKER-USER do")
    }
    // gluetun reads its configuration and resolves names by itself: what wg-quick would make of it decides nothing.
    if gateway.image == .gluetun {
      // Another image may use the same variables.
      let isNamed = gateway.service.imageName.contains("gluetun")
      let unread = start.unread + (isNamed ? [] : [Self.notKnown(gateway, gateway.service.imageName)])
      return judgeGluetun(gateway, stack, subnet: subnet, unread: unread)
    }
    var life = Lifecycle(gateway, subnet: subnet, first: start.script)
    report.files += gateway.scripts.map(\.path) + life.filesRead
    var shown: [StackFinding] = []
    // Nobody has read which of the files another image runs, and what else it runs.
    if let rehearse, gateway.image == .wgQuick {
      let own = gateway.scripts.map(\.path) + life.filesRead + gateway.configs.map(\.config.fileName)
      shown = judge(
        life, files: own, rehearsing: RehearsalPlan(gateway, life, first: start.script, subnet: subnet), rehearse)
    }
    life.hide(behind: start.unread)
    if case .other(let image) = gateway.image {
      life.hide(behind: [Self.notKnown(gateway, image)])
    } else if let missing = gateway.missingConfig {
      report.unread.append(missing)
    }
    let mayHaveIPv6 =
      gateway.service.networks.isEmpty
      || gateway.service.networks.contains { stack.project.network($0.network)?.mayHaveIPv6 ?? true }
    func judgeRules(_ judge: inout Self, _ life: Lifecycle, _ openings: StateOpenings) {
      judge.judgeKillSwitch(
        life, openings, of: gateway.service.place, scripts: gateway.scripts.map(\.path), mayHaveIPv6: mayHaveIPv6)
      judge.judgeForwarding(life, routes: gateway.service.routes ?? life.routesOthers)
    }
    judgeHealthCheck(gateway, &life) { judgeRules(&$0, $1, StateOpenings($1)) }
    report.skipped += life.skipped
    let openings = StateOpenings(life)
    judgeRules(&self, life, openings)
    for (_, config) in gateway.configs {
      judgeConfig(config, life, openings, source: config.fileName)
      report.problems += config.problems.filter { !config.refusals.contains($0) }
    }
    report.addUntold(shown)
  }

  /// No file shows a firewall that an image makes by itself, or whether the image runs the mounted scripts. Nothing is
  /// said about that, in either direction.
  private static func notKnown(_ gateway: TunnelGateway, _ image: String) -> SkippedCommand {
    SkippedCommand(
      place: gateway.service.image?.place ?? gateway.service.place,
      text: image.isEmpty ? "an image that is built here" : "image: \(image)",
      reason:
        "no file here shows whether the service '\(gateway.service.name)' has its own kill switch, or what that lets out; "
        + "audit it on the wire with watch")
  }
}

extension StateOpenings {
  /// Whether IPv4 is not open at large, neither before the tunnel nor after it.
  var isClosed: Bool { !isOpenAtLarge(.down, .ipv4) && !isOpenAtLarge(.afterScripts, .ipv4) }
}

extension ComposeNetwork {
  /// Whether a container in it may have an IPv6 address that leads anywhere, stated here or set by whoever made the
  /// network.
  fileprivate var mayHaveIPv6: Bool {
    enablesIPv6 || isExternal || subnets.contains { !$0.value.address.isIPv4 }
      || driver.map(ContainerNetworkDriver.isOnLink) == true
  }
}
