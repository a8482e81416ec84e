import Policy
import Wire

extension Auditor {
  /// Sums up. The counters must add up, or the summary itself would be wrong.
  public func summary(_ rules: ConclusionRules) -> AuditSummary {
    let positions = presumed
    let presumed = positions.map { classifier.candidates.list[$0] }
    let unproven =
      classifier.candidates.list.indices.filter { position in
        !classifier.candidates.list[position].isSettled && !positions.contains(position)
      }.map { classifier.candidates.list[$0] } + waitingJunk
    var interfaces = interfacesWithPending(unproven, presumed)
    if let moment = rules.moment {
      for interface in interfaces.indices { interfaces[interface].sight?.end(at: moment) }
    }
    let counts = interfaces.reduce(ClassCounts()) { $0 + $1.counts }
    let ranked =
      (origins.nicGateways.resolve(leaks.findings.withPackets) + unproven.flatMap { $0.pending.map(\.finding) })
      .sorted {
        left, right in
        (right.severity, right.count.frames, left.time.first) < (left.severity, left.count.frames, right.time.first)
      }
    let knowsPackets =
      !ranked.contains(where: \.mayBeElsewhere) || ranked.allSatisfy { $0.key.interface == ranked[0].key.interface }
    let failing = ranked.filter { $0.severity >= rules.failOn && rules.scope.holds($0.key.origin) }
      .reduce(0) { $0 + $1.count.frames }
    var windows = unproven.reduce(leaks.windows) { $0 + $1.windows }
    if let last = tunnelMoment.lastPacket { windows.settle(last) }
    var gaps = doubts(of: presumed) + openVPNDoubts + rules.gaps + missing(counts, interfaces, unproven, rules)
    if counts.total.frames != frames {
      gaps.append(
        Gap(
          "the counters do not add up: \(frames) frames read, \(counts.total.frames) counted", .absent,
          do: "report this as a bug in leakaudit, with the capture if you can"))
    }
    return AuditSummary(
      conclusion: failing > 0 ? .leaks : gaps.isEmpty ? .clean : .incomplete,
      counts: counts,
      interfaces: interfaces,
      missedMessages: interfaces.indices.map { counters.missed(interface: $0) },
      claimedMessages: interfaces.indices.map { counters.certainlyMissed(interface: $0) },
      findings: ranked,
      failingLeaks: failing,
      tunnelPackets: presumed.isEmpty && unproven.isEmpty ? tunnelPackets(of: counts[.tunnel]) : nil,
      localPackets: packets(.local, .local),
      allowedPackets: packets(.allowed, .allowed),
      leakPackets: knowsPackets ? ranked.reduce(0) { $0 + $1.packets } : nil,
      failOn: rules.failOn,
      scope: rules.scope,
      windows: windows,
      timeline: notes.timeline,
      traffic: presumed.reduce(unproven.reduce(collectedTraffic) { $0 + $1.traffic }) {
        $0 + $1.traffic.moved(from: .leak, to: .tunnel)
      },
      capture: rules.capture,
      controls: controlOutcomes,
      tunnels: zip(policy.endpoints, classifier.tunnels).map { AuditSummary.Tunnel(endpoint: $0, tally: $1.tally) }
        + presumed.map {
          AuditSummary.Tunnel(
            endpoint: Stated(
              TunnelEndpoint($0.endpoint, source: .inferred), origin: "presumed from frame \($0.frame) on"),
            tally: $0.ownTally)
        }
        + unproven.filter { $0.initiations.sent.frames > 0 }.map {
          let end = $0.tally.heardTime == nil ? "which was not answered" : "beside another Endpoint"
          return AuditSummary.Tunnel(
            endpoint: Stated(
              TunnelEndpoint($0.endpoint, source: .inferred), origin: "the handshake in frame \($0.frame), \(end)"),
            tally: $0.initiations)
        },
      served: ledger.served,
      local: LocalKind.allCases.map { ($0, ledger.local[Int($0.rawValue)]) }.filter { $0.1.frames > 0 },
      undeclared: ledger.undeclared.list.sorted {
        ($1.count.frames, $0.prefix.address) < ($0.count.frames, $1.prefix.address)
      },
      undeclaredOthers: ledger.undeclared.others,
      allowed: allowed,
      notices: notices(counts, knowsPackets: knowsPackets) + rules.notices,
      gaps: gaps,
      policy: policy,
      isPolicyInferred: rules.isPolicyInferred,
      host: rules.host,
      files: rules.files)
  }

  /// The tallies, with the leaks of candidates that no handshake has proven, and with what is presumed to be the
  /// tunnel's.
  private func interfacesWithPending(
    _ unproven: [EndpointCandidates.Candidate], _ presumed: [EndpointCandidates.Candidate]
  ) -> [InterfaceTally] {
    var interfaces = interfaces
    for pending in presumed.flatMap(\.pending) {
      interfaces[pending.interface].add(.tunnel, pending.finding.count, over: pending.time)
    }
    for pending in unproven.flatMap(\.pending) {
      interfaces[pending.interface].add(.leak, pending.finding.count, over: pending.time)
    }
    return interfaces
  }

  /// The packets that went into tunnels, each counted once: known if each of these frames is one message, and no
  /// interface missed one.
  private func tunnelPackets(of sent: Count) -> Int? {
    let data = counters.messages
    var handshakes = SeenMessages()
    for tunnel in classifier.tunnels { handshakes.add(tunnel.session.handshakes) }
    func frames(_ kinds: TunnelKind...) -> Int {
      classifier.tunnels.reduce(0) { sum, tunnel in kinds.reduce(sum) { $0 + tunnel.tally[$1].frames } }
    }
    let (dataFrames, handshakeFrames) = (frames(.data, .keepalive), frames(.initiation, .response))
    guard data.isWhole, handshakes.isWhole, data.seen == UInt64(dataFrames),
      handshakes.seen == UInt64(handshakeFrames), dataFrames + handshakeFrames == sent.frames
    else { return nil }
    return Int(clamping: data.distinct.addingSaturating(handshakes.distinct))
  }

  /// The packets of a class, each counted once; nil if it is not certain which frames are the same packets.
  private func packets(_ verdictClass: VerdictClass, _ kind: CrossingFlows.Kind) -> Int? {
    let frames = interfaces.reduce(0) { $0 + $1.counts[verdictClass].frames }
    guard interfaces.count(where: { $0.counts[verdictClass].frames > 0 }) > 1 else { return frames }
    return crossingSoFar.shared(kind).map { frames - $0 }
  }

  private var collectedTraffic: Traffic {
    var collected = ledger.traffic
    collected.collect()
    return collected
  }

  private var allowed: [AuditSummary.Allowed] {
    let rules = zip(policy.allowRules, ledger.rules).map { rule, count in
      AuditSummary.Allowed(name: rule.id, reason: rule.reason, origin: rule.origin, count: count)
    }
    let resolvers = zip(policy.resolvers, ledger.resolvers).map { resolver, count in
      AuditSummary.Allowed(
        name: "resolver:\(resolver.value)", reason: "DNS to a resolver of the policy", origin: resolver.origin,
        count: count)
    }
    let own = AuditSummary.Allowed(
      name: AuditSummary.Allowed.controlName, reason: "the audit's own, which shows that the interface is seen",
      origin: "--control", count: ledger.control)
    return (rules + resolvers + [own]).filter { $0.count.frames > 0 }
  }
}
