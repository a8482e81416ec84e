import Policy
import PolicyFiles
import TextFiles
import Wire

/// What gets past a kill switch that otherwise holds.
extension StackJudge {
  /// `place` is used for what no rule causes.
  mutating func judgeExceptions(_ life: Lifecycle, _ openings: StateOpenings, of place: SourcePlace) {
    for moment in [StateOpenings.Moment.down, .afterScripts, .served, .up] {
      guard let namespace = life[moment] else { continue }
      for family in IPFamily.allCases {
        guard let state = openings[moment, family], !state.isOpenAtLarge else { continue }
        for open in state.exceptions { judge(open, state, namespace, moment, of: place) }
      }
    }
    for (config, _) in life.order where config.isClient {
      for resolver in config.resolvers.map(\.value) { judgeRoute(to: resolver, life, openings) }
    }
  }

  private static var mostTold: Int { 64 }

  private mutating func judge(
    _ open: Openings.Opening, _ state: Openings, _ namespace: NetworkNamespace, _ moment: StateOpenings.Moment,
    of place: SourcePlace
  ) {
    let packets = [LetOut(moment: moment, family: state.context.family, region: open.possible)]
    if open.isHeldByRoutes, let routes = namespace.policy.place(state.context.family) {
      if let told = report.findings.firstIndex(where: { $0.fault == .mayBeOpen && $0.place == routes }) {
        report.findings[told].letsOut += packets
        return
      }
      return add(
        .mayBeOpen, .medium, at: routes,
        "\(Telling(state, open).what) may leave: no route leads there, but that does not stop a program that is bound to an "
          + "interface", lettingOut: packets)
    }
    let fault = open.fault
    let rulePlace = open.rule?.place ?? state.refusal ?? place
    // A line is reported once, whatever states it affects. One that lets out traffic to the outside is one fault,
    // whatever else it lets out.
    let told = report.findings.firstIndex {
      $0.place == rulePlace && ($0.fault == fault || $0.fault == .ruleLetsOut && !open.isOfOldFlows)
    }
    if let told {
      report.findings[told].letsOut += packets
      return
    }
    // Only the first of very many lines are described in words; the others are counted.
    if let rule = open.rule,
      report.findings.count(where: { $0.fault == .mayBeOpen || $0.fault == fault }) >= Self.mostTold
    {
      let told = report.findings.firstIndex {
        $0.place == rulePlace && ($0.fault == .mayBeOpen || $0.fault == fault)
      }
      if let told {
        report.findings[told].letsOut += packets
        return
      }
      return add(
        open.sure.isEmpty ? .mayBeOpen : fault, open.severity, at: rulePlace, "'\(rule.text)' lets out more",
        lettingOut: packets)
    }
    let telling = Telling(state, open)
    if open.sure.isEmpty, !open.isOfOldFlows, let doubt = namespace.ruleset.doubt(about: open, state.context) {
      if let told = report.findings.firstIndex(where: { $0.fault == .mayBeOpen && $0.place == doubt.place }) {
        report.findings[told].letsOut += packets
        return
      }
      return add(
        .mayBeOpen, open.severity, at: doubt.place,
        "\(telling.what) may leave: it depends on \(doubt.text)\(telling.example)", lettingOut: packets)
    }
    let does = open.rule.map { "'\($0.text)' lets out" } ?? "no rule refuses"
    add(fault, open.severity, at: rulePlace, "\(does) \(telling.what)\(telling.example)", lettingOut: packets)
  }

  private mutating func judgeRoute(to resolver: IPAddress, _ life: Lifecycle, _ openings: StateOpenings) {
    let accepted = report.findings.contains { $0.fault == .tunnelResolverAccepted }
    guard accepted, let route = life.up.routes.first(where: { $0.prefix.length > 0 && $0.prefix.contains(resolver) })
    else { return }
    add(
      .tunnelResolverRouted, .critical, at: route.place,
      "the route to \(route.prefix) covers \(resolver), the tunnel's resolver, even while the tunnel is up",
      lettingOut: openings.letOut([.up], [resolver.isIPv4 ? .ipv4 : .ipv6], .resolver))
  }
}

extension HeaderPacket {
  /// `UDP from port 6881 to 198.51.100.77, port 443`
  var text: String {
    let names: [UInt8: String] = [1: "ICMP", 6: "TCP", 17: "UDP", 58: "ICMPv6"]
    let name = names[protocolNumber] ?? "protocol \(protocolNumber)"
    guard ProtocolSet.withPorts.contains(protocolNumber) else { return "\(name) to \(destination)" }
    let from = sourcePort == 40000 ? "" : " from port \(sourcePort)"
    return "\(name)\(from) to \(destination), port \(destinationPort)"
  }
}

extension Openings.Opening {
  var fault: StackFault {
    if isOfOldFlows { return .establishedAccepted }
    switch kind {
    case .endpointBypass: return .endpointAccepted
    case .tunnelAddress: return .tunnelAddressAccepted
    case .resolver: return .tunnelResolverAccepted
    case .localDNS: return .lanDNSAccepted
    case .internet: return .ruleLetsOut
    }
  }

  /// The severity that `replay` would give the worst of the packets.
  var severity: Severity {
    if isOfOldFlows { return .medium }
    switch kind {
    case .endpointBypass: return LeakReason.endpointBypass.severity
    case .tunnelAddress: return LeakReason.tunnelAddress.severity
    case .resolver: return LeakReason.tunnelDestination.severity
    case .localDNS: return LeakReason.dns.severity
    case .internet: return possible.carriesNames ? LeakReason.dns.severity : LeakReason.other.severity
    }
  }
}

extension HeaderRegion {
  /// Whether one of its packets can reveal a name: of DNS, TLS, QUIC or HTTP, which use TCP on any port and UDP on
  /// these.
  fileprivate var carriesNames: Bool {
    boxes.contains { box in
      box.protocols.contains(6)
        || box.protocols.contains(17) && [53, 443, 853].contains { box.destinationPort.contains($0) }
    }
  }
}

extension Ruleset {
  /// The condition that decides whether packets leave that may leave.
  func doubt(about open: Openings.Opening, _ context: HeaderContext) -> (place: SourcePlace, text: String)? {
    let rules = chains.filter { $0.key.family == context.family }.sorted { $0.key < $1.key }.flatMap(\.value.rules)
    for rule in rules {
      let chance = rule.matches.first { match in
        if case .some = match.test { true } else { false }
      }
      guard chance != nil || !rule.isCertain, let space = try? rule.space(context, sawConntrack: true),
        let common = try? space.possible.intersection(open.possible), !common.isEmpty
      else { continue }
      let text = chance.map { "'\($0.text)' in '\(rule.text)'" } ?? "whether '\(rule.text)' is run"
      return (rule.place, text)
    }
    let uncertain = chains.first { $0.key.family == context.family && !$0.value.isDefaultCertain }
    guard let place = uncertain?.value.defaultPlace else { return nil }
    return (place, "whether this is run")
  }
}
