import Policy
import Wire

/// What flows are by their first packets, where those that follow show nothing of it (`LabelRule.namesFlow`).
///
/// Bounded: of more than `RecentFlows.limit` flows the oldest is forgotten, and its packets are named one by one again.
struct FlowNames: Sendable {
  private struct Name: Sendable {
    /// Its place among the rules, in the order of asking; nil where the flow has ended.
    var rule: Int?
    var seen: Timestamp
  }

  private var names = RecentFlows<Name>()

  /// After so long a silence the ports may be another program's: NAT keeps UDP as long at most (RFC 4787 section 4.3).
  private static var silence: Elapsed { .seconds(300) }

  func knows(_ key: RecentFlowKey) -> Bool { names.position(of: key) != nil }

  /// The flow's rule where the packet's own is asked after it, or where it has none. `own` names its flow too, or not.
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
