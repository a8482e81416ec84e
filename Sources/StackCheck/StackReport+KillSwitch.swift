import Policy
import PolicyFiles
import Wire

/// Whether the rules hold, in each state that the stack goes through.
extension StackReport {
  mutating func judgeKillSwitch(_ life: Lifecycle, of place: SourcePlace, scripts: [String]) {
    let clear4 = Probes.clear(.ipv4)
    let isClosed = life.down.ruleset.refusesAll(clear4) && life.afterScripts.ruleset.refusesAll(clear4)
    if !isClosed { judgeOpen(life, clear4, of: place, scripts: scripts) }
    judgeInterruptions(life)
    for refused in life.refusedCommands {
      add(.ruleRefused, isClosed ? .medium : .high, at: refused.place, "'\(refused.text)': \(refused.reason)")
    }
    for deletion in life.deletions
    where !findings.contains(where: {
      $0.fault == .preDownDeletesScriptRule && $0.place == deletion.place
    }) {
      let opens = !life.down.ruleset.refusesAll(Probes.clear(.ipv4) + Probes.clear(.ipv6))
      add(
        .preDownDeletesScriptRule, opens ? .high : .medium, at: deletion.place,
        "it deletes the rule of \(deletion.rule.place)"
          + (opens ? ", and nothing refuses packets after it" : "; others still refuse"))
    }
    // The state in which the kill switch is to hold: for good, or, where the tunnel's hooks make it, while the tunnel is up.
    let judged = isClosed ? life.down : life.up
    if judged.ruleset.refusesAll(clear4) { judgeIPv6(judged) }
    judgeExceptions(life, judged.ruleset)
    judgeMark(life)
  }

  /// IPv4 gets out in some state: why?
  private mutating func judgeOpen(
    _ life: Lifecycle, _ probes: [ProbePacket], of place: SourcePlace, scripts: [String]
  ) {
    let isOpenBefore = !life.afterScripts.ruleset.refusesAll(probes)
    let isOpenUp = !life.up.ruleset.refusesAll(probes)
    let isOpenAfter = !life.down.ruleset.refusesAll(probes)
    let postUp = life.order.lazy.flatMap { entry in
      entry.config.hooks.filter { $0.value.moment == .postUp || $0.value.moment == .preUp }
        .map { SourcePlace(entry.config.fileName, line: $0.line) }
    }.first
    if isOpenBefore, !isOpenUp {
      add(
        .killSwitchInPostUp, .high, at: postUp ?? place,
        "nothing refuses packets before it has run: not while the container starts, and never where wg-quick fails")
    }
    if !isOpenUp, isOpenAfter, life.deletions.isEmpty {
      let preDown = life.order.lazy.flatMap { entry in
        entry.config.hooks.filter { $0.value.moment == .preDown || $0.value.moment == .postDown }
          .map { SourcePlace(entry.config.fileName, line: $0.line) }
      }.first
      add(
        .preDownRemovesKillSwitch, .high, at: preDown ?? place,
        "after it nothing refuses packets, while consumers run on")
    }
    guard isOpenUp, let open = life.up.ruleset.firstLetOut(probes) else { return }
    if judgeUnusedChains(life.up.ruleset, open.packet) { return }
    if let rule = open.rule, life.up.ruleset.hasRefusal(after: rule, of: open.packet) {
      return add(
        .rejectUnreachable, .high, at: rule.place,
        "'\(rule.text)' lets out \(Self.describe(open.packet)) before a later rule could refuse it")
    }
    if let rule = open.rule {
      return add(
        .noKillSwitch, .high, at: rule.place, "'\(rule.text)' lets out \(Self.describe(open.packet))")
    }
    let partial = probes.filter { !life.up.ruleset.fate(of: $0).isLetOut }
    let file = scripts.first.map { SourcePlace($0) }
    add(
      .noKillSwitch, .high, at: file ?? place,
      partial.isEmpty
        ? "no rule refuses packets that leave by another interface than the tunnel's"
        : "no rule refuses \(Self.describe(open.packet)), although others are refused")
  }

  /// Chains that would refuse, and that nothing jumps to.
  private mutating func judgeUnusedChains(_ ruleset: Ruleset, _ packet: ProbePacket) -> Bool {
    let reachable = ruleset.reachableChains(packet.family)
    var found = false
    for (name, chain) in ruleset.chains where name.family == packet.family && !reachable.contains(name) {
      guard !["INPUT", "FORWARD", "PREROUTING"].contains(name.chain) else { continue }
      guard let rule = chain.rules.first(where: { $0.action == .refuse }) else { continue }
      found = true
      add(.chainUnused, .high, at: rule.place, "nothing jumps from OUTPUT to the chain '\(name.chain)' of this rule")
    }
    return found
  }

  /// Where a script under set -e may end while packets still get out.
  private mutating func judgeInterruptions(_ life: Lifecycle) {
    for family in IPFamily.allCases {
      let probes = Probes.clear(family)
      guard life.afterScripts.ruleset.refusesAll(probes) else { continue }
      guard let end = life.possibleEnds.first(where: { !$0.namespace.ruleset.refusesAll(probes) }) else { continue }
      return add(
        .errexitBeforeKillSwitch, .high, at: end.place,
        end.command.hasPrefix("exit") || end.command.hasPrefix("return")
          ? "the script may end here, and \(family.rawValue) is open then"
          : "if '\(end.command)' fails, the script ends here, and \(family.rawValue) is open")
    }
  }

