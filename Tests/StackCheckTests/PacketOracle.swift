import Wire

@testable import StackCheck

/// The fate of one packet, found the slow and simple way: rule by rule, and if something may go either way,
/// both ways.
struct PacketOracle {
  let ruleset: Ruleset
  let context: HeaderContext

  enum Fate: Hashable { case passes, refused }
  private enum End: Hashable {
    case accepted(HeaderPacket)
    case refused
    case fell(HeaderPacket)
  }

  func fates(of packet: HeaderPacket, _ way: [Ruleset.Hook.Stage] = Ruleset.ownWay) -> Set<Fate> {
    var alive: Set<HeaderPacket> = [packet]
    var fates: Set<Fate> = []
    for stage in way {
      let base = ruleset.chains.filter { $0.key.family == context.family && $0.value.hook?.stage == stage }
        .sorted { $0.value.hook!.priority < $1.value.hook!.priority }
      for (name, chain) in base {
        var next: Set<HeaderPacket> = []
        for packet in alive {
          if chain.hook!.isNAT, packet.state != .new {
            next.insert(packet)
            if packet.state != .related { continue }
          }
          for end in ends(packet, name, 0, chain.hook!) {
            switch end {
            case .accepted(let packet): next.insert(packet)
            case .refused: fates.insert(.refused)
            case .fell(let packet):
              if chain.refusesByDefault { fates.insert(.refused) } else { next.insert(packet) }
              if !chain.isDefaultCertain { fates.insert(.refused) }
            }
          }
        }
        alive = next
      }
    }
    if !alive.isEmpty { fates.insert(.passes) }
    return fates
  }

  private func ends(_ packet: HeaderPacket, _ name: Ruleset.ChainName, _ first: Int, _ hook: Ruleset.Hook) -> Set<End> {
    guard let rules = ruleset.chains[name]?.rules, first < rules.count else { return [.fell(packet)] }
    let rule = rules[first]
    let answer = holds(rule, packet, hook)
    var ends: Set<End> = []
    if answer != true { ends.formUnion(self.ends(packet, name, first + 1, hook)) }
    guard answer != false else { return ends }
    switch rule.action {
    case .accept: ends.insert(.accepted(packet))
    case .refuse: ends.insert(.refused)
    case .leaveChain: ends.insert(.fell(packet))
    case .goOn: ends.formUnion(self.ends(packet, name, first + 1, hook))
    case .change: fatalError("not asked")
    case .jump(let target), .goTo(let target):
      for end in self.ends(packet, name.sibling(target), 0, hook) {
        guard case .fell(let packet) = end, case .jump = rule.action else {
          ends.insert(end)
          continue
        }
        ends.formUnion(self.ends(packet, name, first + 1, hook))
      }
    }
    return ends
  }

  /// Nil for either.
  private func holds(_ rule: FilterRule, _ packet: HeaderPacket, _ hook: Ruleset.Hook) -> Bool? {
    var result: Bool? = rule.isCertain ? true : nil
    for match in rule.matches {
      guard let answer = holds(match, packet, hook) else {
        result = nil
        continue
      }
      if !answer { return false }
    }
    // A later condition that does not hold decides, whatever came before it.
    return result
  }

  private func holds(_ match: RuleMatch, _ packet: HeaderPacket, _ hook: Ruleset.Hook) -> Bool? {
    let hasPorts = [6, 17, 33, 132, 136].contains(packet.protocolNumber)
    let isICMP = packet.protocolNumber == (context.family == .ipv4 ? 1 : 58)
    let holds: Bool
    switch match.test {
    case .outInterface(let names):
      holds = names.contains { RuleMatch.matches($0, context.interfaces[packet.outInterface]) }
    case .inInterface(let names):
      holds = names.contains { RuleMatch.matches($0, context.interfaces[packet.inInterface]) }
    case .source(let ranges): holds = ranges.contains { $0.contains(packet.source) }
    case .destination(let ranges): holds = ranges.contains { $0.contains(packet.destination) }
    case .transport(let numbers): holds = numbers.contains(packet.protocolNumber)
    case .destinationPorts(let ranges):
      guard hasPorts else { return false }
      holds = ranges.contains { $0.contains(packet.destinationPort) }
    case .sourcePorts(let ranges):
      guard hasPorts else { return false }
      holds = ranges.contains { $0.contains(packet.sourcePort) }
    case .ports(let ranges):
      guard hasPorts else { return false }
      holds = ranges.contains { $0.contains(packet.sourcePort) || $0.contains(packet.destinationPort) }
    case .icmp(let ranges):
      guard isICMP else { return false }
      holds = ranges.contains { $0.contains(packet.icmp) }
    case .mark(let value, let mask): holds = context.marks[packet.mark] & mask == value
    case .connectionState(let names):
      let isEarly = hook.priority < -200 && [.output, .prerouting].contains(hook.stage)
      let state = isEarly ? .invalid : packet.state
      holds = ConnectionStates.names.contains { $0.state == state && names.contains($0.name) }
    case .destinationType(let types):
      // For IPv6, addrtype tests the form of the address, even of own ones.
      let isOwn6 = !packet.destination.isIPv4 && packet.kind == .own
      holds = types.contains(type(of: packet)) || isOwn6 && types == ["UNICAST"]
    case .routeType(let types): holds = types.contains(type(of: packet))
    case .some: return nil
    case .unreadable: return nil
    }
    return holds != match.isNegated
  }

  private func type(of packet: HeaderPacket) -> String {
    if packet.destination.isIPv4 {
      let number = packet.destination.low
      if number == 0xFFFF_FFFF || number >> 24 == 0 { return "BROADCAST" }
      if number >> 28 == 14 { return "MULTICAST" }
    } else if packet.destination.high >> 56 == 0xFF {
      return "MULTICAST"
    }
    switch packet.kind {
    case .own: return "LOCAL"
    case .broadcast: return "BROADCAST"
    default: return "UNICAST"
    }
  }
}
