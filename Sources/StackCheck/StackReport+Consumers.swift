import Policy
import PolicyFiles

/// Who uses a gateway's tunnel, and who goes around it: the same sentence is said once, with the names in it.
extension StackReport {
  mutating func judgeConsumers(_ consumers: [ComposeService], of gateway: TunnelGateway, _ project: ComposeProject) {
    let name = gateway.service.name
    var groups = Groups()
    for consumer in consumers {
      let powers = consumer.addedCapabilities.filter { $0.value == "NET_ADMIN" || $0.value == "ALL" }
      if let place = consumer.isPrivileged.flatMap({ $0.value ? $0.place : nil }) ?? powers.first?.place {
        groups.add(.consumerNetAdmin, consumer, place)
      } else if gateway.image == .wgQuick {
        let dropped = consumer.droppedCapabilities.map(\.value)
        let added = consumer.addedCapabilities.first { $0.value == "NET_RAW" }
        if added != nil || !(dropped.contains("ALL") || dropped.contains("NET_RAW")) {
          groups.add(.consumerNetRaw, consumer, added?.place ?? consumer.place)
        }
      }
      for port in consumer.ports { groups.add(.portOnConsumer, consumer, port.place) }
      let dependency = consumer.dependencies.first { $0.value.service == name }
      let isElsewhere = consumer.project != gateway.service.project
      if !consumer.tellsDependencies {
        problems.append(
          PolicyFileProblem(
            file: consumer.place.file,
            message:
              "whether it waits for '\(name)' to be healthy, the engine does not know: check its compose file, too"))
      } else if !Self.waits(consumer, forHealthOf: name, project) {
        groups.add(
          .startsBeforeTunnel, consumer, dependency?.place ?? consumer.networkMode?.place ?? consumer.place,
          isElsewhere: isElsewhere)
      } else if gateway.image == .wgQuick, gateway.service.healthCheck?.value.test == nil {
        groups.add(.healthyWithoutHealthCheck, consumer, dependency?.place ?? consumer.place)
      }
      if let restart = consumer.restart, ["always", "unless-stopped"].contains(restart.value) {
        groups.add(.restartRace, consumer, restart.place, isElsewhere: isElsewhere)
      }
    }
    groups.tell(.consumerNetAdmin, .high, &self) {
      "\($0) may change the rules of '\(name)', and mark \($1 ? "their" : "its") own packets"
    }
    groups.tell(.consumerNetRaw, .low, &self) { "\($0) \($1 ? "do" : "does") not drop it" }
    groups.tell(.portOnConsumer, .medium, &self) {
      "\($0) \($1 ? "use" : "uses") the network of '\(name)' and cannot publish ports"
    }
    groups.tell(.startsBeforeTunnel, .medium, &self) {
      "\($0) \($1 ? "do" : "does") not wait for '\(name)' to be healthy"
    }
    groups.tell(.healthyWithoutHealthCheck, .low, &self) {
      "\($0) \($1 ? "wait" : "waits") for '\(name)' to be healthy, which has no healthcheck"
    }
    let order =
      "start the gateway's project with docker compose up -d --wait, which waits for its healthcheck, and then the "
      + "consumer's; the same order again whenever the gateway's container is made anew"
    groups.tell(.startsBeforeTunnel, .medium, &self, isElsewhere: true, mending: order) {
      "\($0) \($1 ? "are of other projects" : "is of another project") than '\(name)', and depends_on does not reach there: "
        + "nothing waits for the tunnel"
    }
    // A gateway whose own first command is the kill switch is closed before anything can join it.
    guard !gateway.scripts.contains(where: { gateway.service.entrypoint?.value.contains($0.target) == true }) else {
      return
    }
    groups.tell(.restartRace, .medium, &self) { names, _ in "the engine restarts \(names) by itself" }
    groups.tell(
      .restartRace, .medium, &self, isElsewhere: true,
      mending: "use restart: on-failure for the consumer, and at boot \(order)"
    ) { names, _ in "the engine restarts \(names) by itself" }
  }

  /// Outside on purpose, as a web server is, is no fault: it is told of in one line. What is known to want the tunnel is one.
  mutating func judgeOutsiders(_ stack: VPNStack, allowed: Set<String>) {
    guard !stack.gateways.isEmpty else { return }
    // The auditor itself is on the host's network, and has to be.
    let outsiders = stack.outsiders.filter { service in
      allowed.isDisjoint(with: [service.name, stack.containerName(service)]) && !service.imageName.contains("leakaudit")
    }
    var groups = Groups()
    let isUsed = !stack.consumers.isEmpty || stack.gateways.contains { $0.service.imageName.isDownloadClient }
    let servers = Set(stack.servers.map(\.service.name))
    for service in outsiders {
      let wantsTunnel = !servers.contains(service.name) && (!isUsed || service.imageName.isDownloadClient)
      groups.add(.outsideKillSwitch, service, service.networkMode?.place ?? service.place, isWorse: wantsTunnel)
    }
    groups.tell(.outsideKillSwitch, .high, &self, isWorse: true) {
      isUsed
        ? "\($0) \($1 ? "have networks" : "has a network") outside of the tunnel, and \($1 ? "are download clients" : "is a download client")"
        : "nobody uses the tunnel: \($0) \($1 ? "have networks" : "has a network") outside of it"
    }
    groups.tell(.outsideKillSwitch, .info, &self) {
      "\($0) \($1 ? "have networks" : "has a network") outside of the tunnel"
    }
  }

  /// Services of which the same is said, in the order of the files.
  private struct Groups {
    private var members: [Key: [(name: String, place: SourcePlace)]] = [:]

    private struct Key: Hashable {
      var fault: StackFault
      var isWorse: Bool
      /// Of services of another project than the gateway's.
      var isElsewhere: Bool
    }

    mutating func add(
      _ fault: StackFault, _ service: ComposeService, _ place: SourcePlace, isWorse: Bool = false,
      isElsewhere: Bool = false
    ) {
      let key = Key(fault: fault, isWorse: isWorse, isElsewhere: isElsewhere)
      guard members[key]?.contains(where: { $0.name == service.name }) != true else { return }
      members[key, default: []].append((service.name, place))
    }

    /// One finding at the first of them. `sentence` is given the names, and whether there are several.
    func tell(
      _ fault: StackFault, _ severity: Severity, _ report: inout StackReport, isWorse: Bool = false,
      isElsewhere: Bool = false, mending: String? = nil, _ sentence: (String, Bool) -> String
    ) {
      guard let found = members[Key(fault: fault, isWorse: isWorse, isElsewhere: isElsewhere)], let first = found.first
      else { return }
      let names = quotedList(found.map(\.name))
      report.add(
        fault, severity, at: first.place,
        sentence((found.count == 1 ? "the service " : "the services ") + names, found.count > 1), mending: mending)
    }
  }
}

extension String {
  /// Whether an image of this name downloads what its user would rather not be seen to.
  fileprivate var isDownloadClient: Bool {
    let clients = [
      "amule", "aria2", "deluge", "flood", "jdownloader", "ktorrent", "nicotine", "nzbget", "pyload", "qbittorrent",
      "rtorrent",
      "rutorrent", "sabnzbd", "slskd", "soulseek", "transmission", "webtorrent",
    ]
    return clients.contains(where: contains) && !contains("exporter")
  }
}
