import Policy
import Wire

/// Remembers what flows are by their first packets, if the later packets do not show it (`LabelRule.namesFlow`).
///
/// Bounded: beyond `RecentFlows.limit` flows the oldest is forgotten, and its packets are named one by one again.
struct FlowNames: Sendable {
  private struct Name: Sendable {
    /// Its place among the rules, in the order of matching; nil if the flow has ended.
    var rule: Int?
    var seen: Timestamp
  }

  private var names = RecentFlows<Name>()

  /// After this silence the ports may belong to another program: NAT keeps UDP no longer (RFC 4787 section 4.3).
  private static var silence: Elapsed { .seconds(300) }

  func knows(_ key: RecentFlowKey) -> Bool { names.position(of: key) != nil }

  /// The flow's rule, if the packet itself matches no rule or only a later one. `namesFlow`: whether `own` names its
  /// flow, too.
  mutating func rule(
    _ packet: DecodedPacket, own: Int?, namesFlow: Bool, interface: Int, at moment: Timestamp
  ) -> Int? {
    guard packet.protocolNumber == .tcp || packet.protocolNumber == .udp, packet.fragment != .later,
      let flow = FlowKey(packet)
    else { return nil }
    let key = RecentFlowKey(interface: interface, flow: flow)
    if namesFlow {
      names.insert(Name(rule: own, seen: moment), key)
      return nil
    }
    guard let position = names.position(of: key), let rule = names[position].rule else { return nil }
    let begins = packet.protocolNumber == .tcp && packet.flagsOrType & 0x02 != 0
    guard !begins, (moment - names[position].seen).isWithin(Self.silence) else {
      names[position].rule = nil
      return nil
    }
    names[position].seen = moment
    return own.map { rule < $0 } ?? true ? rule : nil
  }
}
