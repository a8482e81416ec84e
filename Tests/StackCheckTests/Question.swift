import Wire

@testable import StackCheck

/// A packet that a rule set is tested with.
struct Question {
  var destination: String
  var source = "172.18.1.2"
  var transport: UInt8 = 6
  var port: UInt16 = 0
  var interface = "eth0"
  var mark: UInt32 = 0
  var state = ConnectionStates.new
}

extension Ruleset {
  /// Whether the packet may get out.
  func letsOut(_ question: Question) -> Bool { group(question) != nil }

  /// The rule that accepted it last.
  func acceptingRule(_ question: Question) -> FilterRule? { group(question)?.rule }

  private func group(_ question: Question) -> RulesetWalk.PacketGroup? {
    let destination = IPAddress(question.destination)!
    let family: IPFamily = destination.isIPv4 ? .ipv4 : .ipv6
    do {
      let context = try HeaderContext(
        family, interfaces: ["lo", "eth0", "wg0"], marks: [question.mark], changes: markChanges(family),
        hasUnknownMark: setsUnknownMarks(family))
      let packet = HeaderPacket(
        destination: destination, source: IPAddress(family == .ipv4 ? question.source : "fd00:1::2")!,
        protocolNumber: question.transport, destinationPort: question.port, sourcePort: 40000,
        outInterface: context.interfaces.firstIndex(of: question.interface)!,
        mark: context.marks.firstIndex(of: question.mark)!, state: question.state)
      var start = context.everything
      start.marks = 1 << UInt64(packet.mark)
      start.inInterfaces = 1
      var walk = RulesetWalk(self, context)
      return try walk.passing(HeaderRegion(start), Self.ownWay).first { $0.possible.contains(packet) }
    } catch {
      fatalError("these rules are small")
    }
  }
}
