import Policy
import PolicyFiles
import TextFiles
import Wire

/// Whether the rules hold, in each state that the stack goes through.
extension StackJudge {
  mutating func judgeKillSwitch(
    _ life: Lifecycle, _ openings: StateOpenings, of place: SourcePlace, scripts: [String], mayHaveIPv6: Bool = true
  ) {
    if openings.isTooLarge { passOverRules(at: scripts.first.map { SourcePlace($0) } ?? place) }
    let isClosed = openings.isClosed
    for refused in life.refusedCommands {
      add(
        .ruleRefused, isClosed ? .medium : .high, at: refused.place, "'\(refused.text)': \(refused.reason)",
        lettingOut: openings.letOut())
    }
    // No finding may rest on rules that may be incomplete.
    guard !life.hidesRules, !openings.isTooLarge else { return }
    if !isClosed { judgeOpen(life, openings, of: place, scripts: scripts) }
    judgeInterruptions(life)
    for deletion in life.deletions
    where !report.findings.contains(where: {
      $0.fault == .preDownDeletesScriptRule && $0.place == deletion.place
    }) {
      let opens = IPFamily.allCases.contains { openings.isOpenAtLarge(.down, $0) }
      add(
        .preDownDeletesScriptRule, opens ? .high : .medium, at: deletion.place,
        "it deletes the rule from \(deletion.rule.place)"
          + (opens ? ", and nothing refuses packets after it" : "; others still refuse"),
        lettingOut: openings.letOut([.down]))
    }
    // The state in which the kill switch has to hold: always, or, if the tunnel's hooks make it, while the tunnel is
    // up.
    let judged: StateOpenings.Moment = isClosed ? .down : .up
    if !openings.isOpenAtLarge(judged, .ipv4) {
      judgeIPv6(openings, judged, of: scripts.first.map { SourcePlace($0) } ?? place, mayHaveIPv6)
    }
    judgeExceptions(life, openings, of: scripts.first.map { SourcePlace($0) } ?? place)
    judgeMark(life)
  }

  /// Records that nothing is said about the rules, so that the result is not clean.
  mutating func passOverRules(at place: SourcePlace) {
    guard !report.skipped.contains(where: { $0.reason == Self.tooLarge }) else { return }
    report.skipped.append(SkippedCommand(place: place, text: "", reason: Self.tooLarge))
  }

  static let tooLarge = "the rules fall into more cases than are worked out: what they let out is not known"

  /// Finds the reason why IPv4 gets out in some state.
  private mutating func judgeOpen(
    _ life: Lifecycle, _ openings: StateOpenings, of place: SourcePlace, scripts: [String]
  ) {
    let isOpenUp = openings.isOpenAtLarge(.up, .ipv4)
    if openings.isOpenAtLarge(.afterScripts, .ipv4), !isOpenUp {
      let hook = life.hook([.postUp, .preUp])
      add(
        .killSwitchInPostUp, .high, at: hook?.place ?? place,
        "nothing refuses packets before \(hook?.name ?? "it") has run: not while the container starts, and never if wg-quick fails",
        lettingOut: openings.letOut([.afterScripts, .served]))
    }
    if !isOpenUp, openings.isOpenAtLarge(.down, .ipv4), life.deletions.isEmpty {
      let hook = life.hook([.preDown, .postDown])
      add(
        .preDownRemovesKillSwitch, .high, at: hook?.place ?? place,
        "after \(hook?.name ?? "it") nothing refuses packets, and consumers keep running",
        lettingOut: openings.letOut([.down]))
    }
    guard isOpenUp, let up = openings[.up, .ipv4], let open = up.atLarge.first else { return }
    if judgeUnusedChains(life.up.ruleset, .ipv4, openings) { return }
    let all = openings.letOut()
    let told = Telling(up, open)
    if open.sure.isEmpty, let reason = life.up.ruleset.doubt(about: open, up.context) {
      return add(
        .mayBeOpen, .high, at: reason.place, "\(told.what) may leave: it depends on \(reason.text)\(told.example)",
        lettingOut: all)
    }
    if let rule = open.rule, !open.isUnrefused {
      return add(
        .rejectUnreachable, .high, at: rule.place,
        "'\(rule.text)' lets out \(told.what) before a later rule could refuse it",
        lettingOut: all)
    }
    if let rule = open.rule {
      return add(.noKillSwitch, .high, at: rule.place, "'\(rule.text)' lets out \(told.what)", lettingOut: all)
    }
    add(
      .noKillSwitch, .high, at: scripts.first.map { SourcePlace($0) } ?? place,
      up.refusesAbroad
        ? "no rule refuses \(told.what), although others are refused\(told.example)"
        : "no rule refuses packets that leave by another interface than the tunnel's",
      lettingOut: all)
  }

