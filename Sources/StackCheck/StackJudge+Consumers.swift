package import ComposeFiles
import Policy
package import PolicyFiles
import TextFiles

/// Who uses a gateway's tunnel, and who bypasses it. The same sentence is said once, with all names in it.
extension StackJudge {
  mutating func judgeConsumers(_ consumers: [ComposeService], of gateway: TunnelGateway, _ project: ComposeProject) {
    let name = gateway.service.name
    var groups = ServiceGroups()
    for consumer in consumers {
      let powers = consumer.addedCapabilities.filter { $0.value == "NET_ADMIN" || $0.value == "ALL" }
      if let place = consumer.isPrivileged.flatMap({ $0.value ? $0.place : nil }) ?? powers.first?.place {
        groups.add(.consumerNetAdmin, .high, consumer, place)
      } else if gateway.image == .wgQuick {
        let dropped = consumer.droppedCapabilities.map(\.value)
        let added = consumer.addedCapabilities.first { $0.value == "NET_RAW" }
        if added != nil || !(dropped.contains("ALL") || dropped.contains("NET_RAW")) {
          groups.add(.consumerNetRaw, .low, consumer, added?.place ?? consumer.place)
        }
      }
      for port in consumer.ports { groups.add(.portOnConsumer, .medium, consumer, port.place) }
      let dependency = consumer.dependencies.first { $0.value.service == name }
      let isElsewhere = consumer.project != gateway.service.project
      if !consumer.tellsDependencies {
        report.problems.append(
          PolicyFileProblem(
            file: consumer.place.file,
            message:
              "the engine does not know whether it waits for '\(name)' to be healthy: check its compose file too"))
      } else if !Self.waits(consumer, forHealthOf: name, project) {
        groups.add(
          .startsBeforeTunnel, .medium, consumer, dependency?.place ?? consumer.networkMode?.place ?? consumer.place,
          isElsewhere: isElsewhere)
      } else if gateway.image == .wgQuick, gateway.service.healthCheck?.value.test == nil {
        groups.add(.healthyWithoutHealthCheck, .low, consumer, dependency?.place ?? consumer.place)
      }
      if let restart = consumer.restart, ["always", "unless-stopped"].contains(restart.value) {
        groups.add(.restartRace, .medium, consumer, restart.place, isElsewhere: isElsewhere)
      }
    }
    groups.tell(.consumerNetAdmin, &self) {
      "\($0.text) can change the rules of '\(name)', and mark \($0.areSeveral ? "their" : "its") own packets"
    }
    groups.tell(.consumerNetRaw, &self) { "\($0.text) \($0.areSeveral ? "do" : "does") not drop it" }
    groups.tell(.portOnConsumer, &self) {
      "\($0.text) \($0.areSeveral ? "use" : "uses") the network of '\(name)' and cannot publish ports"
    }
    groups.tell(.startsBeforeTunnel, &self) {
      "\($0.text) \($0.areSeveral ? "do" : "does") not wait for '\(name)' to be healthy"
    }
    groups.tell(.healthyWithoutHealthCheck, &self) {
      "\($0.text) \($0.areSeveral ? "wait" : "waits") for '\(name)' to be healthy, which has no healthcheck"
    }
    let order =
      "start the gateway's project with docker compose up -d --wait, which waits for its healthcheck, and then the "
      + "consumer's; do the same whenever the gateway's container is recreated"
    groups.tell(.startsBeforeTunnel, &self, isElsewhere: true, fix: order) {
      "\($0.text) \($0.areSeveral ? "belong to other projects" : "belongs to another project") than '\(name)', and depends_on does not reach "
        + "there: nothing waits for the tunnel"
    }
    // A gateway whose own first command is the kill switch is closed before anything can join it.
    guard !gateway.scripts.contains(where: { gateway.service.entrypoint?.value.contains($0.target) == true }) else {
      return
    }
    groups.tell(.restartRace, &self) { "the engine restarts \($0.text) by itself" }
    groups.tell(
      .restartRace, &self, isElsewhere: true, fix: "use restart: on-failure for the consumer, and at boot \(order)"
    ) { "the engine restarts \($0.text) by itself" }
  }

  /// A service that is outside on purpose, such as a web server, is no fault: one line informs about it. A service that
  /// is known to want the tunnel is a fault.
  mutating func judgeOutsiders(_ stack: VPNStack, allowed: Set<String>) {
    guard !stack.gateways.isEmpty else { return }
    let outsiders = stack.outsiders.filter { !stack.isAllowed($0, allowed) }
    var groups = ServiceGroups()
    let isUsed = stack.isUsed
    let strays = Set(stack.strays.map(\.name))
    for service in outsiders {
      groups.add(
        .outsideKillSwitch, strays.contains(service.name) ? .high : .info, service,
        service.networkMode?.place ?? service.place)
    }
    groups.tell(.outsideKillSwitch, &self) { named in
      let has = "\(named.text) \(named.areSeveral ? "have networks" : "has a network") outside"
      guard named.severity == .high else { return "\(has) the tunnel" }
      return isUsed
        ? "\(has) the tunnel, and \(named.areSeveral ? "are download clients" : "is a download client")"
        : "no service uses the tunnel: \(has) it"
    }
  }
}

extension VPNStack {
  /// Whether anything uses a tunnel.
  fileprivate var isUsed: Bool {
    !consumers.isEmpty || gateways.contains { $0.service.imageName.isDownloadClient }
  }

  /// Services outside of each tunnel that want one: download clients, and all if nothing else uses it.
  package var strays: [ComposeService] {
    guard !gateways.isEmpty else { return [] }
    let isUsed = isUsed
    let servers = Set(servers.map(\.service.name))
    return outsiders.filter { !servers.contains($0.name) && (!isUsed || $0.imageName.isDownloadClient) }
  }
}

extension String {
  /// Whether an image of this name downloads things that its user would rather not be seen with.
  fileprivate var isDownloadClient: Bool {
    let clients = [
      "amule", "aria2", "deluge", "flood", "jdownloader", "ktorrent", "nicotine", "nzbget", "pyload", "qbittorrent",
      "rtorrent",
      "rutorrent", "sabnzbd", "slskd", "soulseek", "transmission", "webtorrent",
    ]
    return clients.contains(where: contains) && !contains("exporter")
  }
}