  private mutating func judgeIPv6(_ namespace: NetworkNamespace) {
    guard namespace.ipv6Disabled == nil, let open = namespace.ruleset.firstLetOut(Probes.clear(.ipv6)) else { return }
    let ipv4Rule = namespace.ruleset.fate(of: Probes.clear(.ipv4)[0])
    guard case .refused(let rule, let place) = ipv4Rule, let place = place ?? rule?.place else { return }
    add(
      .ipv6Open, .high, at: open.rule?.place ?? place,
      open.rule.map { "'\($0.text)' lets IPv6 out" }
        ?? "this refuses IPv4; no rule of ip6tables refuses IPv6, and nothing turns it off")
  }

  /// What gets past a kill switch that holds otherwise.
  private mutating func judgeExceptions(_ life: Lifecycle, _ ruleset: Ruleset) {
    for family in IPFamily.allCases {
      let probes = Probes.clear(family)
      guard ruleset.refusesAll(probes) else { continue }
      let established = probes.map { packet in
        var packet = packet
        packet.isEstablished = true
        return packet
      }
      if let open = ruleset.firstLetOut(established), let rule = open.rule {
        add(.establishedAccepted, .medium, at: rule.place, "'\(rule.text)' comes before what refuses new flows")
      }
      var tunnelResolvers: Set<IPAddress> = []
      for (config, _) in life.order where config.isClient {
        for resolver in config.resolvers where !IPPrefix("127.0.0.0/8")!.contains(resolver.value) {
          guard (family == .ipv4) == resolver.value.isIPv4 else { continue }
          tunnelResolvers.insert(resolver.value)
          judgeResolver(resolver.value, life, ruleset)
        }
      }
      for address in Probes.lanResolvers(ruleset) where (family == .ipv4) == address.isIPv4 {
        guard !tunnelResolvers.contains(address), let open = ruleset.firstLetOut(Probes.dns(to: address)),
          let rule = open.rule
        else { continue }
        guard !findings.contains(where: { $0.fault == .lanDNSAccepted && $0.place == rule.place }) else { continue }
        add(
          .lanDNSAccepted, .high, at: rule.place,
          "'\(rule.text)' lets out \(Self.describe(open.packet))")
      }
    }
  }

  private mutating func judgeResolver(_ resolver: IPAddress, _ life: Lifecycle, _ ruleset: Ruleset) {
    guard let open = ruleset.firstLetOut(Probes.dns(to: resolver)), let rule = open.rule else { return }
    add(
      .tunnelResolverAccepted, .high, at: rule.place,
      "'\(rule.text)' covers \(resolver), the tunnel's resolver, and lets out \(Self.describe(open.packet))")
    guard let route = life.up.routes.first(where: { $0.prefix.length > 0 && $0.prefix.contains(resolver) }) else {
      return
    }
    add(
      .tunnelResolverRouted, .critical, at: route.place,
      "the route to \(route.prefix) covers \(resolver), the tunnel's resolver, also while the tunnel is up")
  }

  /// Whether the tunnel's own packets get out.
  private mutating func judgeMark(_ life: Lifecycle) {
    for tunnel in life.up.tunnels {
      for peer in tunnel.config.peers where peer.statesEndpoint {
        var packet = ProbePacket(
          destination: Probes.public4, transport: .udp, destinationPort: 51820, mark: tunnel.mark)
        if case .address(let endpoint)? = peer.endpoint?.value {
          packet.destination = endpoint.address
          packet.destinationPort = endpoint.port
        }
        guard case .refused(let rule?, _) = life.up.ruleset.fate(of: packet) else { continue }
        let mark = tunnel.mark == 0 ? "no mark" : "the mark 0x\(String(tunnel.mark, radix: 16))"
        let exempt = rule.matches.lazy.compactMap { match -> String? in
          guard case .mark(let value, _) = match.test else { return nil }
          return "0x" + String(value, radix: 16)
        }.first
        add(
          .markMismatch, .medium, at: rule.place,
          "'\(rule.text)' refuses the tunnel's own packets: wg-quick gives them \(mark)"
            + (exempt.map { ", the rule exempts \($0)" } ?? ""))
      }
    }
  }

  static func describe(_ packet: ProbePacket) -> String {
    let target =
      packet.destination == Probes.public4 || packet.destination == Probes.public6
      ? "any public address" : "\(packet.destination)"
    if packet.transport == .icmp { return "a ping to \(target)" }
    let name = packet.destinationPort == 53 ? "DNS" : packet.destinationPort == 853 ? "encrypted DNS" : "traffic"
    return "\(name) to \(target) (\(packet.transport.rawValue) port \(packet.destinationPort))"
  }
}

extension Ruleset {
  /// Whether without this rule the packet would be refused.
  func hasRefusal(after rule: FilterRule, of packet: ProbePacket) -> Bool {
    var without = self
    for name in chains.keys { without[name.family, name.table, name.chain]?.rules.removeAll { $0 == rule } }
    return !without.fate(of: packet).isLetOut
  }
}