  /// Reports chains that would refuse, but that nothing jumps to.
  private mutating func judgeUnusedChains(_ ruleset: Ruleset, _ family: IPFamily, _ openings: StateOpenings) -> Bool {
    let reachable = ruleset.reachableChains(family)
    var found = false
    for (name, chain) in ruleset.chains where name.family == family && !reachable.contains(name) {
      guard chain.hook == nil, let rule = chain.rules.first(where: { $0.action == .refuse }) else { continue }
      found = true
      add(
        .chainUnused, .high, at: rule.place, "nothing jumps from OUTPUT to the chain '\(name.chain)' of this rule",
        lettingOut: openings.letOut())
    }
    return found
  }

  /// Reports where a script under set -e may end while packets still get out.
  private mutating func judgeInterruptions(_ life: Lifecycle) {
    let facts = life.facts
    for family in IPFamily.allCases {
      var isTooLarge = false
      func isOpen(_ namespace: NetworkNamespace) -> Bool {
        guard family == .ipv4 || namespace.ipv6Disabled == nil else { return false }
        guard let openings = try? namespace.openings(family, facts) else {
          isTooLarge = true
          return false
        }
        return openings.isOpenAtLarge
      }
      guard !isOpen(life.afterScripts) else { continue }
      for isWait in [false, true] {
        var moments = life.possibleEnds.filter { $0.isWait == isWait }
        // What a hook leaves open at its end is a fault of its own.
        if !isOpen(life.up), !isOpen(life.down) { moments += life.hookEnds.filter { $0.isWait == isWait } }
        let fault: StackFault = isWait ? .waitsBeforeKillSwitch : .errexitBeforeKillSwitch
        guard !report.findings.contains(where: { $0.fault == fault }) else { continue }
        if let moment = moments.first(where: { !isTooLarge && isOpen($0.namespace) }) {
          tell(moment, fault, family, life)
        }
      }
      if isTooLarge, let place = (life.possibleEnds + life.hookEnds).first?.place { passOverRules(at: place) }
    }
  }

  private mutating func tell(
    _ moment: ScriptHost.PossibleEnd, _ fault: StackFault, _ family: IPFamily, _ life: Lifecycle
  ) {
    /// The packets that get out with these tunnels.
    func found(_ tunnels: [NetworkNamespace.Tunnel]) -> [LetOut] {
      var namespace = moment.namespace
      namespace.tunnels = tunnels
      return IPFamily.allCases.flatMap { family -> [LetOut] in
        guard family == .ipv4 || namespace.ipv6Disabled == nil else { return [] }
        let openings = try? namespace.openings(family, life.facts)
        return openings?.found.map { LetOut(moment: nil, family: family, region: $0.possible) } ?? []
      }
    }
    if moment.isWait {
      let isShort = moment.command.hasPrefix("sleep ") && !moment.command.hasSuffix("infinity")
      return add(
        fault, isShort ? .medium : .high, at: moment.place,
        "while the script waits here ('\(moment.command)'), \(family.rawValue) is open",
        lettingOut: found(moment.namespace.tunnels))
    }
    // It never goes on after that: what is open then stays open, also when there is a tunnel.
    let whole = found(life.up.tunnels)
    let lasting = StateOpenings.Moment.allCases.flatMap { state in
      whole.map { LetOut(moment: state, family: $0.family, region: $0.region) }
    }
    add(
      fault, .high, at: moment.place,
      ["exit", "return", "$", "set -n"].contains(where: moment.command.hasPrefix)
        ? "the script may end here ('\(moment.command)'), and \(family.rawValue) is open then"
        : "if '\(moment.command)' fails, the script ends here, and \(family.rawValue) is open",
      lettingOut: found(moment.namespace.tunnels) + lasting)
  }

  private mutating func judgeIPv6(
    _ openings: StateOpenings, _ moment: StateOpenings.Moment, of place: SourcePlace, _ mayHaveIPv6: Bool
  ) {
    guard let open = openings[moment, .ipv6]?.atLarge.first else { return }
    let place = openings[moment, .ipv4]?.refusal ?? place
    let message =
      open.rule.map { "'\($0.text)' lets IPv6 out" }
      ?? "this refuses IPv4; no rule of ip6tables refuses IPv6, and nothing turns it off"
    add(
      .ipv6Open, mayHaveIPv6 ? .high : .low, at: open.rule?.place ?? place,
      message + (mayHaveIPv6 ? "" : "; the project's networks have no IPv6 now"),
      lettingOut: openings.letOut(StateOpenings.Moment.allCases, [.ipv6]))
  }

  /// Judges whether the tunnel's own packets get out.
  private mutating func judgeMark(_ life: Lifecycle) {
    for tunnel in life.up.tunnels {
      for peer in tunnel.config.peers where peer.statesEndpoint {
        var endpoint: Endpoint?
        if case .address(let stated)? = peer.endpoint?.value { endpoint = stated }
        guard let rule = life.up.ruleset.refusal(ofTunnel: tunnel, to: endpoint, life.facts) else { continue }
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
}

extension Lifecycle {
  /// The first hook of these moments, with its key.
  fileprivate func hook(_ moments: Set<WireGuardConfig.Hook.Moment>) -> (name: String, place: SourcePlace)? {
    order.lazy.flatMap { entry in
      entry.config.hooks.filter { moments.contains($0.value.moment) }
        .map { ($0.value.moment.rawValue, SourcePlace(entry.config.fileName, line: $0.line)) }
    }.first
  }
}

extension Ruleset {
  /// The rule that refuses everything that a tunnel sends to its Endpoint; to any address, if the Endpoint is not
  /// known.
  fileprivate func refusal(
    ofTunnel tunnel: NetworkNamespace.Tunnel, to endpoint: Endpoint?, _ facts: LeakSpace.Facts
  ) -> FilterRule? {
    let family: IPFamily = endpoint?.address.isIPv4 == false ? .ipv6 : .ipv4
    guard
      let context = try? HeaderContext(
        family, interfaces: ["lo", tunnel.interface] + facts.networks, marks: [tunnel.mark],
        changes: markChanges(family), hasUnknownMark: setsUnknownMarks(family))
    else { return nil }
    var packets = context.everything
    packets.outInterfaces = context.interfaces { facts.networks.contains($0) }
    packets.inInterfaces = context.interfaces(where: \.isEmpty)
    packets.marks = context.marks { $0 == tunnel.mark }
    packets.protocols = ProtocolSet([17])
    packets.states = .new
    packets.kinds = .ordinary
    if let endpoint {
      packets.destination = endpoint.address.number...endpoint.address.number
      packets.destinationPort = endpoint.port...endpoint.port
    }
    var walk = RulesetWalk(self, context)
    guard let groups = try? walk.passing(HeaderRegion(packets), Self.ownWay),
      groups.allSatisfy(\.possible.isEmpty)
    else { return nil }
    return walk.refusals.first?.rule
  }
}
